//! What is fed with bytes from outside: one function a target, which must neither panic nor lose what it read.
//!
//! The fuzzer calls them (`cargo xtask fuzz`), and a test on stable Rust replays corpus and findings.

use std::collections::BTreeMap;

use casework::{
    Command,
    event::{CASE_ACTED, CaseActed},
    record::{Header, files_named, has_nul},
};
use law::{calendar::Calendar, money::Fen};
use ledger::{Bundle, Links, SignedCheckpoint, Tile, TlogProof, VerifyingKey};

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 9] = [
    ("amount", amount),
    ("body", body),
    ("calendar", calendar),
    ("event", event),
    ("ident", ident),
    ("law_text", law_text),
    ("pack", pack),
    ("proof", proof),
    ("term", term),
];

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Amounts of money, alone and in running text.
pub fn amount(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(fen) = text.parse::<Fen>() {
        assert_eq!(fen.to_string().parse::<Fen>(), Ok(fen), "{text}");
        if fen.0 >= 0 {
            assert_eq!(fen.to_capitals().parse::<Fen>(), Ok(fen), "{text}");
        }
    }
    let _ = law::fine::fine_in_text(text);
}

/// The JSON of a command.
pub fn body(bytes: &[u8]) {
    let Ok(command) = serde_json::from_slice::<Command>(bytes) else {
        return;
    };
    let written = casework::record::encode(&command).unwrap_or_default();
    let read = serde_json::from_slice::<Command>(&written);
    assert_eq!(read.ok(), Some(command));
}

/// Holiday notices, in either format.
pub fn calendar(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    if let Ok(calendar) = Calendar::parse(text) {
        let merged = Calendar::builtin().merged(calendar);
        let day = jiff::civil::date(2026, 10, 1);
        let _ = (merged.is_workday(day), merged.holiday_name(day));
    }
}

/// Headers and bodies of events.
pub fn event(bytes: &[u8]) {
    if let Ok(header) = Header::decode(bytes) {
        // A header that was written otherwise hashes otherwise, but says the same.
        let written = header.encode().unwrap_or_default();
        assert_eq!(Header::decode(&written).ok(), Some(header));
    }
    if let Ok(acted) = CaseActed::decode(CASE_ACTED, bytes) {
        let written = acted.encode().unwrap_or_default();
        assert_eq!(
            CaseActed::decode(CASE_ACTED, &written).ok(),
            Some(acted.clone())
        );
        let _ = casework::state::fold(std::iter::once(&acted));
    }
    let _ = (files_named(bytes), Links::read(bytes).is_ok());
    if let Some(text) = text(bytes) {
        let _ = has_nul(text);
    }
}

/// Codes of citizens, units and divisions.
pub fn ident(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    for line in text.lines() {
        let _ = law::ident::id_check_line(line);
        let _ = law::ident::check_division(line);
        let normal = law::ident::normalise(line);
        assert_eq!(law::ident::normalise(&normal), normal, "{line}");
    }
}

/// Texts of laws, and citations of them.
pub fn law_text(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let _ = law::texts::read(text, None);
    let _ = law::texts::citations(text);
}

/// Files of a procedure pack.
pub fn pack(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let files = BTreeMap::from([("00-head.kdl".to_owned(), text.to_owned())]);
    if let Ok(pack) = law::pack::read_pack(&files, "") {
        let _ = (
            law::guide::markdown(&pack),
            law::matrix::markdown(&pack),
            law::chart::svg(&pack),
        );
    }
}

/// Keys, checkpoints, proofs, bundles and the addresses of tiles.
pub fn proof(bytes: &[u8]) {
    if let Ok(signed) = SignedCheckpoint::parse(bytes) {
        let again = SignedCheckpoint::parse(signed.encode().as_bytes());
        assert_eq!(again.as_ref(), Ok(&signed));
    }
    if let Ok(proof) = TlogProof::parse(bytes) {
        let again = TlogProof::parse(proof.encode().as_bytes());
        assert_eq!(again.as_ref(), Ok(&proof));
    }
    if let Ok(bundle) = Bundle::parse(bytes) {
        let written = bundle.encode().unwrap_or_default();
        assert_eq!(Bundle::parse(&written).as_ref(), Ok(&bundle));
    }
    if let Some(text) = text(bytes) {
        let _ = (VerifyingKey::parse(text).is_ok(), Tile::from_path(text));
    }
}

/// Lines of dates and terms.
pub fn term(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let calendar = Calendar::builtin();
    for line in text.lines().take(20) {
        let _ = law::term::calendar_add_line(line, &calendar);
    }
}
