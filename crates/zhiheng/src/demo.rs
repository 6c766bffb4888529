//! `zhiheng demo`: an invented county bureau with cases at every stage, two of them overdue.

use std::{process::ExitCode, sync::Arc};

use casework::{
    field::FieldValue,
    party::{Party, PartyKind},
    proposal::{Disposition, Excuse, FineRange, Penalty, PenaltyKind},
    record::Via,
};
use jiff::{ToSpan, civil::Date};
use law::{
    calendar::Calendar,
    ident::{make_citizen, make_credit},
    term::{Roll, Term, Unit},
};
use office::{Clock, Office};
use store::{Sequencer, Store};

use crate::{
    cli::{DemoArgs, Place},
    driver::{Crew, Drive, Plan, fields, text},
    install::Installation,
    people,
};

/// `zhiheng demo`
pub async fn demo(place: &Place, args: DemoArgs) -> anyhow::Result<ExitCode> {
    if Installation::read(place)?.is_some() {
        println!("{} 中已有数据，保留不动。", place.data.display());
        return Ok(ExitCode::SUCCESS);
    }
    let today = args
        .today
        .unwrap_or_else(|| office::beijing_date(Clock::System.now_us()));
    println!("正在建立演示机关……");
    build(place, today, stories()).await?;
    println!("演示机关已建立，共 12 件案件。");
    Ok(ExitCode::SUCCESS)
}

/// A demo with three cases that every sort of record comes of: one archived and one of a person, both published, and
/// a lead.
#[cfg(test)]
pub async fn small(place: &Place, today: Date) -> anyhow::Result<()> {
    let mut cases = stories();
    let mut count = 0;
    cases.retain(|one| {
        count += 1;
        count == 1 || one.reach == Reach::Lead || one.reach == Reach::Performed
    });
    build(place, today, cases).await
}

async fn build(place: &Place, today: Date, cases: Vec<Story>) -> anyhow::Result<()> {
    let installation = people::installation();
    // The demo's past is played on a simulated clock that ends before today.
    let clock = Clock::simulated(today.checked_sub(people::DEMO_DAYS.days())?);
    Store::migrate(&installation.store_config(place)?, clock.now_us()).await?;
    let office = installation.open(place, clock.clone()).await?;
    register(&office, today).await?;
    play(&office, &clock, today, cases).await?;
    let mut sequencer = Sequencer::new(office.store().clone());
    crate::publishing::publish_all(place, &office, &mut sequencer).await?;
    sequencer.release().await?;
    office.store().close().await;
    // Written last: a demo that was cut off is made anew rather than taken for whole.
    installation.write(place)
}

/// Registers bureau, people as of a day and their demo passwords, where they are not there yet.
pub async fn register(office: &Office, today: Date) -> anyhow::Result<()> {
    let roster = office.roster().await?;
    if roster.bodies.contains_key(people::BODY) {
        return Ok(());
    }
    office
        .register_body(&people::body(), None, Via::Import)
        .await?;
    let hash = desk::password::hash_demo(people::PASSWORD)?;
    for person in people::people(today) {
        office.register_person(&person, None, Via::Import).await?;
        office
            .store()
            .set_credential(
                &person.id,
                &hash,
                &desk::password::throttle_key(&person.login),
                office.now().0,
            )
            .await?;
    }
    Ok(())
}

/// How far a demo case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Lead,
    Filed,
    Investigated,
    Proposed,
    Reviewed,
    Notified,
    /// Everything but the leaders' examination or discussion.
    Examined,
    Deliberated,
    Served,
    Performed,
    Archived,
}

struct Story {
    name: &'static str,
    party: &'static str,
    kind: PartyKind,
    cause: &'static str,
    facts: &'static str,
    violated: &'static str,
    basis: &'static str,
    fine_yuan: i64,
    excuse: Option<Excuse>,
    /// A grave case, which the leaders must discuss.
    grave: bool,
    /// The party asks for its hearing, which is arranged for this many working days after the lead.
    hearing_after: Option<u32>,
    reach: Reach,
    /// Days before today on which the lead came in.
    days_ago: i64,
    unit: &'static str,
}

const fn story(
    name: &'static str,
    party: &'static str,
    kind: PartyKind,
    fine_yuan: i64,
    reach: Reach,
    days_ago: i64,
    unit: &'static str,
) -> Story {
    Story {
        name,
        party,
        kind,
        cause: "未建立安全风险分级管控制度",
        facts: "经查，当事人未建立安全风险分级管控制度，未按照安全风险分级采取相应管控措施。",
        violated: "《中华人民共和国安全生产法》第四十一条第一款",
        basis: "《中华人民共和国安全生产法》第一百零一条第四项",
        fine_yuan,
        excuse: None,
        grave: false,
        hearing_after: None,
        reach,
        days_ago,
        unit,
    }
}

/// Invented cases, oldest first.
fn stories() -> Vec<Story> {
    use PartyKind::{IndividualBusiness, Organization, Person};
    let mut list = vec![
        story(
            "青山县红星化工厂涉嫌未建立风险分级管控制度案",
            "青山县红星化工厂",
            Organization,
            30_000,
            Reach::Archived,
            125,
            "wh",
        ),
        story(
            "青山县东岭机械有限公司涉嫌未建立风险分级管控制度案",
            "青山县东岭机械有限公司",
            Organization,
            45_000,
            Reach::Archived,
            120,
            "gm",
        ),
        story(
            "青山县宏达建材有限公司涉嫌未建立风险分级管控制度案",
            "青山县宏达建材有限公司",
            Organization,
            80_000,
            Reach::Filed,
            110,
            "gm",
        ),
        story(
            "柳某某涉嫌违反安全操作规程案",
            "柳青河",
            Person,
            5_000,
            Reach::Performed,
            100,
            "gm",
        ),
        story(
            "青山县利民加油站涉嫌未建立风险分级管控制度案",
            "青山县利民加油站",
            IndividualBusiness,
            8_000,
            Reach::Served,
            70,
            "wh",
        ),
        story(
            "青山县永兴烟花经营部涉嫌未建立台账案",
            "青山县永兴烟花经营部",
            IndividualBusiness,
            0,
            Reach::Archived,
            65,
            "wh",
        ),
        story(
            "青山县远大涂料有限公司涉嫌未建立风险分级管控制度案",
            "青山县远大涂料有限公司",
            Organization,
            60_000,
            Reach::Notified,
            40,
            "wh",
        ),
        story(
            "青山县金石制品有限公司涉嫌未建立风险分级管控制度案",
            "青山县金石制品有限公司",
            Organization,
            28_000,
            Reach::Examined,
            36,
            "gm",
        ),
        story(
            "青山县顺风冷库涉嫌未建立风险分级管控制度案",
            "青山县顺风冷库",
            Organization,
            20_000,
            Reach::Reviewed,
            20,
            "gm",
        ),
        story(
            "青山县长青油漆店涉嫌未建立风险分级管控制度案",
            "青山县长青油漆店",
            IndividualBusiness,
            6_000,
            Reach::Proposed,
            15,
            "wh",
        ),
        story(
            "青山县新源液化气站涉嫌未建立风险分级管控制度案",
            "青山县新源液化气站",
            Organization,
            20_000,
            Reach::Investigated,
            10,
            "wh",
        ),
        story(
            "青山县平安木业有限公司涉嫌未建立风险分级管控制度案",
            "青山县平安木业有限公司",
            Organization,
            20_000,
            Reach::Lead,
            30,
            "gm",
        ),
    ];
    list[5].excuse = Some(Excuse::Minor);
    // Its hearing was yesterday or some days ago: the record waits for its host.
    list[6].hearing_after = Some(20);
    list[7].grave = true;
    list.sort_by_key(|s| std::cmp::Reverse(s.days_ago));
    list
}

async fn play(
    office: &Office,
    clock: &Clock,
    today: Date,
    mut waiting: Vec<Story>,
) -> anyhow::Result<()> {
    let roster = office.roster().await?;
    let mut drives: Vec<(Story, Drive, Plan, usize)> = Vec::new();
    // One day after another: each day every case goes as far as its windows let it.
    let mut day = today.checked_sub(126.days())?;
    let mut opened = 0_usize;
    while day < today {
        clock.advance_to(day);
        while let Some(next) = waiting
            .first()
            .filter(|s| today.checked_sub(s.days_ago.days()).is_ok_and(|d| d <= day))
        {
            let crew = Crew::of_unit(&roster.people, next.unit, today);
            let crew =
                Arc::new(crew.ok_or_else(|| anyhow::anyhow!("演示机关的{}人员不足", next.unit))?);
            let one = waiting.remove(0);
            opened += 1;
            let plan = plan(&one, day, &office.calendar())?;
            let drive = Drive::open(
                office.clone(),
                crew,
                &format!("demo-{opened}"),
                lead(&one, day, opened),
            )
            .await?;
            drives.push((one, drive, plan, 0));
        }
        for (one, drive, plan, done) in &mut drives {
            *done = advance(one, drive, plan, *done).await?;
        }
        day = Term::forward(1, Unit::WorkingDay)
            .due(day, &[], Roll::Stay, &office.calendar())?
            .on;
    }
    Ok(())
}

fn lead(one: &Story, day: Date, n: usize) -> casework::field::Fields {
    let serial = u16::try_from(n).unwrap_or(1);
    let code = match one.kind {
        PartyKind::Person => make_citizen("130821", Date::constant(1980, 1, 1), serial * 2 + 1),
        _ => make_credit("91", "130821", &format!("MA0DEM{n:02}")),
    };
    let party = Party {
        id: "p1".to_owned(),
        kind: one.kind,
        name: one.party.to_owned(),
        code: code.unwrap_or_default(),
        representative: if one.kind.is_natural() {
            String::new()
        } else {
            "田某某".to_owned()
        },
        address: "青山县工业路".to_owned(),
        phone: String::new(),
    };
    fields([
        ("source", text("inspection")),
        ("case_name", text(one.name)),
        ("cause", text(one.cause)),
        ("clue", text(format!("日常检查发现：{}", one.facts))),
        ("discovered_on", FieldValue::Date(day)),
        ("parties", FieldValue::Parties(vec![party])),
    ])
}

fn plan(one: &Story, day: Date, calendar: &Calendar) -> anyhow::Result<Plan> {
    let hearing = one.hearing_after.map(|days| {
        let term = Term::forward(days, Unit::WorkingDay);
        term.due(day, &[], Roll::Stay, calendar)
    });
    let penalties = match one.excuse {
        Some(_) => Vec::new(),
        None => vec![Penalty {
            kind: PenaltyKind::Fine,
            amount_fen: Some(one.fine_yuan * 100),
            period_days: None,
            text: String::new(),
        }],
    };
    let disposition = Disposition {
        party: "p1".to_owned(),
        proven: true,
        facts: one.facts.to_owned(),
        characterization: one.cause.to_owned(),
        violated: vec![one.violated.to_owned()],
        basis: vec![one.basis.to_owned()],
        discretion: "当事人积极配合调查，及时改正，属于一般情节。".to_owned(),
        excuse: one.excuse,
        penalties,
        range: Some(FineRange {
            min_fen: 0,
            max_fen: 10_000_000,
            reduction: String::new(),
        }),
        correction: "建立健全安全风险分级管控制度。".to_owned(),
    };
    Ok(Plan {
        summary: one.facts.to_owned(),
        report: format!(
            "{}以上事实有现场照片、书证等证据证明，证据确实充分。",
            one.facts
        ),
        violation_ended_on: day,
        dispositions: vec![disposition],
        grave: one.grave,
        hearing_on: hearing.transpose()?.map(|due| due.on),
    })
}

/// Takes a case as far as it may go today; gives the number of parts done.
async fn advance(one: &Story, drive: &Drive, plan: &Plan, done: usize) -> anyhow::Result<usize> {
    let parts = [
        Reach::Filed,
        Reach::Investigated,
        Reach::Proposed,
        Reach::Reviewed,
        Reach::Notified,
        Reach::Examined,
        Reach::Deliberated,
        Reach::Served,
        Reach::Performed,
        Reach::Archived,
    ];
    let Some(next) = parts.get(done).copied().filter(|part| *part <= one.reach) else {
        return Ok(done);
    };
    match next {
        Reach::Lead => {}
        Reach::Filed => drive.file_case(plan).await?,
        Reach::Investigated => drive.collect().await?,
        Reach::Proposed => drive.propose(plan).await?,
        Reach::Reviewed => drive.first_review().await?,
        Reach::Notified => drive.notify_all(plan).await?,
        Reach::Examined if !drive.windows_closed().await? => return Ok(done),
        Reach::Examined => drive.until_examined().await?,
        Reach::Deliberated => drive.deliberate().await?,
        Reach::Served => drive.decide_and_serve().await?,
        Reach::Performed => drive.perform(&format!("当事人{}。", one.cause)).await?,
        Reach::Archived => drive.close().await?,
    }
    Ok(done + 1)
}
