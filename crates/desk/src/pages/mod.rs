//! The pages, one module a screen.

pub mod act;
mod act_aids;
pub(crate) mod act_desk;
mod act_known;
mod act_notes;
mod act_page;
mod act_review;
pub mod case;
mod case_parts;
pub mod cases;
pub mod columns;
pub mod discussion;
pub mod export;
pub mod files;
pub mod help;
pub mod interface;
pub mod laws;
pub mod login;
pub mod oversight;
pub mod people;
mod previews;
pub mod register;
pub mod request;
pub mod review;
pub mod todo;
pub mod tokens;
