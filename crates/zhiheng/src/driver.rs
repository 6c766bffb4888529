//! Takes a case through the procedure by the demo people, step by step through the office like anyone else.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use casework::{
    Act, Command, Refusal,
    field::{FieldValue, Fields, ReviewItem, Vote},
    person::Person,
    proposal::{Disposition, PenaltyKind},
    record::Via,
    state::State,
};
use jiff::civil::Date;
use law::pack::LimitStatus;
use office::{CaseFile, Office, OfficeError};

/// The people of one unit and those who serve the whole bureau.
#[derive(Debug, Clone)]
pub struct Crew {
    /// Two handling officers.
    pub handlers: [Person; 2],
    /// 初审员.
    pub preliminary: Person,
    /// 科室负责人.
    pub section_head: Person,
    /// 法制审核员.
    pub reviewer: Person,
    /// 听证主持人 and 记录员.
    pub hearing: [Person; 2],
    /// 机关负责人, the principal last.
    pub leaders: Vec<Person>,
    /// 公示审核人.
    pub publisher: Person,
    /// 财务人员.
    pub cashier: Person,
    /// 档案人员.
    pub archivist: Person,
}

impl Crew {
    /// The crew of a unit out of the roster; its officers hold cards that are good on that day.
    pub fn of_unit(people: &BTreeMap<String, Person>, unit: &str, on: Date) -> Option<Self> {
        let with = |role: &str, unit: Option<&str>| {
            let fits = move |p: &&Person| {
                p.roles.iter().any(|r| r == role) && unit.is_none_or(|u| p.unit == u)
            };
            people.values().filter(fits).cloned().collect::<Vec<_>>()
        };
        let plain: Vec<Person> = with("officer", Some(unit))
            .into_iter()
            .filter(|p| p.roles.len() == 1 && p.card_on(on).is_some())
            .collect();
        let mut leaders = with("leader", None);
        leaders.extend(with("principal", None));
        let reviewers = with("legal_reviewer", None);
        Some(Self {
            handlers: [plain.first()?.clone(), plain.get(1)?.clone()],
            preliminary: with("preliminary_reviewer", Some(unit)).first()?.clone(),
            section_head: with("section_head", Some(unit)).first()?.clone(),
            reviewer: reviewers.first()?.clone(),
            hearing: [
                with("legal_head", None).first()?.clone(),
                reviewers.get(1)?.clone(),
            ],
            leaders,
            publisher: with("publisher", None).first()?.clone(),
            cashier: with("cashier", None).first()?.clone(),
            archivist: with("archivist", None).first()?.clone(),
        })
    }

    /// Who takes the part of a role in this crew.
    fn role(&self, role: &str) -> Option<&Person> {
        Some(match role {
            "officer" | "handler" => &self.handlers[0],
            "preliminary_reviewer" => &self.preliminary,
            "section_head" => &self.section_head,
            "legal_reviewer" | "legal_head" => &self.reviewer,
            "hearing_host" => &self.hearing[0],
            "hearing_clerk" => &self.hearing[1],
            "leader" => self.leaders.first()?,
            "principal" | "acting_principal" => self.leaders.last()?,
            "publisher" => &self.publisher,
            "cashier" => &self.cashier,
            "archivist" | "intake" => &self.archivist,
            _ => return None,
        })
    }
}

/// Why a case did not go on: the step and the refusal.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The procedure refused a step.
    #[error("{step}: {refusal}")]
    Refused {
        /// Step.
        step: String,
        /// Refusal.
        refusal: Refusal,
    },
    /// Something else.
    #[error(transparent)]
    Office(#[from] OfficeError),
    /// The driver has nobody for a part.
    #[error("演示人员中没有人可以担任“{0}”")]
    Nobody(String),
}

/// One case being driven.
pub struct Drive {
    office: Office,
    crew: Arc<Crew>,
    case: String,
    prefix: String,
    count: AtomicU64,
}

/// Text as a field.
pub fn text(value: impl Into<String>) -> FieldValue {
    FieldValue::Text(value.into())
}

/// Points as a field.
pub fn points(list: &[&str]) -> FieldValue {
    FieldValue::Points(list.iter().map(|p| (*p).to_owned()).collect())
}

/// Fields from pairs.
pub fn fields<const N: usize>(pairs: [(&str, FieldValue); N]) -> Fields {
    pairs
        .into_iter()
        .map(|(id, value)| (id.to_owned(), value))
        .collect()
}

/// Ten items in order.
pub fn ten_items() -> FieldValue {
    FieldValue::TenItems(vec![
        ReviewItem {
            ok: true,
            remark: String::new()
        };
        10
    ])
}

impl Drive {
    /// Opens a case; `prefix` makes the ids of its commands, so that a second run finds the first's answers.
    pub async fn open(
        office: Office,
        crew: Arc<Crew>,
        prefix: &str,
        lead: Fields,
    ) -> Result<Self, Stop> {
        let mut drive = Self {
            office,
            crew,
            case: String::new(),
            prefix: prefix.to_owned(),
            count: AtomicU64::new(0),
        };
        let command = drive.command("A01", None, Act::Take, lead, &[], 0);
        let actor = drive.crew.handlers[0].clone();
        let (case, _) = drive
            .office
            .open_case(&actor, Via::Import, command)
            .await
            .map_err(|e| stop("A01", e))?;
        drive.case = case;
        Ok(drive)
    }

    /// The case as it stands.
    pub async fn file(&self) -> Result<Arc<CaseFile>, Stop> {
        // A leader reads every case of the body.
        let reader = self
            .crew
            .leaders
            .first()
            .ok_or_else(|| Stop::Nobody("机关负责人".to_owned()))?;
        Ok(self.office.case(reader, &self.case).await?)
    }

    /// The case's state.
    pub async fn state(&self) -> Result<State, Stop> {
        Ok(self.file().await?.state.clone())
    }

    fn today(&self) -> Date {
        self.office.now().1
    }

    fn command(
        &self,
        step: &str,
        party: Option<&str>,
        act: Act,
        fields: Fields,
        with: &[&Person],
        seen: u64,
    ) -> Command {
        let n = self.count.fetch_add(1, Ordering::SeqCst);
        Command {
            id: format!("{}-{n}", self.prefix),
            step: step.to_owned(),
            party: party.map(str::to_owned),
            act,
            occurred_on: self.today(),
            late_reason: None,
            with: with.iter().map(|p| p.id.clone()).collect(),
            card_shown: true,
            fields,
            seen_version: seen,
        }
    }

    async fn send(&self, actor: &Person, command: Command) -> Result<(), Stop> {
        let step = command.step.clone();
        self.office
            .act(actor, Via::Import, &self.case, command)
            .await
            .map_err(|e| stop(&step, e))?;
        Ok(())
    }

    /// Takes a step with all its approvals, by the crew.
    pub async fn take(&self, step: &str, party: Option<&str>, fields: Fields) -> Result<(), Stop> {
        let file = self.file().await?;
        let declared = file.pack.steps.iter().find(|s| s.id == step);
        let Some(declared) = declared else {
            return Err(Stop::Nobody(step.to_owned()));
        };
        let first = declared.by.first().map_or("officer", |c| c.role.as_str());
        let actor = self
            .crew
            .role(first)
            .ok_or_else(|| Stop::Nobody(first.to_owned()))?;
        let mut with: Vec<&Person> = Vec::new();
        if declared.by.first().is_some_and(|c| c.min > 1) {
            match first {
                "leader" => with.extend(self.crew.leaders.iter().skip(1)),
                _ => with.push(&self.crew.handlers[1]),
            }
        }
        for crew in declared.by.iter().skip(1) {
            with.extend(self.crew.role(&crew.role));
        }
        let command = self.command(step, party, Act::Take, fields, &with, file.state.version);
        let request = command.id.clone();
        self.send(actor, command).await?;
        for crew in &declared.chain {
            let approver = match crew.role.as_str() {
                "handler" => Some(&self.crew.handlers[1]),
                role => self.crew.role(role),
            };
            let approver = approver.ok_or_else(|| Stop::Nobody(crew.role.clone()))?;
            let act = Act::Approve {
                request: request.clone(),
                opinion: "同意。".to_owned(),
            };
            let seen = self.file().await?.state.version;
            let command = self.command(step, party, act, Fields::new(), &[], seen);
            self.send(approver, command).await?;
        }
        Ok(())
    }

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
            fields([("opinion", text("事实清楚，证据充分，拟同意，报审。"))]),
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

    /// Hearings, reconsideration of views, second review, deliberation.
    pub async fn until_deliberation(&self) -> Result<(), Stop> {
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
        self.deliberate().await
    }

    async fn deliberate(&self) -> Result<(), Stop> {
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

    async fn case_fact(&self, fact: &str) -> Result<String, Stop> {
        Ok(self
            .state()
            .await?
            .facts
            .get(fact)
            .cloned()
            .unwrap_or_default())
    }

    async fn fact(&self, party: &str, fact: &str) -> Result<String, Stop> {
        let state = self.state().await?;
        Ok(state
            .party(party)
            .and_then(|p| p.facts.get(fact))
            .cloned()
            .unwrap_or_default())
    }
}

/// What a case is about.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Summary at filing.
    pub summary: String,
    /// Investigation report.
    pub report: String,
    /// Last day of the violation.
    pub violation_ended_on: Date,
    /// Proposal, party by party.
    pub dispositions: Vec<Disposition>,
    /// Day of a hearing, if the party asks for one where it may.
    pub hearing_on: Option<Date>,
}

fn served(method: &str) -> Fields {
    fields([
        ("method", text(method)),
        ("recipient", text("当事人")),
        ("place", text("当事人住所")),
    ])
}

fn parties(state: &State) -> Vec<String> {
    state.parties.iter().map(|p| p.party.id.clone()).collect()
}

fn stop(step: &str, error: OfficeError) -> Stop {
    match error {
        OfficeError::Refused(refusal) => Stop::Refused {
            step: step.to_owned(),
            refusal,
        },
        other => Stop::Office(other),
    }
}
