//! Full text of cases: finds them by any part of what was written about them.
//!
//! An officer types part of a name, a number, an address. Which words Chinese text falls into is a matter of
//! dictionaries, and names stand in none; so text is taken apart into pairs of neighbouring signs instead, and what
//! is asked for is found wherever it stands, as if every text were read through. Case, width and punctuation do not
//! count.
//!
//! The index is a cache of one machine. It keeps no text, only where pairs of signs stand; it remembers how far in the
//! log it has come, and is made anew from there, or from the beginning, whenever it is missing, damaged or of another
//! log. Who may see what it finds is for the database to say: [`Query::within`] only makes that quick.
//!
//! It knows nothing of cases: a [`Doc`] has an id, a day, labels and texts.

mod error;
mod grams;
mod index;

pub use error::SearchError;
pub use index::{Doc, Found, Hit, Index, Query};
