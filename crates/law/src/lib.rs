//! placeholder

pub mod calendar;
pub mod chart;
pub mod check;
pub mod fine;
pub mod guide;
pub mod ident;
pub mod money;
pub mod pack;
pub mod term;
