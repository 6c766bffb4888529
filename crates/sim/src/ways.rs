//! The ways that cases go: the straight one to payment and the archive, and those of parties who cannot be found, who
//! do not pay, and who contest what was decided.

/// The straight way of a case; who is on it goes on with it more often than not.
const LINE: [&str; 26] = [
    "A05",
    "A09.collect",
    "A14.self",
    "A19",
    "A20.sign",
    "A21.accept",
    "A21.pass",
    "A24.issue",
    "A24.deliver",
    "A26.apply",
    "A27",
    "A27.serve",
    "A28.hold",
    "A29.keep",
    "A30.submit",
    "A30.pass",
    "A31.approve",
    "A32.conclude",
    "A33",
    "A34",
    "A35.deliver",
    "A37.full",
    "A40",
    "A47.publish",
    "A49",
    "A50",
];

/// One way.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Steps that come before those of the straight way wherever they are open, the first of them first.
    pub turns: &'static [&'static str],
    /// Steps of the straight way that are not taken.
    pub without: &'static [&'static str],
    /// Days that are waited at a time at most, before a decision is served and afterwards.
    pub pause_days: (i64, i64),
    /// How often in a hundred it strays when a lab takes it.
    pub strays: u32,
}

/// The ways that a lab takes, and one of which a run knows as usual.
pub const WAYS: [Way; 6] = [
    Way {
        turns: &[],
        without: &[],
        pause_days: (4, 4),
        strays: 0,
    },
    Way {
        turns: &[],
        without: &[],
        pause_days: (4, 4),
        strays: 8,
    },
    // Nobody pays: deferred, urged, brought before the court, whose refusal is overruled.
    Way {
        turns: &[
            "A38.grant",
            "A47.publish",
            "A47.file",
            "A39.decide",
            "A41.serve",
            "A41.hear",
            "A42.apply",
            "A42.refused",
            "A42.object",
            "A42.overruled",
            "A42.granted",
            "A42.done",
        ],
        without: &["A37.full"],
        pause_days: (4, 40),
        strays: 0,
    },
    // An agreement is not kept, and the court accepts and grants.
    Way {
        turns: &[
            "A47.publish",
            "A39.agreement",
            "A39.breach",
            "A44.stay",
            "A44.resume",
            "A41.serve",
            "A42.apply",
            "A42.accepted",
            "A42.granted",
            "A42.ended",
        ],
        without: &["A37.full"],
        pause_days: (4, 40),
        strays: 2,
    },
    // Paid in part, shown, contested twice, changed by the court, shown again, and the rest paid.
    Way {
        turns: &[
            "A37.part",
            "A47.publish",
            "A45.reconsideration",
            "A45.stay",
            "A45.upheld",
            "A45.litigation",
            "A45.result",
            "A46.change",
            "A46.void",
            "A46.revoke",
            "A46.unlawful",
            "A46.remake",
            "A48.withdraw",
            "A46.refund",
        ],
        without: &[],
        pause_days: (4, 12),
        strays: 2,
    },
    // Nobody is found: everything is served by announcement.
    Way {
        turns: &[
            "A35.unreachable",
            "A24.announce",
            "A27.announce",
            "A35.announce",
            "A47.publish",
            "A41.announce",
            "A42.apply",
            "A42.denied",
            "A44.terminate",
        ],
        without: &["A24.deliver", "A27.serve", "A35.deliver", "A37.full"],
        pause_days: (12, 40),
        strays: 0,
    },
];

impl Way {
    /// How far on the way a step leads; nothing for one that is not on it.
    pub fn rank(&self, step: &str) -> Option<usize> {
        let turn = self.turns.iter().position(|turn| *turn == step);
        if let Some(at) = turn {
            return Some(LINE.len() + self.turns.len() - at);
        }
        let line = || LINE.iter().position(|known| *known == step);
        (!self.without.contains(&step)).then(line).flatten()
    }
}
