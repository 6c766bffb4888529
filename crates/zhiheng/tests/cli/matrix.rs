//! The matrix of rights that is printed for whoever answers for the security of the system.

use std::path::Path;

use crate::support::Place;

/// `ZHIHENG_BLESS=1` writes the kept one anew; whoever changes the pack looks at the difference.
#[test]
fn the_kept_matrix_of_rights_is_the_printed_one() {
    let Some(place) = Place::new() else { return };
    let printed = place
        .run(&["procedure", "matrix", "penalty-general"])
        .done();
    let kept =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/permissions-penalty-general.md");
    if std::env::var_os("ZHIHENG_BLESS").is_some() {
        std::fs::write(&kept, &printed).unwrap();
    }
    let text = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        text == printed,
        "{} is not what the pack says; look at it with ZHIHENG_BLESS=1 and git diff",
        kept.display()
    );
}
