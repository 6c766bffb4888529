//! The law as data: procedure packs, their checker, dated rules, calendars, time limits, identifiers, money.
//!
//! Pure: no I/O, no clock, no chance. It reads what a pack or a rule says and proves what follows from it; it
//! does not know cases, people or databases, and it refuses what it cannot decide instead of guessing.

pub mod calendar;
pub mod chart;
pub mod check;
pub mod fine;
pub mod guide;
pub mod ident;
pub mod matrix;
pub mod money;
pub mod pack;
pub mod rules;
pub mod term;
pub mod texts;
