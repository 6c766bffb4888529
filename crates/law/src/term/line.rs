//! One line of `zhiheng calendar add --batch`.

use jiff::civil::Date;
use thiserror::Error;

use super::{Due, Roll, Term, TermError, Unit, UnknownUnit};
use crate::calendar::{Calendar, plain_date};

/// Why a line has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LineError {
    /// Not three fields.
    #[error(
        "每行应为三项，以制表符分隔：起算日、数量、单位，如 2026-02-13<TAB>7<TAB>workday；实为“{0}”"
    )]
    Fields(String),
    /// The first field is no date.
    #[error("起算日应为存在的日期，形如 2026-02-13；实为“{0}”")]
    Date(String),
    /// The second field is no count.
    #[error("数量应为 0 至 4294967295 的整数；实为“{0}”")]
    Count(String),
    /// The third field is no unit.
    #[error(transparent)]
    Unit(#[from] UnknownUnit),
    /// The term itself has no last day.
    #[error(transparent)]
    Term(#[from] TermError),
}

/// The last day of the term on a line `2026-02-13<TAB>7<TAB>workday` (or day, month, year): the start day does not
/// count, a calendar term that ends on a day off moves to the next working day (民事诉讼法 85).
///
/// # Errors
/// [`LineError`] naming the field and what it should be.
pub fn calendar_add_line(line: &str, calendar: &Calendar) -> Result<Due, LineError> {
    let fields: Vec<&str> = line.trim().split('\t').map(str::trim).collect();
    let [start, count, unit] = fields[..] else {
        return Err(LineError::Fields(line.trim().to_owned()));
    };
    let start: Date = plain_date(start).ok_or_else(|| LineError::Date(start.to_owned()))?;
    let count = count
        .parse::<u32>()
        .map_err(|_| LineError::Count(count.to_owned()))?;
    let unit: Unit = unit.parse()?;
    Ok(Term::forward(count, unit).due(start, &[], Roll::Next, calendar)?)
}
