//! Tests of the ledger through its public interface.

#![cfg(test)]

mod bundles;
mod fixtures;
mod hostile;
mod log;
mod naive;
mod notes;
mod trees;
mod whole;
