//! Slips against the properties of the chapter 救济、纠错、公示、了结.

use super::{A33, Row, decision, ending, execution, head, path, review, row};

pub const ROWS: &[Row] = &[
    row(
        "P53",
        "ef",
        &[execution(
            "step \"A45.reconsideration\"",
            "\"S9\" \"S10\" \"S11\"",
            "\"S9\"",
        )],
    ),
    row(
        "P54",
        "ag",
        &[head(
            "bundle \"execution_over\"",
            "when { cond { is \"other\" \"due\" }; set \"other\" \"ended\" }",
            "",
        )],
    ),
    row(
        "P54",
        "ag",
        &[execution(
            "step \"A40\"",
            "not \"remedy\" \"redo\" \"revoked\" \"void\" \"changed\" why",
            "not \"remedy\" \"redo\" \"void\" \"changed\" why",
        )],
    ),
    row(
        "P54",
        "t",
        &[execution(
            "step \"A46.refund\"",
            "require \"refund-in-full\" on=\"amount\" basis=\"《行政强制法》第四十一条\"",
            "",
        )],
    ),
    row(
        "P54",
        "t",
        &[execution(
            "step \"A46.change\"",
            "require \"not-heavier\" on=\"changed\" basis=\"《行政诉讼法》第七十七条第二款；《行政复议法》第六十三条第二款\"",
            "",
        )],
    ),
    row(
        "P54",
        "t",
        &[execution(
            "step \"A46.unlawful\"",
            "do \"court_window\"",
            "do \"execution_over\"",
        )],
    ),
    row(
        "P55",
        "ag",
        &[execution(
            "step \"A46.redo\"",
            "raise \"decision_gone\"",
            "",
        )],
    ),
    row(
        "P55",
        "t",
        &[decision(
            A33,
            "        require \"not-same-as-revoked\" basis=\"《行政诉讼法》第七十一条；《行政复议法》第六十四条第二款\"\n",
            "",
        )],
    ),
    row(
        "P56",
        "t",
        &[ending(
            "step \"A47.publish\"",
            "chain \"publisher\" duty=\"publish\"",
            "chain \"section_head\" duty=\"approve\"",
        )],
    ),
    row(
        "P56",
        "ag",
        &[ending(
            "step \"A47.publish\"",
            "is \"publication\" \"due\" why",
            "is \"publication\" \"due\" \"withdrawn\" why",
        )],
    ),
    row(
        "P56",
        "ef",
        &[
            ending(
                "step \"A47.publish\"",
                "by \"handler\"",
                "mover \"party\"; by \"handler\"",
            ),
            ending(
                "step \"A47.withhold\"",
                "by \"handler\"",
                "mover \"party\"; by \"handler\"",
            ),
        ],
    ),
    row(
        "P57",
        "ag",
        &[ending(
            "action \"A49\"",
            "every \"publication\" \"not_due\"",
            "every \"publication\" \"due\" \"not_due\"",
        )],
    ),
    row(
        "P58",
        "t",
        &[review("step \"A21.supplemented\"", "resume \"FZ\"", "")],
    ),
    path(
        "P59",
        &[ending(
            "action \"A50\"",
            "by \"archivist\"",
            "mover \"party\"; by \"archivist\"",
        )],
    ),
];
