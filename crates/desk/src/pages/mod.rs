//! The pages, one module a screen.

pub mod act;
mod act_desk;
mod act_known;
mod act_notes;
mod act_page;
pub mod case;
mod case_parts;
pub mod cases;
pub mod export;
pub mod files;
pub mod help;
pub mod interface;
pub mod laws;
pub mod login;
pub mod people;
mod previews;
pub mod request;
pub mod todo;
pub mod tokens;
