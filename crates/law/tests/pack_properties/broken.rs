//! Slips, and the properties that must refuse them, by the chapters of the properties.

mod decision;
mod ending;
mod execution;
mod hearing;
mod investigation;
mod people;
mod review;

/// A change to one file: the first `find` after the first `at` becomes `replace`.
#[derive(Debug, Clone, Copy)]
pub struct Edit {
    /// File of the pack.
    pub file: &'static str,
    /// Where to begin looking.
    pub at: &'static str,
    /// What is there.
    pub find: &'static str,
    /// What it becomes.
    pub replace: &'static str,
}

impl Edit {
    /// An edit in a file.
    pub const fn in_file(
        file: &'static str,
        at: &'static str,
        find: &'static str,
        replace: &'static str,
    ) -> Self {
        Self {
            file,
            at,
            find,
            replace,
        }
    }
}

/// A slip and the property that must refuse it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Number of the property.
    pub id: &'static str,
    /// Kind of its node.
    pub kind: &'static str,
    /// Whether it is judged among all views rather than its own.
    pub all_views: bool,
    /// The slip.
    pub edits: &'static [Edit],
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.id,
            self.kind,
            self.edits.first().map_or("", |e| e.at)
        )
    }
}

/// Properties that hold of every pack that can be read: the reader refuses the slip (see the tests of reading).
pub const READ_ONLY: &[&str] = &["P60", "P61"];

const fn row(id: &'static str, kind: &'static str, edits: &'static [Edit]) -> Row {
    Row {
        id,
        kind,
        all_views: false,
        edits,
    }
}

const fn path(id: &'static str, edits: &'static [Edit]) -> Row {
    Row {
        id,
        kind: "ef",
        all_views: true,
        edits,
    }
}

const fn head(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("00-head.kdl", at, find, replace)
}
const fn opening(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("10-opening.kdl", at, find, replace)
}
const fn investigation(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("20-investigation.kdl", at, find, replace)
}
const fn review(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("30-review.kdl", at, find, replace)
}
const fn hearing(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("40-hearing.kdl", at, find, replace)
}
const fn decision(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("50-decision.kdl", at, find, replace)
}
const fn execution(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("60-execution.kdl", at, find, replace)
}
const fn ending(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("70-ending.kdl", at, find, replace)
}

const A33: &str = "action \"A33\"";
const A34: &str = "action \"A34\"";
const OVERDUE_ENDS: &str = "when { cond { is \"money\" \"overdue\" }; set \"money\" \"ended\" }";

/// Every slip.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let chapters = [
        people::ROWS,
        investigation::ROWS,
        review::ROWS,
        hearing::ROWS,
        decision::ROWS,
        execution::ROWS,
        ending::ROWS,
    ];
    chapters.into_iter().flatten()
}
