//! Replay: real cases taken through the whole procedure by the demo people, over the real store.
//!
//! All are filed on one day under a simulated clock, so the dates of the violations are shifted, and each
//! line of the answer says so. Windows pass by that clock: all notices are served before it moves on.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::Context;
use casework::{
    field::FieldValue,
    party::{Party, PartyKind},
    proposal::{Disposition, FineRange, Penalty, PenaltyKind},
};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{ToSpan, civil::Date};
use law::{
    fine::fine_in_text,
    money::Fen,
    term::{Roll, Term, Unit},
};
use office::{Clock, Office};
use serde::{Deserialize, Serialize};
use store::{Sequencer, Store};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    cli::{Place, ReplayArgs},
    driver::{Crew, Drive, Plan, Stop, fields, text},
    install::Installation,
    people,
};

/// A record of the input file.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    #[serde(default)]
    domain: String,
    #[serde(default)]
    situation: String,
    #[serde(default)]
    law: String,
    case: String,
    #[serde(default)]
    penalty_kinds: String,
}

/// A line of the answer.
#[derive(Debug, Clone, Default, Serialize)]
struct Answer {
    row: usize,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    article: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    events: u64,
    papers: usize,
    hearing: bool,
    fine_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<String>,
    /// Always set: real dates of the violation are not used.
    violation_date_shifted_to: String,
}

/// `zhiheng replay FILE`
pub async fn replay(place: &Place, args: ReplayArgs) -> anyhow::Result<ExitCode> {
    let rows = read(&args.file, args.limit)?;
    let clock = Clock::simulated(args.on);
    let office = open(place, clock.clone()).await?;
    let calendar = office.calendar();
    let hearing_on = Term::forward(8, Unit::WorkingDay)
        .due(args.on, &[], Roll::Stay, &calendar)?
        .on;
    let crews = crews(&office).await?;
    let bar = progress(rows.len() as u64 * 2);
    let run = Run {
        office: office.clone(),
        on: args.on,
        hearing_on,
        jobs: args.jobs.max(1),
        bar: bar.clone(),
    };

    let started = run.first_half(rows, &crews).await?;
    let after = Term::forward(1, Unit::WorkingDay)
        .due(hearing_on, &[], Roll::Stay, &calendar)?
        .on;
    clock.advance_to(after);
    let answers = run.second_half(started).await?;
    bar.finish_and_clear();
    settle(place, &office).await?;

    let mut good = true;
    for answer in &answers {
        good &= answer.outcome == "closed";
        println!("{}", serde_json::to_string(answer)?);
    }
    let closed = answers.iter().filter(|a| a.outcome == "closed").count();
    eprintln!(
        "共 {} 件：办结 {closed} 件，未能办结 {} 件",
        answers.len(),
        answers.len() - closed
    );
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn settle(place: &Place, office: &Office) -> anyhow::Result<()> {
    let mut sequencer = Sequencer::new(office.store().clone());
    sequencer.run_once(office.now().0).await?;
    crate::publishing::publish_all(place, office, &mut sequencer).await?;
    sequencer.release().await?;
    Ok(())
}

fn read(path: &Path, limit: Option<usize>) -> anyhow::Result<Vec<Row>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("读不了 {}", path.display()))?;
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .take(limit.unwrap_or(usize::MAX))
        .enumerate()
        .map(|(i, line)| {
            serde_json::from_str(line).with_context(|| format!("第{}行不是案件记录", i + 1))
        })
        .collect()
}

async fn open(place: &Place, clock: Clock) -> anyhow::Result<Office> {
    let mut installation = match Installation::read(place)? {
        Some(found) => {
            anyhow::ensure!(
                found.demo,
                "{} 是正式安装，没有改动：重放的案件不得进入机关的正式记录。请用 --data 指定空文件夹",
                place.data.display()
            );
            found
        }
        None => {
            let made = people::installation();
            made.write(place)?;
            made
        }
    };
    // The records come from organs of many kinds; the powers are for the replay alone.
    for key in ["power_detention", "power_close"] {
        installation
            .settings
            .push(people::setting(key, 1, "案例重放：原决定机关的职权"));
    }
    Store::migrate(&installation.store_config(place)?, clock.now_us()).await?;
    let office = installation.open(place, clock).await?;
    let today = office.now().1;
    crate::demo::register(&office, today).await?;
    Ok(office)
}

async fn crews(office: &Office) -> anyhow::Result<Vec<Arc<Crew>>> {
    let (roster, today) = (office.roster().await?, office.now().1);
    let crews: Vec<_> = ["wh", "gm"]
        .iter()
        .filter_map(|unit| Crew::of_unit(&roster.people, unit, today))
        .map(Arc::new)
        .collect();
    anyhow::ensure!(!crews.is_empty(), "演示人员不足，不能重放");
    Ok(crews)
}

fn progress(total: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} {msg} 用时 {elapsed} 尚需 {eta}");
    ProgressBar::new(total)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message("半程")
}

struct Run {
    office: Office,
    on: Date,
    hearing_on: Date,
    jobs: usize,
    bar: ProgressBar,
}

struct Started {
    row: usize,
    source: Row,
    drive: Option<Drive>,
    stop: Option<Stop>,
}

impl Run {
    /// Every case up to its served notices, on the first day.
    async fn first_half(
        &self,
        rows: Vec<Row>,
        crews: &[Arc<Crew>],
    ) -> anyhow::Result<Vec<Started>> {
        let gate = Arc::new(Semaphore::new(self.jobs));
        let mut tasks = JoinSet::new();
        for (i, source) in rows.into_iter().enumerate() {
            let (gate, office, bar) = (Arc::clone(&gate), self.office.clone(), self.bar.clone());
            let crew = Arc::clone(&crews[i % crews.len()]);
            let plan = plan(&source, self.on, self.hearing_on)?;
            tasks.spawn(async move {
                let _place = gate.acquire().await;
                let (drive, stop) = match begin(office, crew, i, &source, &plan).await {
                    Ok(drive) => match drive.until_notice(&plan).await {
                        Ok(()) => (Some(drive), None),
                        Err(stop) => (Some(drive), Some(stop)),
                    },
                    Err(stop) => (None, Some(stop)),
                };
                bar.inc(1);
                Started {
                    row: i + 1,
                    source,
                    drive,
                    stop,
                }
            });
        }
        let mut started = tasks.join_all().await;
        started.sort_by_key(|s| s.row);
        Ok(started)
    }

    /// Every case from the closed windows to the archive, on the day after the hearings.
    async fn second_half(&self, started: Vec<Started>) -> anyhow::Result<Vec<Answer>> {
        let gate = Arc::new(Semaphore::new(self.jobs));
        let mut tasks = JoinSet::new();
        for one in started {
            let (gate, office, bar, on) = (
                Arc::clone(&gate),
                self.office.clone(),
                self.bar.clone(),
                self.on,
            );
            tasks.spawn(async move {
                let _place = gate.acquire().await;
                let answer = finish(&office, one, on).await;
                bar.inc(1);
                answer
            });
        }
        let mut answers = tasks.join_all().await;
        answers.sort_by_key(|a| a.row);
        Ok(answers)
    }
}

async fn begin(
    office: Office,
    crew: Arc<Crew>,
    i: usize,
    row: &Row,
    plan: &Plan,
) -> Result<Drive, Stop> {
    let lead = fields([
        ("source", text("transfer")),
        (
            "case_name",
            text(format!(
                "涉嫌{}案（重放第{}件）",
                short(&row.situation),
                i + 1
            )),
        ),
        ("cause", text(short(&row.situation))),
        ("clue", text(plan.summary.clone())),
        ("discovered_on", FieldValue::Date(plan.violation_ended_on)),
        ("parties", FieldValue::Parties(vec![party(row, i)])),
    ]);
    Drive::open(office, crew, &format!("replay-{}", i + 1), lead).await
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    if cut.trim().is_empty() {
        "违法行为".to_owned()
    } else {
        cut
    }
}

fn party(row: &Row, i: usize) -> Party {
    let organization = ["单位", "公司", "店", "厂", "中心", "医院", "学校", "部"]
        .iter()
        .any(|w| row.case.contains(w));
    let kind = if organization {
        PartyKind::Organization
    } else {
        PartyKind::Person
    };
    let name = if organization {
        format!("当事单位第{}号", i + 1)
    } else {
        format!("某甲第{}号", i + 1)
    };
    Party {
        id: "p1".to_owned(),
        kind,
        name,
        code: String::new(),
        representative: String::new(),
        address: "（原记录未载明）".to_owned(),
        phone: String::new(),
    }
}

fn plan(row: &Row, on: Date, hearing_on: Date) -> anyhow::Result<Plan> {
    let ended = on.checked_sub(10.days())?;
    let shifted = format!("（原记录的违法日期在演示时钟下平移至{ended}）");
    Ok(Plan {
        summary: format!("{}。{shifted}", short(&row.situation)),
        report: format!("{}{shifted}", row.case),
        violation_ended_on: ended,
        dispositions: vec![disposition(row)],
        grave: false,
        hearing_on: Some(hearing_on),
    })
}

/// Kinds named in the decision's part of the text, other than the fine.
const KINDS: [(&str, PenaltyKind); 10] = [
    ("警告", PenaltyKind::Warning),
    ("通报批评", PenaltyKind::Criticism),
    ("没收违法所得", PenaltyKind::ConfiscateGains),
    ("没收", PenaltyKind::ConfiscateGoods),
    ("吊销", PenaltyKind::RevokeLicence),
    ("暂扣", PenaltyKind::SuspendLicence),
    ("停产停业", PenaltyKind::StopBusiness),
    ("停业整顿", PenaltyKind::StopBusiness),
    ("责令关闭", PenaltyKind::Close),
    ("拘留", PenaltyKind::Detention),
];

fn disposition(row: &Row) -> Disposition {
    let decided = row
        .case
        .rfind("决定")
        .map_or(row.case.as_str(), |at| &row.case[at..]);
    let mut penalties: Vec<Penalty> = Vec::new();
    let mut add = |kind: PenaltyKind, amount_fen: Option<i64>, words: &str| {
        if !penalties.iter().any(|p| p.kind == kind) {
            penalties.push(Penalty {
                kind,
                amount_fen,
                period_days: None,
                text: words.to_owned(),
            });
        }
    };
    let fine = fine_in_text(&row.case);
    if let Some(fine) = fine {
        add(PenaltyKind::Fine, Some(fine.0), "");
    }
    let rest = decided.replace("没收违法所得", "〔没收违法所得〕");
    for (word, kind) in KINDS {
        let found = if word == "没收" {
            rest.replace("〔没收违法所得〕", "").contains(word)
        } else {
            decided.contains(word)
        };
        if found {
            let gains = gains_in_text(decided);
            match kind {
                PenaltyKind::ConfiscateGains => match gains {
                    Some(fen) => add(kind, Some(fen), ""),
                    // Gains are not confiscated without an amount; what the record does not say is kept in words.
                    None => add(PenaltyKind::Other, None, "没收违法所得（原记录未载明数额）"),
                },
                _ => add(kind, None, ""),
            }
        }
    }
    if penalties.is_empty() {
        penalties.push(Penalty {
            kind: PenaltyKind::Other,
            amount_fen: None,
            period_days: None,
            text: if row.penalty_kinds.is_empty() {
                "（按原决定）".to_owned()
            } else {
                format!("（{}）", row.penalty_kinds)
            },
        });
    }
    let law = if row.law.trim().is_empty() {
        "（见原决定）".to_owned()
    } else {
        row.law.clone()
    };
    Disposition {
        party: "p1".to_owned(),
        proven: true,
        facts: row.case.clone(),
        characterization: short(&row.situation),
        violated: vec![law.clone()],
        basis: vec![law],
        discretion: format!(
            "按原决定裁量（{}）。原记录未载明法定罚款幅度，演示以零至原罚款数额为幅度。",
            row.domain
        ),
        excuse: None,
        penalties,
        range: fine.map(|fine| FineRange {
            min_fen: 0,
            max_fen: fine.0,
            reduction: String::new(),
        }),
        correction: "立即停止违法行为。".to_owned(),
    }
}

/// The amount of confiscated gains where the text says it right after the words, in fen.
fn gains_in_text(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once("没收违法所得")?;
    let rest = rest.trim_start_matches("人民币");
    let (amount, _) = rest.split_once('元')?;
    let fen = format!("{amount}元").parse::<Fen>().ok()?;
    (fen.0 > 0).then_some(fen.0)
}

async fn finish(office: &Office, started: Started, on: Date) -> Answer {
    let fine_fen = fine_in_text(&started.source.case).map(|fen| fen.0);
    let shifted = on.checked_sub(10.days()).unwrap_or(on).to_string();
    let mut answer = Answer {
        row: started.row,
        fine_fen,
        violation_date_shifted_to: shifted,
        ..Answer::default()
    };
    let Some(drive) = started.drive else {
        refuse(&mut answer, started.stop);
        return answer;
    };
    let stop = match started.stop {
        Some(stop) => Some(stop),
        None => end(&drive, &started.source).await.err(),
    };
    if let Ok(file) = drive.file().await {
        answer.case = Some(file.id.clone());
        answer.number = file.state.number.clone();
        answer.events = file.state.version;
        answer.papers = file.state.papers.len();
        answer.hearing = file
            .state
            .papers
            .iter()
            .any(|(_, p)| p.template == "hearing_record");
        let published = file.state.parties.first().filter(|p| p.published.is_some());
        answer.public = published.and_then(|p| office.public_address(&file, &p.party.id));
    }
    match stop {
        None => answer.outcome = "closed".to_owned(),
        stop => refuse(&mut answer, stop),
    }
    answer
}

async fn end(drive: &Drive, source: &Row) -> Result<(), Stop> {
    drive.until_examined().await?;
    drive.deliberate().await?;
    drive.decide_and_serve().await?;
    drive
        .perform(&format!(
            "当事人存在“{}”的违法行为。",
            short(&source.situation)
        ))
        .await?;
    drive.close().await
}

fn refuse(answer: &mut Answer, stop: Option<Stop>) {
    answer.outcome = "refused".to_owned();
    match stop {
        Some(Stop::Refused { step, refusal }) => {
            answer.action = Some(step);
            answer.article = refusal.reasons.iter().find_map(|r| r.basis.clone());
            answer.reason = Some(refusal.sentence());
        }
        Some(other) => answer.reason = Some(other.to_string()),
        None => {}
    }
}
