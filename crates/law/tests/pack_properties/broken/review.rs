//! Slips against the properties of the chapter 法制审核.

use super::{A33, Row, decision, hearing, investigation, opening, path, review, row};

pub const ROWS: &[Row] = &[
    row(
        "P17",
        "ag",
        &[decision(
            A33,
            "any { is \"review_due\" \"no\"; all { is \"review\"",
            "any { not \"review_due\" \"unset\"; all { is \"review\"",
        )],
    ),
    row(
        "P18",
        "ag",
        &[review(
            "step \"A20.sign\"",
            "when { cond { some \"hearing\" \"held\" }; set \"review_due\" \"statutory\" }",
            "",
        )],
    ),
    row(
        "P19",
        "ag",
        &[review(
            "step \"A23.close\"",
            "set \"review\" \"none\"",
            "set \"review\" \"passed\"",
        )],
    ),
    row(
        "P20",
        "never",
        &[opening("step \"A06.grant\"", "raise \"act_invalid\"", "")],
    ),
    row(
        "P20",
        "ag",
        &[investigation(
            "step \"A09.collect\"",
            "do \"evidence_added\"",
            "",
        )],
    ),
    row(
        "P20",
        "ag",
        &[investigation(
            "step \"A09.exclude\"",
            "lapse \"review\" \"deliberation\"",
            "",
        )],
    ),
    row(
        "P21",
        "ag",
        &[hearing(
            "step \"A30.submit\"",
            "not \"@points\" \"open\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    path(
        "P22",
        &[
            review("step \"A22.revise\"", "from \"S4\"", "from \"S3\""),
            review(
                "step \"A22.answer\"",
                "by \"handler\"",
                "mover \"party\"; by \"handler\"",
            ),
            review(
                "step \"A22.supplement\"",
                "from \"S4\" \"S5\" \"S6\"",
                "from \"S5\" \"S6\"",
            ),
            review("step \"A23.open\"", "from \"S4\"", "from \"S3\""),
        ],
    ),
    row(
        "P23",
        "t",
        &[review(
            "step \"A21.return\"",
            "        require \"ten-items\" basis=\"国办发〔2018〕118号；《行政处罚法》第五十八条\"\n",
            "",
        )],
    ),
    row(
        "P23",
        "t",
        &[review(
            "step \"A21.crime\"",
            "set \"crime\" \"suspected\"",
            "",
        )],
    ),
];
