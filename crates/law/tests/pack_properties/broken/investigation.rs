//! Slips against the properties of the chapter 立案和调查.

use super::{A33, Row, decision, ending, investigation, opening, path, review, row};

pub const ROWS: &[Row] = &[
    row(
        "P09",
        "ag",
        &[opening(
            "action \"A04\"",
            "is \"criteria\" \"unmet\" why",
            "is \"criteria\" \"unmet\" \"met\" why",
        )],
    ),
    row(
        "P10",
        "ag",
        &[
            review(
                "step \"A20.sign\"",
                "is \"authority\" \"yes\"; is \"limitation\" \"open\"",
                "is \"authority\" \"yes\"",
            ),
            decision(
                A33,
                "is \"limitation\" \"open\" why",
                "is \"limitation\" \"open\" \"passed\" why",
            ),
        ],
    ),
    row(
        "P11",
        "t",
        &[investigation(
            "step \"A09.interview\"",
            "        card-shown\n",
            "",
        )],
    ),
    row(
        "P12",
        "never",
        &[
            investigation("step \"A11.settle\"", "stop \"CF-56\"", ""),
            investigation(
                "step \"A14.self\"",
                "set \"correction\" \"self_done\"",
                "set \"correction\" \"self_done\"; stop \"CF-56\"",
            ),
        ],
    ),
    row(
        "P12",
        "ag",
        &[investigation(
            "step \"A11.settle\"",
            "set \"preservation\" \"settled\"",
            "set \"preservation\" \"none\"",
        )],
    ),
    row(
        "P12",
        "ef",
        &[investigation(
            "step \"A11.settle\"",
            "\"S9\" \"X1\" \"X1b\" \"X2\"",
            "\"S9\"",
        )],
    ),
    row(
        "P14",
        "never",
        &[ending(
            "action \"A49\"",
            "not \"preservation\" \"held\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    row(
        "P15",
        "ag",
        &[review(
            "bundle \"proposal_facts\"",
            "when { cond { is \"evidence\" \"insufficient\" }; set \"finding\" \"unproven\" }",
            "",
        )],
    ),
    row(
        "P15",
        "ag",
        &[investigation(
            "step \"A09.exclude\"",
            "set \"evidence\" \"insufficient\"",
            "",
        )],
    ),
    path(
        "P16",
        &[
            opening("step \"A06.grant\"", "set \"recusal\" \"none\"", ""),
            opening("step \"A06.refuse\"", "set \"recusal\" \"none\"", ""),
        ],
    ),
];
