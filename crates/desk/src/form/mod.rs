//! Forms that come from the pack: drawn from what was typed, read into the fields of a command.
//!
//! The inputs of a field `x` begin with `f.x`; those of rows go on with the row's number. What a page shows
//! is always drawn from [`Typed`](crate::typed::Typed), whether it was typed, kept as a draft or filled in by
//! the program, so that one code draws them all and nothing typed is lost.

pub mod carry;
pub mod controls;
pub mod parts;
pub mod read;
mod rows;
pub mod write;

/// The name of a field's first input.
pub fn input(field: &str) -> String {
    format!("f.{field}")
}

#[cfg(test)]
mod tests;
