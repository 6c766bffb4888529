//! The public's door: penalty decisions that the bureau has made public, each with the proof that it did.
//!
//! The portal keeps its own database ([`PortalStore`]) with nothing in it but what is published already masked:
//! it depends on `ledger` alone and has no handle to the case store, so a slip in a page cannot leak a case.
//! What is put in is checked first: the proof must hold for the document under the log's public key. What is
//! withdrawn (行政处罚法 48(2)) loses its content there and then; the page says only that it was, and why. What is
//! past its day of publication is no longer shown.
//!
//! Beside the decisions it has the organ's own lists: whose cards are in use, and how it proceeds.
//!
//! The pages ([`router`]) need no script and set no cookie, and work in a text browser. They refuse nothing to
//! nobody: there is no sign-in, and no request changes anything.

mod db;
mod error;
mod item;
mod kinds;
mod lists;
mod pages;
mod store;

pub use error::PortalError;
pub use item::{Listing, PublishedItem};
pub use kinds::PENALTY_KINDS;
pub use lists::{CardStanding, OfficerCard, ProcedureText, plain_number};
pub use pages::{PortalConfig, router};
pub use store::{
    CardsPage, CardsQuery, Choices, Expected, ItemFault, Page, PortalStore, Query, SetAside, Shown,
};
