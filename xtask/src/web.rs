//! Fonts and styles: npm packages by lock file, of which the listed files are copied where the program looks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{command, output, run, step};

/// A copy of the lock file that `node_modules` was made from; kept inside it.
const STAMP: &str = "node_modules/.zhiheng-lock.json";

/// Where the fonts are that papers are printed with.
pub fn fonts_dir(root: &Path) -> PathBuf {
    root.join("web/fonts")
}

/// Installs the npm packages unless they are there, and brings `web/fonts` and `web/dist` up to date.
pub fn prepare(root: &Path) -> Result<()> {
    let web = root.join("web");
    install(&web)?;
    let fonts = copy_listed(&web, "fonts.txt", "fonts")?;
    let assets = copy_listed(&web, "assets.txt", "dist")?;
    step(&format!("web/fonts has {fonts} files, web/dist {assets}"));
    Ok(())
}

fn install(web: &Path) -> Result<()> {
    let lock = fs::read(web.join("package-lock.json")).context("web/package-lock.json")?;
    if fs::read(web.join(STAMP)).is_ok_and(|made_from| made_from == lock) {
        step("web/node_modules is up to date");
        return Ok(());
    }
    let node = version("node", web)?;
    let npm = version("npm", web)?;
    step(&format!(
        "npm ci in web/ (fonts and styles; node {node}, npm {npm})"
    ));
    // The packages are fonts and styles: nothing of theirs needs to be executed here.
    let args = [
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ];
    run(command("npm", web).args(args))
        .context("the npm packages could not be fetched; check `npm config get registry` and the network, then run this again")?;
    fs::write(web.join(STAMP), lock).context("web/node_modules")
}

fn version(program: &str, dir: &Path) -> Result<String> {
    let version = output(command(program, dir).arg("--version")).with_context(|| {
        format!("{program} is needed for fonts and styles; install Node.js 18 or newer with npm (Debian: apt-get install nodejs npm)")
    })?;
    Ok(version.trim().to_owned())
}

/// Copies the files that `list` names, flat, into `to`; removes from there what it does not name; gives their number.
fn copy_listed(web: &Path, list: &str, to: &str) -> Result<usize> {
    let text = fs::read_to_string(web.join(list)).with_context(|| format!("web/{list}"))?;
    let files = listed(&text).with_context(|| format!("web/{list}"))?;
    let to = web.join(to);
    fs::create_dir_all(&to)?;
    for entry in fs::read_dir(&to)? {
        let entry = entry?;
        if !files.contains_key(entry.file_name().to_string_lossy().as_ref()) {
            fs::remove_file(entry.path()).with_context(|| entry.path().display().to_string())?;
        }
    }
    for (name, path) in &files {
        let from = web.join("node_modules").join(path);
        copy_if_changed(&from, &to.join(name)).with_context(|| {
            format!("{path}, which web/{list} names, could not be copied from web/node_modules")
        })?;
    }
    Ok(files.len())
}

/// The lines of a list that are neither blank nor comments, by file name, which must differ.
fn listed(text: &str) -> Result<BTreeMap<&str, &str>> {
    let mut files = BTreeMap::new();
    for path in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let name = path.rsplit('/').next().unwrap_or(path);
        if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            bail!("{path} leaves node_modules");
        }
        if let Some(other) = files.insert(name, path) {
            bail!("{other} and {path} have the same file name");
        }
    }
    Ok(files)
}

fn copy_if_changed(from: &Path, to: &Path) -> Result<()> {
    let source = fs::metadata(from)?;
    let same = fs::metadata(to).is_ok_and(|target| {
        let newer = target.modified().ok() >= source.modified().ok();
        target.len() == source.len() && newer
    });
    if !same {
        fs::copy(from, to)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{copy_listed, listed};

    #[test]
    fn a_list_names_files_inside_node_modules_and_no_name_twice() {
        let check = |text, expect: Option<&[&str]>| {
            let names = listed(text)
                .ok()
                .map(|files| files.into_keys().collect::<Vec<_>>());
            assert_eq!(names.as_deref(), expect, "{text:?}");
        };
        check(
            "# fonts\n\n@a/b/One.ttf\n c/Two.ttf \n",
            Some(&["One.ttf", "Two.ttf"]),
        );
        check("a/One.ttf\nb/One.ttf\n", None);
        check("../secret\n", None);
        check("/etc/passwd\n", None);
    }

    #[test]
    fn what_the_list_no_longer_names_is_removed() {
        let web = std::env::temp_dir().join(format!("xtask-web-{}", std::process::id()));
        std::fs::create_dir_all(web.join("node_modules/p")).unwrap();
        std::fs::create_dir_all(web.join("dist")).unwrap();
        std::fs::write(web.join("node_modules/p/new.css"), "b{}").unwrap();
        std::fs::write(web.join("dist/old.css"), "a{}").unwrap();
        std::fs::write(web.join("assets.txt"), "p/new.css\n").unwrap();
        assert_eq!(copy_listed(&web, "assets.txt", "dist").unwrap(), 1);
        assert_eq!(
            std::fs::read_to_string(web.join("dist/new.css")).unwrap(),
            "b{}"
        );
        assert!(!web.join("dist/old.css").exists());
        std::fs::write(web.join("assets.txt"), "p/absent.css\n").unwrap();
        let error = format!("{:#}", copy_listed(&web, "assets.txt", "dist").unwrap_err());
        assert!(error.contains("p/absent.css"), "{error}");
        std::fs::remove_dir_all(web).unwrap();
    }
}
