//! `cargo xtask run`, `cargo xtask bench` and `cargo xtask sim`: build the product and start it.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::metadata::Metadata;
use crate::process::{cargo, clock, command, run as run_command, step};
use crate::{needs, web};

/// The profile of the root `Cargo.toml` that `run` builds with: quick to compile, still quick to use.
const PROFILE: &str = "fast";

/// Builds the program, makes the demo bureau in `./data` unless there is data, which it brings to the present schema, and
/// serves it until interrupted.
pub fn run(root: &Path, serve_args: &[String], started: Instant) -> Result<()> {
    step("step 1 of 4: fonts and styles");
    web::prepare(root)?;
    step("step 2 of 4: building zhiheng (the first time this takes minutes, later seconds)");
    run_command(&mut cargo(
        root,
        &["build", "--locked", "--profile", PROFILE, "-p", "zhiheng"],
    ))?;
    let program = Metadata::read(root)?
        .target_dir()
        .join(PROFILE)
        .join("zhiheng");
    step(
        "step 3 of 4: the demo bureau in ./data (kept if it is there, its database brought up to date)",
    );
    let demo = ["demo", "--data", "./data", "--fonts", "web/fonts"];
    run_command(command(&program, root).args(demo))?;
    // What an earlier build left there may be of an older schema; of the present one, this changes nothing.
    run_command(command(&program, root).args(["migrate", "--data", "./data"]))?;
    step(&format!(
        "step 4 of 4: serving, {} after the start; Ctrl-C ends it",
        clock(started)
    ));
    let mut serve = command(&program, root);
    serve.args(["serve", "--data", "./data"]).args(serve_args);
    serve.env("ZHIHENG_FONTS", web::fonts_dir(root));
    // Only returns if it could not be started: from here on signals go to the server itself.
    Err(serve.exec()).with_context(|| format!("could not start {}", program.display()))
}

/// Builds and runs the benchmarks; their tables go to standard output, all else to standard error.
pub fn bench(root: &Path, args: &[String]) -> Result<()> {
    web::prepare(root)?;
    step("building the benchmarks (release)");
    run_command(&mut cargo(
        root,
        &[
            "build",
            "--locked",
            "--release",
            "-p",
            "bench",
            "-p",
            "zhiheng",
        ],
    ))?;
    let program = Metadata::read(root)?.target_dir().join("release/bench");
    let mut bench = command(&program, root);
    run_command(bench.args(args).envs(needs::environment(root)))
}

/// Builds and runs the simulation; a line a seed, and of one that fails all that was done.
pub fn sim(root: &Path, args: &[String]) -> Result<()> {
    web::prepare(root)?;
    step("building the simulation");
    let build = ["build", "--locked", "--profile", PROFILE, "-p", "sim"];
    run_command(&mut cargo(root, &build))?;
    let folder = Metadata::read(root)?.target_dir().join(PROFILE);
    let mut sim = command(folder.join("sim"), root);
    run_command(sim.args(args).envs(needs::environment(root)))
}
