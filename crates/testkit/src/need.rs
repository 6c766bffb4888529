//! What a test needs from the machine, and what is said when it is not there.

use std::env;
use std::path::{Path, PathBuf};

/// Prints that a test is skipped for want of `component`; panics if `ZHIHENG_REQUIRE` names that component.
pub fn skipped(component: &str, why: &str) {
    let required = env::var("ZHIHENG_REQUIRE").unwrap_or_default();
    assert!(
        !is_required(&required, component),
        "{component} is required (ZHIHENG_REQUIRE={required}) and missing: {why}"
    );
    eprintln!("skipped: {component}: {why}");
}

/// The folder of fonts: `ZHIHENG_FONTS`, else `web/fonts` above the working folder; skipped when there is none.
#[must_use]
pub fn fonts() -> Option<PathBuf> {
    let named = env::var_os("ZHIHENG_FONTS").map(PathBuf::from);
    let found = named.or_else(|| {
        let here = env::current_dir().ok()?;
        here.ancestors()
            .map(|dir| dir.join("web/fonts"))
            .find(|dir| has_files(dir))
    });
    let found = found.filter(|dir| has_files(dir));
    if found.is_none() {
        skipped(
            "fonts",
            "no fonts in ZHIHENG_FONTS or web/fonts; run `cargo xtask test`",
        );
    }
    found
}

fn has_files(dir: &Path) -> bool {
    dir.read_dir()
        .is_ok_and(|mut entries| entries.next().is_some())
}

fn is_required(list: &str, component: &str) -> bool {
    list.split(',').any(|name| name.trim() == component)
}

#[cfg(test)]
mod tests {
    use super::is_required;

    #[test]
    fn a_component_is_required_only_by_its_whole_name() {
        let check = |list, component, expect| {
            assert_eq!(
                is_required(list, component),
                expect,
                "{component} in {list:?}"
            );
        };
        check("postgres,browser", "browser", true);
        check("postgres, browser", "browser", true);
        check("postgres", "browser", false);
        check("postgresql", "postgres", false);
        check("", "postgres", false);
    }
}
