//! See `multipart.rs` one folder up.
#![no_main]

#[path = "../multipart.rs"]
mod multipart;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| multipart::multipart(bytes));
