//! The built-in templates on real fonts, loaded once for all tests of a program.

use std::sync::LazyLock;

use papers::{PaperError, Papers, builtin_templates};

/// Runs `test` with the built-in templates; skipped, and said so, where the set-up has not fetched the fonts.
pub fn with_papers(test: impl FnOnce(&Papers)) {
    static PAPERS: LazyLock<Option<Result<Papers, PaperError>>> =
        LazyLock::new(|| testkit::fonts().map(|dir| Papers::new(&dir, builtin_templates())));
    match &*PAPERS {
        Some(Ok(papers)) => test(papers),
        Some(Err(error)) => panic!("{error}"),
        None => {}
    }
}
