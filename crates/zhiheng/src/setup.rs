//! `zhiheng setup` and `zhiheng people`: a bureau's installation from a filled-in table, and its changes.
//!
//! A table is checked in full, against itself and against what is there, before anything is written. Nobody is ever
//! removed: who leaves is written as no longer serving, and what they did stays theirs.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use anyhow::Context;
use casework::{
    Config, Setting,
    person::{Body, Person},
    record::Via,
};
use law::{
    pack::{Pack, read_pack},
    rules::NATIONWIDE,
};
use office::{Clock, Office, builtin_pack_files};
use store::Store;

use crate::{
    cli::{PeopleArgs, PeopleCommand, Place, SetupArgs},
    install::Installation,
    staffing,
    table::{self, Fault, Table},
};

/// Letters and digits that are not taken for one another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

fn pack() -> anyhow::Result<Pack> {
    read_pack(&builtin_pack_files(), "").map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })
}

/// `zhiheng setup`
pub async fn setup(place: &Place, args: SetupArgs) -> anyhow::Result<ExitCode> {
    let pack = pack()?;
    let Some(file) = args.file.filter(|_| !args.template) else {
        print!("{}", table::template(&pack));
        return Ok(ExitCode::SUCCESS);
    };
    anyhow::ensure!(
        Installation::read(place)?.is_none(),
        "{} 中已有安装，没有改动。要更改机关或者人员，请用 zhiheng people update；要另建安装，请用 --data 指定空文件夹",
        place.data.display()
    );
    let Some(table) = read(&file, &pack)? else {
        return Ok(ExitCode::FAILURE);
    };
    let plan = match plan(&table, &[], &BTreeMap::new()) {
        Ok(plan) => plan,
        Err(faults) => return Ok(refuse(&file, &faults)),
    };
    let config = match Config::load_dated(&pack, NATIONWIDE, table.settings.iter().cloned()) {
        Ok(config) => config,
        Err(why) => return Ok(refuse(&file, &[together(&why)])),
    };
    say_shortages(&pack, &table, &config, &plan.resulting);
    if args.check {
        println!(
            "表格没有问题，共 {} 人。（只核对，没有建立）",
            table.people.len()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let installation = Installation {
        format: 1,
        body_id: table.body.id.clone(),
        origin: table.log.clone(),
        suite: table.suite.clone(),
        demo: false,
        behind_proxy: false,
        region: None,
        settings: table.settings.clone(),
    };
    Store::migrate(&installation.store_config(place)?, Clock::System.now_us()).await?;
    let office = installation.open(place, Clock::System).await?;
    let others = office.roster().await?;
    anyhow::ensure!(
        others.bodies.keys().all(|id| *id == table.body.id),
        "数据库中已有其他机关的记录，没有改动。请核对数据库地址（ZHIHENG_DATABASE_URL）"
    );
    let passwords = apply(&office, &plan).await?;
    office.store().close().await;
    // Written last: a set-up that was cut off is done anew rather than taken for whole.
    installation.write(place)?;
    println!(
        "已建立{}的安装，共 {} 人。",
        table.body.name,
        table.people.len()
    );
    hand_out(&passwords);
    println!(
        "下一步：zhiheng doctor 检查，zhiheng serve 启动；并请备份签名密钥 {}。",
        place.data.join("log.key").display()
    );
    Ok(ExitCode::SUCCESS)
}

/// `zhiheng people …`
pub async fn people(place: &Place, args: PeopleArgs) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let office = installation.open(place, Clock::System).await?;
    let done = match args.command {
        PeopleCommand::Export => export(&office, &installation).await,
        PeopleCommand::Update { file, check } => {
            update(place, &office, &installation, &file, check).await
        }
        PeopleCommand::Password { login } => password(&office, &login).await,
    };
    office.store().close().await;
    done
}

async fn export(office: &Office, installation: &Installation) -> anyhow::Result<ExitCode> {
    let roster = office.roster().await?;
    let body = own_body(&roster.bodies, installation)?;
    let own: Vec<&Person> = roster
        .people
        .values()
        .filter(|p| p.body_id == body.id)
        .collect();
    print!("{}", table::export(&pack()?, installation, body, &own));
    Ok(ExitCode::SUCCESS)
}

fn own_body<'a>(
    bodies: &'a BTreeMap<String, Body>,
    installation: &Installation,
) -> anyhow::Result<&'a Body> {
    bodies
        .get(&installation.body_id)
        .context("数据库中没有本机关的记录；请核对数据库地址（ZHIHENG_DATABASE_URL）")
}

async fn update(
    place: &Place,
    office: &Office,
    installation: &Installation,
    file: &Path,
    check: bool,
) -> anyhow::Result<ExitCode> {
    let pack = pack()?;
    let Some(table) = read(file, &pack)? else {
        return Ok(ExitCode::FAILURE);
    };
    let roster = office.roster().await?;
    let body = own_body(&roster.bodies, installation)?;
    let mut faults = fixed(&table, installation);
    let planned = plan(&table, &[body], &roster.people);
    if let Err(more) = &planned {
        faults.extend(more.iter().cloned());
    }
    // What could not be opened together afterwards is not written.
    let settings = with_regional(&table.settings, &installation.settings);
    let region = installation.region.as_deref().unwrap_or(NATIONWIDE);
    let config = match Config::load_dated(&pack, region, settings.iter().cloned()) {
        Ok(config) => Some(config),
        Err(why) => {
            faults.push(together(&why));
            None
        }
    };
    let (plan, config) = match (planned, config) {
        (Ok(plan), Some(config)) if faults.is_empty() => (plan, config),
        _ => return Ok(refuse(file, &faults)),
    };
    plan.notes.iter().for_each(|note| println!("{note}"));
    say_shortages(&pack, &table, &config, &plan.resulting);
    if check {
        println!("表格没有问题。（只核对，没有改动）");
        return Ok(ExitCode::SUCCESS);
    }
    let passwords = apply(office, &plan).await?;
    if installation.settings != settings {
        let changed = Installation {
            settings,
            ..installation.clone()
        };
        changed.write(place)?;
        println!("设置已更改，重新启动 zhiheng serve 后生效。");
    }
    println!("已更新 {} 人。", plan.people.len());
    hand_out(&passwords);
    Ok(ExitCode::SUCCESS)
}

/// The settings of a table, with those of a region or with precedence, which it has no columns for.
fn with_regional(table: &[Setting], there: &[Setting]) -> Vec<Setting> {
    let kept = there.iter().filter(|s| !table::has_columns_for(s));
    table.iter().chain(kept).cloned().collect()
}

async fn password(office: &Office, login: &str) -> anyhow::Result<ExitCode> {
    let person = office.person_by_login(login).await?.with_context(|| {
        format!("没有用户名为“{login}”的在岗人员；zhiheng people export 可列出全部人员")
    })?;
    let given = give_password(office, &person).await?;
    hand_out(&[given]);
    Ok(ExitCode::SUCCESS)
}

/// Reads a table; nothing, with its faults told, where it has any.
fn read(file: &Path, pack: &Pack) -> anyhow::Result<Option<Table>> {
    let bytes = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    match table::read(&bytes, pack) {
        Ok(table) => Ok(Some(table)),
        Err(faults) => {
            refuse(file, &faults);
            Ok(None)
        }
    }
}

fn refuse(file: &Path, faults: &[Fault]) -> ExitCode {
    for fault in faults {
        eprintln!("{fault}");
    }
    eprintln!(
        "{} 有 {} 处问题，什么都没有写入。请改正后重新运行。",
        file.display(),
        faults.len()
    );
    ExitCode::FAILURE
}

/// What would be written.
#[derive(Debug)]
struct Plan {
    body: Option<Body>,
    people: Vec<Person>,
    /// Everybody, as they would be.
    resulting: BTreeMap<String, Person>,
    notes: Vec<String>,
}

/// What may not be changed once a log is made.
fn fixed(table: &Table, installation: &Installation) -> Vec<Fault> {
    let items = [
        ("机关标识", &table.body.id, &installation.body_id),
        ("日志名称", &table.log, &installation.origin),
        ("密码套件", &table.suite, &installation.suite),
    ];
    let changed = items.iter().filter(|(_, new, old)| new != old);
    changed
        .map(|(item, _, old)| Fault {
            line: 0,
            what: (*item).to_owned(),
            why: format!("建立安装时已经定为“{old}”，不能更改。请改回"),
        })
        .collect()
}

/// Compares a table with what is there. A unit that cases may stand with, or a sign-in name of somebody else, stays.
fn plan(
    table: &Table,
    bodies: &[&Body],
    there: &BTreeMap<String, Person>,
) -> Result<Plan, Vec<Fault>> {
    let mut faults = Vec::new();
    let old = bodies.first();
    for (code, name) in old.map_or(&[][..], |body| &body.units) {
        if !table.body.units.iter().any(|(known, _)| known == code) {
            faults.push(Fault {
                line: 0,
                what: "[科室]".to_owned(),
                why: format!(
                    "缺少科室“{name}”（{code}）。已有的科室可以改名，不能删除，名下的案件还在"
                ),
            });
        }
    }
    let mut plan = Plan {
        body: Some(table.body.clone()).filter(|new| old.is_none_or(|old| *old != new)),
        people: Vec::new(),
        resulting: there.clone(),
        notes: Vec::new(),
    };
    for (line, person) in &table.people {
        let Some(known) = there.get(&person.id) else {
            plan.resulting.insert(person.id.clone(), person.clone());
            plan.people.push(person.clone());
            continue;
        };
        if known.name != person.name {
            faults.push(Fault {
                line: *line,
                what: "用户名".to_owned(),
                why: format!(
                    "“{}”是{}的，不能转给{}。请给{}另起用户名；{}离岗的，另写一行并填“否”",
                    person.login, known.name, person.name, person.name, known.name
                ),
            });
            continue;
        }
        let merged = merged(known, person);
        if *known != merged {
            plan.notes
                .push(format!("更改：{}（{}）", merged.name, merged.login));
            plan.resulting.insert(merged.id.clone(), merged.clone());
            plan.people.push(merged);
        }
    }
    let listed = |id: &String| table.people.iter().any(|(_, p)| p.id == *id);
    for (_, person) in there.iter().filter(|(id, p)| p.active && !listed(id)) {
        plan.notes.push(format!(
            "表中没有{}（{}），未作改动；离岗的请写上并填“否”",
            person.name, person.login
        ));
    }
    if faults.is_empty() {
        Ok(plan)
    } else {
        Err(faults)
    }
}

/// The person as the table has them, with the cards of before: acts of earlier days rest on those.
fn merged(known: &Person, new: &Person) -> Person {
    let mut cards = known.cards.clone();
    for card in &new.cards {
        let same = |c: &&mut casework::person::Card| {
            c.number == card.number && c.valid_from == card.valid_from
        };
        match cards.iter_mut().find(same) {
            Some(old) => old.clone_from(card),
            None => cards.push(card.clone()),
        }
    }
    Person {
        version: known.version,
        cards,
        ..new.clone()
    }
}

/// What the table leaves open without being wrong.
fn say_shortages(pack: &Pack, table: &Table, config: &Config, people: &BTreeMap<String, Person>) {
    let today = office::beijing_date(Clock::System.now_us());
    for line in staffing::missing_settings(pack, config, today) {
        println!("注意 {line}");
    }
    let lines = staffing::shortages(pack, config, &table.body, people, today);
    for line in &lines {
        println!("注意 {line}");
    }
    if !lines.is_empty() {
        println!("{}", staffing::ADVICE);
    }
}

/// What is wrong with settings that are each well written.
fn together(why: &impl ToString) -> Fault {
    Fault {
        line: 0,
        what: "[设置]".to_owned(),
        why: why.to_string(),
    }
}

/// Somebody's first password.
struct Given {
    name: String,
    login: String,
    password: String,
}

/// Writes what was planned; gives passwords to those who have none.
async fn apply(office: &Office, plan: &Plan) -> anyhow::Result<Vec<Given>> {
    if let Some(body) = &plan.body {
        office.register_body(body, None, Via::Import).await?;
    }
    let mut given = Vec::new();
    for person in &plan.people {
        office.register_person(person, None, Via::Import).await?;
        if !person.active {
            office.store().end_sessions_of(&person.id).await?;
        }
        let has_one = office.store().credential(&person.id).await?.is_some();
        if person.active && !has_one {
            given.push(give_password(office, person).await?);
        }
    }
    Ok(given)
}

/// Gives somebody a new password; who is signed in with the old one is not any more, and who had forgotten it may try
/// again at once.
async fn give_password(office: &Office, person: &Person) -> anyhow::Result<Given> {
    let password = new_password();
    let hash = desk::password::hash_first(&password)?;
    let (key, now) = (desk::password::throttle_key(&person.login), office.now().0);
    office
        .store()
        .set_credential(&person.id, &hash, &key, now)
        .await?;
    Ok(Given {
        name: person.name.clone(),
        login: person.login.clone(),
        password,
    })
}

/// Sixteen letters and digits in fours: some 79 bits of chance.
fn new_password() -> String {
    let mut letters = String::new();
    while letters.len() < 16 {
        let byte = usize::from(rand::random::<u8>());
        // The upper values are thrown again, so that every letter is as likely.
        if byte < LETTERS.len() * (256 / LETTERS.len()) {
            letters.push(char::from(LETTERS[byte % LETTERS.len()]));
        }
    }
    [
        &letters[..4],
        &letters[4..8],
        &letters[8..12],
        &letters[12..],
    ]
    .join("-")
}

fn hand_out(given: &[Given]) {
    if given.is_empty() {
        return;
    }
    println!("初始密码（只显示这一次，请当面交给本人；本人第一次登录时须改成自己的密码）：");
    for one in given {
        println!("  {}\t{}\t{}", one.login, one.name, one.password);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_grouped_and_never_the_same() {
        let (one, two) = (new_password(), new_password());
        assert_ne!(one, two);
        let groups: Vec<&str> = one.split('-').collect();
        assert!(
            groups.len() == 4 && groups.iter().all(|g| g.len() == 4),
            "{one}"
        );
        assert!(one.bytes().all(|b| b == b'-' || LETTERS.contains(&b)));
    }
}
