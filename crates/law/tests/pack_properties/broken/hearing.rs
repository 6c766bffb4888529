//! Slips against the properties of the chapter 告知、申辩、听证.

use super::{A33, Row, decision, head, hearing, opening, review, row};

pub const ROWS: &[Row] = &[
    row(
        "P24",
        "ag",
        &[decision(
            A33,
            "is \"notice\" \"served\" why",
            "is \"notice\" \"served\" \"lapsed\" why",
        )],
    ),
    // A party that has died without successor is neither told nor decided upon, only ended.
    row(
        "P24",
        "ag",
        &[hearing(
            "step \"A24.issue\"",
            "is \"existence\" \"alive\" why",
            "not \"existence\" \"successor\" why",
        )],
    ),
    row(
        "P25",
        "ag",
        &[decision(
            A33,
            "limit \"N-SB\" \"expired\" \"ended\" why",
            "limit \"N-SB\" \"running\" \"expired\" \"ended\" why",
        )],
    ),
    row(
        "P26",
        "ag",
        &[decision(
            A33,
            "is \"reconsidered\" \"yes\" why",
            "is \"filed\" \"yes\" why",
        )],
    ),
    row(
        "P26",
        "ef",
        &[hearing(
            "step \"A25.raise\"",
            "from \"S2\" \"S3\" \"S4\" \"S5\" \"S6\" \"S7\" \"X1\" \"X1b\" \"X2\"",
            "from \"S5\"",
        )],
    ),
    row(
        "P27",
        "never",
        &[review(
            "bundle \"proposal_facts\"",
            "when { cond { is \"@change\" \"heavier\" }; raise \"heavier\" }",
            "",
        )],
    ),
    row(
        "P27",
        "ag",
        &[
            review(
                "bundle \"proposal_facts\"",
                "when { cond { is \"@change\" \"heavier\" }; raise \"heavier\" }",
                "",
            ),
            decision(
                A33,
                "is \"@change\" \"same\" \"lighter\" why",
                "is \"@change\" \"same\" \"lighter\" \"heavier\" why",
            ),
        ],
    ),
    row(
        "P28",
        "ag",
        &[hearing(
            "step \"A24.issue\"",
            "any { not \"@change\" \"heavier\" \"different\"; not \"ground\" \"none\" }",
            "",
        )],
    ),
    row(
        "P28",
        "ag",
        &[review(
            "bundle \"proposal_facts\"",
            "set \"ground\" \"none\"",
            "",
        )],
    ),
    row(
        "P29",
        "never",
        &[hearing(
            "step \"A24.issue\"",
            "when { cond { is \"hearing_due\" \"yes\" }; set \"hearing_told\" \"yes\" }",
            "",
        )],
    ),
    row(
        "P29",
        "never",
        &[head(
            "bundle \"notice_served\"",
            "is \"hearing_told\" \"yes\"",
            "is \"hearing_due\" \"yes\"",
        )],
    ),
    row(
        "P30",
        "ag",
        &[
            hearing(
                "step \"A29.keep\"",
                "not \"hearing\" \"applied\" \"arranged\" \"announced\" \"notified\" why",
                "not \"filed\" \"no\" why",
            ),
            decision(
                A33,
                "not \"hearing\" \"applied\" \"arranged\" \"announced\" \"notified\" why",
                "not \"filed\" \"no\" why",
            ),
        ],
    ),
    row(
        "P30",
        "ef",
        &[hearing(
            "step \"A26.apply\"",
            "from \"S2\" \"S3\" \"S4\" \"S5\" \"S6\" \"S7\" \"X1\" \"X1b\" \"X2\"",
            "from \"S5\"",
        )],
    ),
    row(
        "P30",
        "ag",
        &[hearing(
            "step \"A29.keep\"",
            "limit \"CF-64a\" \"idle\" \"expired\" \"ended\" why=\"已告知",
            "limit \"CF-64a\" \"idle\" \"running\" \"expired\" \"ended\" why=\"已告知",
        )],
    ),
    row(
        "P31",
        "ag",
        &[hearing(
            "step \"A28.hold\"",
            "limit \"CF-64b\" \"expired\" why",
            "limit \"CF-64b\" \"running\" \"expired\" why",
        )],
    ),
    row(
        "P31",
        "ag",
        &[hearing(
            "step \"A27.serve\"",
            "limit \"CF-64b\" \"running\" why",
            "limit \"CF-64b\" \"running\" \"expired\" why",
        )],
    ),
    row(
        "P31",
        "t",
        &[hearing(
            "step \"A27.announce\"",
            "require \"hearing-notice-time\"",
            "require \"service-lawful\"",
        )],
    ),
    row(
        "P32",
        "ag",
        &[opening(
            "step \"A02.inspect\"",
            "do \"evidence_added\"",
            "raise \"new_evidence\"",
        )],
    ),
    row(
        "P33",
        "ef",
        &[hearing(
            "step \"A28.abandon\"",
            "by \"hearing_host\"",
            "mover \"party\"; by \"hearing_host\"",
        )],
    ),
];
