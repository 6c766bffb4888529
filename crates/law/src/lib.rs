//! placeholder

pub mod calendar;
pub mod check;
pub mod fine;
pub mod ident;
pub mod money;
pub mod pack;
pub mod term;
