//! Slips against the properties of the chapter 人员.

use super::{A33, Row, decision, head, hearing, investigation, opening, row};

pub const ROWS: &[Row] = &[
    row(
        "P01",
        "t",
        &[investigation("step \"A09.interview\"", "min=2", "min=1")],
    ),
    row(
        "P02",
        "ag",
        &[decision(
            A33,
            "is \"recusal\" \"none\" why",
            "is \"filed\" \"yes\" why",
        )],
    ),
    row(
        "P02",
        "t",
        &[investigation(
            "step \"A09.scene\"",
            "card-shown",
            "card-shown; needs { is \"recusal\" \"none\" why=\"待决定\" }",
        )],
    ),
    row(
        "P02",
        "ef",
        &[
            opening("step \"A06.grant\"", "set \"recusal\" \"none\"", ""),
            opening("step \"A06.refuse\"", "set \"recusal\" \"none\"", ""),
        ],
    ),
    row(
        "P03",
        "t",
        &[head(
            "separate",
            "separate \"handle\" \"hear\"",
            "separate \"hear\" \"publish\"",
        )],
    ),
    row(
        "P03",
        "t",
        &[hearing(
            "action \"A27\"",
            "require \"host-independent\" on=\"host\" basis=\"《行政处罚法》第六十四条第四项\"",
            "",
        )],
    ),
    row(
        "P04",
        "t",
        &[head(
            "separate",
            "separate \"handle\" \"review\"",
            "separate \"review\" \"publish\"",
        )],
    ),
    row(
        "P05",
        "t",
        &[head(
            "separate",
            "separate \"handle\" \"decide\"",
            "separate \"decide\" \"publish\"",
        )],
    ),
    row(
        "P06",
        "t",
        &[investigation(
            "step \"A11.hold\"",
            "chain \"leader\"",
            "chain \"section_head\"",
        )],
    ),
    row("P08", "t", &[decision(A33, "        burden\n", "")]),
];
