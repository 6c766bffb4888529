//! Slips, and the properties that must refuse them.

/// A change to one file: the first `find` after the first `at` becomes `replace`.
#[derive(Debug, Clone, Copy)]
pub struct Edit {
    /// File of the pack.
    pub file: &'static str,
    /// Where to begin looking.
    pub at: &'static str,
    /// What is there.
    pub find: &'static str,
    /// What it becomes.
    pub replace: &'static str,
}

impl Edit {
    /// An edit in a file.
    pub const fn in_file(
        file: &'static str,
        at: &'static str,
        find: &'static str,
        replace: &'static str,
    ) -> Self {
        Self {
            file,
            at,
            find,
            replace,
        }
    }
}

/// A slip and the property that must refuse it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Number of the property.
    pub id: &'static str,
    /// Kind of its node.
    pub kind: &'static str,
    /// Whether it is judged among all views rather than its own.
    pub all_views: bool,
    /// The slip.
    pub edits: &'static [Edit],
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} {}",
            self.id,
            self.kind,
            self.edits.first().map_or("", |e| e.at)
        )
    }
}

/// Properties that hold of every pack that can be read: the reader refuses the slip (see the tests of reading).
pub const READ_ONLY: &[&str] = &["P60", "P61"];

const fn row(id: &'static str, kind: &'static str, edits: &'static [Edit]) -> Row {
    Row {
        id,
        kind,
        all_views: false,
        edits,
    }
}

const fn path(id: &'static str, edits: &'static [Edit]) -> Row {
    Row {
        id,
        kind: "ef",
        all_views: true,
        edits,
    }
}

const fn head(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("00-head.kdl", at, find, replace)
}
const fn opening(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("10-opening.kdl", at, find, replace)
}
const fn investigation(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("20-investigation.kdl", at, find, replace)
}
const fn review(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("30-review.kdl", at, find, replace)
}
const fn hearing(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("40-hearing.kdl", at, find, replace)
}
const fn decision(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("50-decision.kdl", at, find, replace)
}
const fn execution(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("60-execution.kdl", at, find, replace)
}
const fn ending(at: &'static str, find: &'static str, replace: &'static str) -> Edit {
    Edit::in_file("70-ending.kdl", at, find, replace)
}

const A33: &str = "action \"A33\"";
const A34: &str = "action \"A34\"";
const OVERDUE_ENDS: &str = "when { cond { is \"money\" \"overdue\" }; set \"money\" \"ended\" }";

/// Every slip.
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
    row(
        "P24",
        "ag",
        &[decision(
            A33,
            "is \"notice\" \"served\" why",
            "is \"notice\" \"served\" \"lapsed\" why",
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
        "P31",
        "ag",
        &[hearing(
            "step \"A28.hold\"",
            "limit \"CF-64b\" \"expired\" why",
            "limit \"CF-64b\" \"running\" \"expired\" why",
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
        "P45",
        "ag",
        &[hearing(
            "step \"A27.announce\"",
            "is \"unreachable\" \"yes\" why",
            "is \"decision\" \"none\" why",
        )],
    ),
];
