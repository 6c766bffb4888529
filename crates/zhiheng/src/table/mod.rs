//! The bureau and its people as one table that an office worker fills in with a spreadsheet.
//!
//! The file is CSV in UTF-8 with four parts, each under a line such as `[人员]` and a line of column names. It is read
//! in full, and every fault is told with line, what, why and what next, before anything of it is used.

mod bureau;
mod csv;
mod people;
mod write;

#[cfg(test)]
mod tests;

use casework::person::{Body, Person};
use law::pack::{Pack, Role};

use casework::Setting;

pub use bureau::{has_columns_for, is_money, setting_name};
pub use write::{export, template};

/// A fault of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line from 1; 0: the table as a whole.
    pub line: usize,
    /// Column or item.
    pub what: String,
    /// Why it cannot be taken, and what to write instead.
    pub why: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line > 0 {
            write!(f, "第{}行", self.line)?;
        }
        if !self.what.is_empty() {
            write!(f, "“{}”", self.what)?;
        }
        write!(f, "：{}", self.why)
    }
}

/// What a table without faults says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The bureau.
    pub body: Body,
    /// Name of its log.
    pub log: String,
    /// Suite of its log: `gm` or `c2sp`.
    pub suite: String,
    /// Configuration of the procedure.
    pub settings: Vec<Setting>,
    /// Its people, with the line each stands in; of the cards, the one that the line names.
    pub people: Vec<(usize, Person)>,
}

/// Reads a table for a pack; all its faults where it has any.
pub fn read(bytes: &[u8], pack: &Pack) -> Result<Table, Vec<Fault>> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        vec![Fault {
            line: 0,
            what: "文件".to_owned(),
            why:
                "不是 UTF-8 编码，读不出汉字。请在表格软件中“另存为”，类型选“CSV UTF-8（逗号分隔）”"
                    .to_owned(),
        }]
    })?;
    let mut faults = Vec::new();
    let parts = csv::parts(text, &mut faults);
    let bureau = bureau::read(&parts, &mut faults);
    let settings = bureau::settings(&parts, pack, &mut faults);
    let people = people::read(&parts, &bureau.body, pack, &mut faults);
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.line);
        return Err(faults);
    }
    Ok(Table {
        body: bureau.body,
        log: bureau.log,
        suite: bureau.suite,
        settings,
        people,
    })
}

/// Roles that a person holds by office, which alone stand in the table.
fn offices(pack: &Pack) -> impl Iterator<Item = &Role> {
    pack.roles.iter().filter(|role| !role.assigned)
}
