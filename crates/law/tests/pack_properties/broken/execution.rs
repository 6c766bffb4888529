//! Slips against the properties of the chapter 送达和执行.

use super::{OVERDUE_ENDS, Row, decision, ending, execution, head, hearing, path, row};

pub const ROWS: &[Row] = &[
    row(
        "P44",
        "ag",
        &[execution(
            "step \"A45.reconsideration\"",
            "is \"delivery\" \"effective\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    row(
        "P45",
        "ag",
        &[hearing(
            "step \"A24.announce\"",
            "is \"unreachable\" \"yes\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    row(
        "P45",
        "ag",
        &[execution(
            "step \"A41.announce\"",
            "is \"unreachable\" \"yes\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    row(
        "P45",
        "ag",
        &[decision(
            "step \"A35.announce\"",
            "is \"unreachable\" \"yes\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    row(
        "P45",
        "t",
        &[decision(
            "step \"A35.deliver\"",
            "require \"service-lawful\" basis=\"《行政处罚法》第六十一条；《民事诉讼法》第八十七条至第九十条\"",
            "",
        )],
    ),
    row(
        "P45",
        "ag",
        &[hearing(
            "step \"A27.announce\"",
            "is \"unreachable\" \"yes\" why",
            "is \"decision\" \"none\" why",
        )],
    ),
    row(
        "P46",
        "t",
        &[decision(
            "step \"A35.deliver\"",
            "paper \"service_receipt\"",
            "",
        )],
    ),
    row(
        "P46",
        "ef",
        &[
            head(
                "limit \"SD-95\"",
                "when { cond { is \"delivery\" \"announced\" }; do \"decision_served\" }",
                "",
            ),
            decision(
                "step \"A35.deliver\"",
                "not \"delivery\" \"effective\" why",
                "is \"delivery\" \"none\" why",
            ),
        ],
    ),
    row(
        "P47",
        "never",
        &[execution(
            "step \"A45.litigation\"",
            "when { cond { is \"surcharge\" \"running\" }; set \"surcharge\" \"paused\"; pause \"CF-72\" on=\"applied_on\" }",
            "",
        )],
    ),
    row(
        "P47",
        "ag",
        &[execution(
            "step \"A38.grant\"",
            "is \"surcharge\" \"running\" \"paused\"",
            "is \"surcharge\" \"running\"",
        )],
    ),
    row(
        "P47",
        "never",
        &[head(
            "bundle \"surcharge_begins\"",
            "cond { is \"fine\" \"due\" }",
            "cond { is \"money\" \"overdue\" }",
        )],
    ),
    row(
        "P47",
        "t",
        &[execution(
            "step \"A41.announce\"",
            "require \"surcharge-within\" on=\"added_fine_due\" basis=\"《行政处罚法》第七十二条第一款第一项、第七十三条第三款；《行政强制法》第四十五条\"",
            "",
        )],
    ),
    row(
        "P48",
        "ag",
        &[execution(
            "step \"A42.apply\"",
            "limit \"QZ-54\" \"expired\" why",
            "limit \"QZ-54\" \"running\" \"expired\" why",
        )],
    ),
    row(
        "P49",
        "ag",
        &[execution(
            "step \"A44.resume\"",
            "not \"remedy\" \"reconsideration\" \"litigation\" why",
            "not \"filed\" \"no\" why",
        )],
    ),
    row(
        "P49",
        "t",
        &[execution(
            "step \"A45.litigation\"",
            "set \"remedy\" \"litigation\"",
            "set \"remedy\" \"litigation\"; set \"stayed\" \"yes\"",
        )],
    ),
    row(
        "P49",
        "ef",
        &[execution(
            "step \"A40\"",
            "is \"stayed\" \"no\" why",
            "is \"remedy\" \"none\" why",
        )],
    ),
    row(
        "P50",
        "t",
        &[execution(
            "step \"A37.part\"",
            "by \"cashier\" duty=\"other\"",
            "by \"handler\" duty=\"handle\"",
        )],
    ),
    // An overdue fine ends by the court, by termination and by revocation: the slip is the same at each.
    path(
        "P51",
        &[
            execution(
                "step \"A42.done\"",
                "set \"money\" \"ended\"; set \"received\" \"yes\"",
                "set \"received\" \"yes\"",
            ),
            execution("step \"A42.ended\"", OVERDUE_ENDS, ""),
            execution("step \"A44.terminate\"", OVERDUE_ENDS, ""),
            head(
                "bundle \"execution_over\"",
                "when { cond { is \"money\" \"due\" \"overdue\" \"deferred\" \"agreement\" }; set \"money\" \"ended\" }",
                "",
            ),
        ],
    ),
    row(
        "P52",
        "ag",
        &[ending(
            "action \"A49\"",
            "every \"money\" \"none\" \"paid\" \"ended\" why",
            "every \"money\" \"none\" \"paid\" \"ended\" \"agreement\" why",
        )],
    ),
    row(
        "P52",
        "t",
        &[execution(
            "step \"A40\"",
            "require \"executed-in-full\" on=\"kind\" basis=\"《行政处罚法》第六十六条第一款\"",
            "",
        )],
    ),
];
