//! The way of a case in its parts: from the lead to the notice, to the decision, to the end.

use casework::{
    field::{FieldValue, Fields, Vote},
    person::Person,
    proposal::PenaltyKind,
};
use law::pack::LimitStatus;

use super::{
    Drive, Plan, Stop,
    fields::{fields, points, served, ten_items, text},
    parties,
};

impl Drive {
    /// From lead to the served notices, with hearings asked for where the party was told of the right.
    pub async fn until_notice(&self, plan: &Plan) -> Result<(), Stop> {
        self.file_case(plan).await?;
        self.collect().await?;
        self.propose(plan).await?;
        self.first_review().await?;
        self.notify_all(plan).await
    }

    /// The notices of all parties that are to be punished.
    pub async fn notify_all(&self, plan: &Plan) -> Result<(), Stop> {
        for party in parties(&self.state().await?) {
            if self.fact(&party, "plan").await? == "penalty" {
                self.notify(&party, plan).await?;
            }
        }
        Ok(())
    }

    /// Evidence, and that the party has put things right.
    pub async fn collect(&self) -> Result<(), Stop> {
        self.take(
            "A09.collect",
            None,
            fields([
                ("kind", text("documentary")),
                ("name", text("现场照片和相关书证")),
                ("origin", text("现场采集")),
                ("proves", text("违法事实")),
            ]),
        )
        .await?;
        self.take(
            "A14.self",
            None,
            fields([("record", text("当事人已停止违法行为并改正。"))]),
        )
        .await
    }

    /// Filing.
    pub async fn file_case(&self, plan: &Plan) -> Result<(), Stop> {
        self.take(
            "A05",
            None,
            fields([
                ("summary", text(plan.summary.clone())),
                ("suspected", FieldValue::YesNo(true)),
                ("punishable", FieldValue::YesNo(true)),
                ("own_jurisdiction", FieldValue::YesNo(true)),
                (
                    "violation_ended_on",
                    FieldValue::Date(plan.violation_ended_on),
                ),
                ("five_years", FieldValue::YesNo(false)),
            ]),
        )
        .await
    }

    /// The first review, where one is due before the notice.
    pub async fn first_review(&self) -> Result<(), Stop> {
        if self.state().await?.stage == "S4" {
            self.review("A21.pass").await?;
        }
        Ok(())
    }

    /// Whether every window of every party has closed by today.
    pub async fn windows_closed(&self) -> Result<bool, Stop> {
        let (state, calendar, today) = (self.state().await?, self.office.calendar(), self.today());
        let windows = state
            .limits
            .iter()
            .filter(|run| matches!(run.code.as_str(), "N-SB" | "CF-64a"));
        Ok(windows
            .filter(|run| run.status == LimitStatus::Running)
            .all(|run| run.expired_on(today, &calendar)))
    }

    /// Report and signatures.
    pub async fn propose(&self, plan: &Plan) -> Result<(), Stop> {
        self.take(
            "A19",
            None,
            fields([
                ("authority", text("yes")),
                ("limitation", text("open")),
                ("already_fined", text("no")),
                ("evidence", text("sufficient")),
                ("gains", text("disposed")),
                ("report", text(plan.report.clone())),
                ("proposal", FieldValue::Proposal(plan.dispositions.clone())),
            ]),
        )
        .await?;
        self.take(
            "A20.sign",
            None,
            fields([
                ("opinion", text("事实清楚，证据充分，拟同意，报审。")),
                ("grave", FieldValue::YesNo(plan.grave)),
            ]),
        )
        .await
    }

    async fn review(&self, pass: &str) -> Result<(), Stop> {
        if self.case_fact("review").await? != "in_review" {
            let accepted = fields([
                ("complete", FieldValue::YesNo(true)),
                ("materials", text("全部案卷材料")),
            ]);
            self.take("A21.accept", None, accepted).await?;
        }
        self.take(
            pass,
            None,
            fields([
                ("items", ten_items()),
                ("opinion", text("同意拟处理意见。")),
            ]),
        )
        .await
    }

    async fn notify(&self, party: &str, plan: &Plan) -> Result<(), Stop> {
        let of = Some(party);
        self.take("A24.issue", of, Fields::new()).await?;
        self.take("A24.deliver", of, served("direct")).await?;
        let due = self.fact(party, "hearing_due").await? == "yes";
        if let (true, Some(on)) = (due, plan.hearing_on) {
            self.take("A26.apply", of, fields([("applicant", text("当事人"))]))
                .await?;
            let host = FieldValue::Persons(vec![self.crew.hearing[0].id.clone()]);
            let clerk = FieldValue::Persons(vec![self.crew.hearing[1].id.clone()]);
            let notice = fields([
                ("host", host),
                ("clerk", clerk),
                ("hearing_on", FieldValue::Date(on)),
                ("hearing_time", text("上午9时30分")),
                ("place", text("本局听证室")),
                ("hearing_open", text("public")),
            ]);
            self.take("A27", of, notice).await?;
            self.take("A27.serve", of, served("direct")).await?;
        }
        Ok(())
    }

    /// Hearings, reconsideration of views, second review.
    pub async fn until_examined(&self) -> Result<(), Stop> {
        for party in parties(&self.state().await?) {
            if self.fact(&party, "hearing").await? == "notified" {
                let record = fields([
                    ("record", text("双方陈述、举证、质证，当事人作最后陈述。")),
                    ("report", text("建议维持拟处理意见。")),
                    ("representatives", text("当事人")),
                ]);
                self.take("A28.hold", Some(&party), record).await?;
            }
            if matches!(self.state().await?.stage.as_str(), "S5" | "S6") {
                let answers = fields([(
                    "answers",
                    points(&["当事人未提出需要采纳的意见，维持拟处理意见。"]),
                )]);
                self.take("A29.keep", Some(&party), answers).await?;
            }
        }
        if self.state().await?.stage == "S6" {
            self.take(
                "A30.submit",
                None,
                fields([("note", text("告知后无新的事实和证据。"))]),
            )
            .await?;
        }
        if self.state().await?.stage == "S4" {
            self.review("A30.pass").await?;
        }
        Ok(())
    }

    /// The leader's examination, or the leaders' discussion.
    pub async fn deliberate(&self) -> Result<(), Stop> {
        if self.case_fact("discuss_due").await? == "yes" {
            let vote = |p: &Person| Vote {
                person: p.id.clone(),
                agrees: true,
                view: "同意拟处理意见。".to_owned(),
            };
            let votes = FieldValue::Votes(self.crew.leaders.iter().map(vote).collect());
            let record = fields([
                ("place", text("局会议室")),
                ("attending", text("法制机构、承办科室人员")),
                ("votes", votes),
                (
                    "record",
                    text(
                        "承办人汇报案情，法制审核人员说明审核意见，各成员依次发表意见，主要负责人最后表态。",
                    ),
                ),
            ]);
            return self.take("A32.conclude", None, record).await;
        }
        self.take("A31.approve", None, fields([("opinion", text("同意。"))]))
            .await
    }

    /// Decisions and their service.
    pub async fn decide_and_serve(&self) -> Result<(), Stop> {
        for party in parties(&self.state().await?) {
            if self.fact(&party, "plan").await? == "penalty" {
                self.take("A33", Some(&party), Fields::new()).await?;
            } else {
                let education = fields([(
                    "education",
                    text("已对当事人进行批评教育，当事人表示今后守法经营。"),
                )]);
                self.take("A34", Some(&party), education).await?;
            }
        }
        for party in parties(&self.state().await?) {
            self.take("A35.deliver", Some(&party), served("direct"))
                .await?;
        }
        Ok(())
    }

    /// Payment, other kinds, publication.
    pub async fn perform(&self, public_facts: &str) -> Result<(), Stop> {
        for party in parties(&self.state().await?) {
            if self.fact(&party, "money").await? == "due" {
                let amount = FieldValue::Money(self.state().await?.unpaid_fen(&party));
                self.take(
                    "A37.full",
                    Some(&party),
                    fields([("amount", amount), ("receipt", text("NO.0001"))]),
                )
                .await?;
            }
            if self.fact(&party, "other").await? == "due" {
                self.execute(&party).await?;
            }
            if self.fact(&party, "publication").await? == "due" {
                let shown = fields([
                    ("secrecy_checked", FieldValue::YesNo(true)),
                    ("public_facts", text(public_facts)),
                ]);
                self.take("A47.publish", Some(&party), shown).await?;
            }
        }
        Ok(())
    }

    /// The penalties other than money, one by one; the last completes them.
    async fn execute(&self, party: &str) -> Result<(), Stop> {
        let state = self.state().await?;
        let track = state.party(party);
        let kinds: Vec<_> = track.into_iter().flat_map(|t| t.unexecuted()).collect();
        let names = PenaltyKind::ALL.iter();
        let named = names.filter(|(kind, ..)| kinds.contains(kind));
        for (n, (_, name, _)) in named.enumerate() {
            let step = if n + 1 < kinds.len() {
                "A40.part"
            } else {
                "A40"
            };
            let record = fields([
                ("kind", text(*name)),
                ("record", text("已执行，凭证附卷。")),
            ]);
            self.take(step, Some(party), record).await?;
        }
        Ok(())
    }

    /// Closing and archive.
    pub async fn close(&self) -> Result<(), Stop> {
        if matches!(self.case_fact("correction").await?.as_str(), "ordered") {
            let passed = fields([
                ("correction", text("passed")),
                ("record", text("经复查，已改正。")),
            ]);
            self.take("A14.check", None, passed).await?;
        }
        let state = self.state().await?;
        let all = state.parties.iter().all(|p| p.is("decision", "no_penalty"));
        let kind = if all { "no_penalty" } else { "performed" };
        let closing = fields([
            ("kind", text(kind)),
            ("summary", text("决定已履行完毕，报请结案。")),
        ]);
        self.take("A49", None, closing).await?;
        self.take(
            "A50",
            None,
            fields([
                ("location", text("档案室一号柜")),
                ("retention", text("长期")),
            ]),
        )
        .await
    }
}
