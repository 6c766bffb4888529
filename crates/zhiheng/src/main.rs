//! 执衡: one binary for a bureau: serves the desk and the public pages, keeps and checks the records.
//!
//! This crate is wiring: arguments, configuration, jobs, the demo bureau and the replay. What the law decides
//! is in `law` and `casework`; what is written goes through `office`.

mod admin;
mod calendar;
mod cli;
mod clock;
mod demo;
mod driver;
mod http;
mod install;
mod laws;
mod metrics;
mod people;
mod public_lists;
mod publishing;
mod replay;
mod serve;
mod setup;
mod staffing;
mod table;
#[cfg(test)]
mod tamper;
mod tools;
mod verifying;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

/// What one thread makes and another lets go of, as every command is, costs the system's allocator much waiting.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code of a program whose reader went away, as shells have it.
const READER_GONE: i32 = 141;

/// `zhiheng … | head` is no fault of the program: it ends quietly when nobody reads on.
fn end_quietly_without_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        // The words of the standard library's `print!`, which knows no other way to fail.
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(READER_GONE);
        }
        usual(panic);
    }));
}

/// By these the allocator gives back at once what was let go of, also by a thread that has ended: the search index writes
/// by threads of its own, and some 40 MB would stay with a server that has nothing to do.
const GIVE_BACK: [(&str, &str); 3] = [
    ("MIMALLOC_PURGE_DELAY", "0"),
    ("MIMALLOC_ABANDONED_PAGE_PURGE", "1"),
    // What was taken as a whole from the system is not given back in parts.
    ("MIMALLOC_ARENA_EAGER_COMMIT", "0"),
];

/// Starts the same program again in its place, since the allocator reads its settings before anything else runs; what
/// somebody has set already stays.
fn give_memory_back() {
    #[cfg(unix)]
    {
        let mut unset = GIVE_BACK
            .iter()
            .filter(|(name, _)| std::env::var_os(name).is_none())
            .copied()
            .peekable();
        if unset.peek().is_some()
            && let Ok(program) = std::env::current_exe()
        {
            let mut again = std::process::Command::new(program);
            again.args(std::env::args_os().skip(1)).envs(unset);
            // It comes back only if it failed; then more memory is kept, and that is all.
            let _ = std::os::unix::process::CommandExt::exec(&mut again);
        }
    }
}

/// Memory that typesetting with a bureau's own template may take, in bytes; a paper of the built-in ones takes some 100 MB
/// with its fonts.
const PAPER_BYTES_MAX: u64 = 2 << 30;

/// `zhiheng paper-worker`: typesets for the server that started it, within bounds that the server itself does not have.
fn paper_worker() -> ExitCode {
    let bound = rustix::process::Rlimit {
        current: Some(PAPER_BYTES_MAX),
        maximum: Some(PAPER_BYTES_MAX),
    };
    if let Err(fault) = rustix::process::setrlimit(rustix::process::Resource::Data, bound) {
        eprintln!("不能限制排版占用的内存：{fault}");
        return ExitCode::FAILURE;
    }
    match papers::work_apart(std::io::stdin(), std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The program's own log: what `ZHIHENG_LOG` names (`warn` otherwise), a JSON object a line where `ZHIHENG_LOG_FORMAT` is
/// `json`. It tells routes, counts and faults, never names, numbers or words of a case.
fn log_to_standard_error() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZHIHENG_LOG")
        .unwrap_or_else(|_| "warn".into());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::env::var("ZHIHENG_LOG_FORMAT").is_ok_and(|format| format == "json") {
        log.json().init();
    } else {
        log.init();
    }
}

fn main() -> ExitCode {
    end_quietly_without_reader();
    // Whatever is made is for the bureau's own system user alone: databases, papers, evidence, backups.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let cli = Cli::parse();
    match cli.command {
        Command::Serve(_) => give_memory_back(),
        Command::PaperWorker => return paper_worker(),
        _ => {}
    }
    log_to_standard_error();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("不能启动：{error}");
            return ExitCode::from(2);
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let place = cli.place;
    match cli.command {
        Command::Serve(args) => serve::serve(&place, args).await,
        Command::Demo(args) => demo::demo(&place, args).await,
        Command::Setup(args) => setup::setup(&place, args).await,
        Command::People(args) => setup::people(&place, args).await,
        Command::Migrate => admin::migrate(&place).await,
        Command::Doctor => admin::doctor(&place).await,
        Command::Backup { to } => admin::backup(&place, &to).await,
        Command::Restore { from, checkpoint } => {
            admin::restore(&place, &from, checkpoint.as_deref()).await
        }
        Command::Move(args) => admin::move_to(&place, &args.to).await,
        Command::Rebuild => admin::rebuild(&place).await,
        Command::Verify(args) => verifying::verify(&place, args).await,
        Command::Replay(args) => replay::replay(&place, args).await,
        Command::Procedure(args) => tools::procedure(args),
        Command::Calendar(args) => calendar::calendar(&place, args).await,
        Command::Clock(args) => clock::clock(&place, args).await,
        Command::Law(args) => laws::laws(&place, args).await,
        Command::Id(args) => tools::id(args),
        // It needs neither runtime nor installation, and was taken before.
        Command::PaperWorker => Ok(ExitCode::SUCCESS),
    }
}
