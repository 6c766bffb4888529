//! Slips against the properties of the chapter 决定.

use super::{A33, A34, Row, decision, investigation, opening, review, row};

pub const ROWS: &[Row] = &[
    row(
        "P34",
        "ag",
        &[decision(
            A33,
            "is \"decision\" \"none\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    row(
        "P34",
        "ag",
        &[decision(
            A33,
            "is \"existence\" \"alive\" why",
            "not \"existence\" \"successor\" why",
        )],
    ),
    row(
        "P34",
        "ag",
        &[investigation(
            "step \"A16.party\"",
            "is \"existence\" \"ended\" why",
            "not \"existence\" \"successor\" why",
        )],
    ),
    row(
        "P34",
        "ag",
        &[investigation(
            "step \"A16.unserved\"",
            "not \"delivery\" \"effective\" why",
            "not \"delivery\" \"announced\" why",
        )],
    ),
    // A party that joins when all others have their decisions has none.
    row(
        "P34",
        "ag",
        &[opening(
            "step \"A08.add\"",
            "from \"S0\" \"S2\"",
            "from \"S0\" \"S2\" \"S8\"",
        )],
    ),
    row(
        "P35",
        "ag",
        &[investigation(
            "action \"A16\"",
            "every \"finding\" \"unknown\" \"proven\" why",
            "is \"filed\" \"yes\" why",
        )],
    ),
    row(
        "P36",
        "t",
        &[decision(
            A34,
            "require \"education\" on=\"education\" basis=\"《行政处罚法》第三十条、第三十一条、第三十三条第三款\"",
            "",
        )],
    ),
    row(
        "P37",
        "ag",
        &[
            decision(
                "step \"A31.approve\"",
                "is \"discuss_due\" \"no\" why",
                "not \"discuss_due\" \"unset\" why",
            ),
            decision(
                A33,
                "any { all { is \"discuss_due\" \"no\"; is \"deliberation\"",
                "any { all { is \"deliberation\"",
            ),
        ],
    ),
    row(
        "P37",
        "t",
        &[decision(
            "step \"A32.conclude\"",
            "require \"quorum\" on=\"votes\" basis=\"《行政处罚法》第五十七条第二款\"",
            "",
        )],
    ),
    row(
        "P38",
        "ag",
        &[decision(
            A33,
            "not \"crime\" \"suspected\" \"transferred\" \"police_filed\" why",
            "not \"crime\" \"transferred\" \"police_filed\" why",
        )],
    ),
    row(
        "P38",
        "never",
        &[review("step \"A21.crime\"", "start \"YS-5a\"", "")],
    ),
    row(
        "P39",
        "t",
        &[review(
            "step \"A22.revise\"",
            "require \"fine-in-range\" basis=\"《行政处罚法》第五条、第三十二条\"",
            "",
        )],
    ),
    row(
        "P39",
        "t",
        &[decision(
            A33,
            "require \"fine-in-range\" basis=\"《行政处罚法》第五条、第三十二条\"",
            "",
        )],
    ),
    row(
        "P40",
        "ag",
        &[decision(
            A33,
            "set \"correction\" \"ordered\"; start \"N-ZG\"",
            "start \"N-ZG\"",
        )],
    ),
    row(
        "P40",
        "t",
        &[decision(
            A33,
            "require \"correction-ordered\" on=\"correct_until\" basis=\"《行政处罚法》第二十八条第一款\"",
            "",
        )],
    ),
    row(
        "P41",
        "t",
        &[decision(
            A34,
            "paper \"no_penalty_decision\" series=\"no_penalty\"",
            "paper \"no_penalty_decision\"",
        )],
    ),
    row(
        "P42",
        "ag",
        &[investigation(
            "step \"A15.suspend\"",
            "start \"N-ZZ\"",
            "start \"N-ZZ\"; stop \"CF-60\"",
        )],
    ),
    row(
        "P43",
        "t",
        &[decision(
            A33,
            "paper \"penalty_decision\" series=\"penalty\"",
            "paper \"penalty_decision\"",
        )],
    ),
];
