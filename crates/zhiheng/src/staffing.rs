//! What the roster cannot fill (P07), in words for whoever keeps the list of people.

use std::collections::BTreeMap;

use anyhow::Context;
use casework::{
    Config,
    person::{Body, Person},
    roster::{Gap, gaps, handling_units},
};
use jiff::civil::Date;
use law::pack::Pack;
use office::Office;

/// The same for the bureau that an office is of, today.
pub async fn of_office(office: &Office) -> anyhow::Result<Vec<String>> {
    let roster = office.roster().await?;
    let body = roster
        .bodies
        .get(office.body_id())
        .context("数据库中没有本机关的记录；请核对数据库地址（ZHIHENG_DATABASE_URL）")?
        .clone();
    let (pack, config, today) = (office.pack()?, office.config().clone(), office.now().1);
    // A large roster takes seconds, for which no page should wait.
    let judged = tokio::task::spawn_blocking(move || {
        shortages(&pack, &config, &body, &roster.people, today)
    });
    Ok(judged.await?)
}

/// A line for each gap, those of everybody there first; none where the people are enough.
pub fn shortages(
    pack: &Pack,
    config: &Config,
    body: &Body,
    people: &BTreeMap<String, Person>,
    on: Date,
) -> Vec<String> {
    let own: BTreeMap<String, Person> = people
        .iter()
        .filter(|(_, p)| p.body_id == body.id)
        .map(|(id, p)| (id.clone(), p.clone()))
        .collect();
    let units = handling_units(pack, &own);
    if units.is_empty() {
        return vec!["没有在岗的执法人员，不能办案".to_owned()];
    }
    let mut found = Vec::new();
    for unit in &units {
        for gap in gaps(pack, &own, unit, on, config) {
            found.push(Shortage {
                what: what(&gap),
                away: name(&gap, &own).into_iter().collect(),
                units: vec![unit.clone()],
            });
        }
    }
    let merged = merged(found);
    merged.iter().map(|s| told(s, body, units.len())).collect()
}

/// What cannot be done, when which of several persons is away, in which units.
struct Shortage {
    what: String,
    away: Vec<String>,
    units: Vec<String>,
}

/// What is the same for several units, or whoever of several is away, told once.
fn merged(found: Vec<Shortage>) -> Vec<Shortage> {
    let mut by_person: Vec<Shortage> = Vec::new();
    for one in found {
        let same = |s: &&mut Shortage| (&s.what, &s.away) == (&one.what, &one.away);
        match by_person.iter_mut().find(same) {
            Some(known) => known.units.extend(one.units),
            None => by_person.push(one),
        }
    }
    let mut merged: Vec<Shortage> = Vec::new();
    for one in by_person {
        let same = |s: &&mut Shortage| {
            let of_persons = !s.away.is_empty() && !one.away.is_empty();
            of_persons && (&s.what, &s.units) == (&one.what, &one.units)
        };
        match merged.iter_mut().find(same) {
            Some(known) => known.away.extend(one.away),
            None => merged.push(one),
        }
    }
    merged
}

fn told(shortage: &Shortage, body: &Body, all_units: usize) -> String {
    let when = match shortage.away.as_slice() {
        [] => "人员全部在岗时".to_owned(),
        [one] => format!("{one}不在岗时"),
        [most @ .., last] => format!("{}或者{last}不在岗时", most.join("、")),
    };
    let names: Vec<&str> = shortage.units.iter().map(|u| body.unit_name(u)).collect();
    let whose = if names.len() == all_units {
        "全局".to_owned()
    } else {
        names.join("、")
    };
    format!("{whose}：{when}，{}", shortage.what)
}

fn name(gap: &Gap, people: &BTreeMap<String, Person>) -> Option<String> {
    let person = people.get(gap.away.as_ref()?)?;
    Some(person.name.clone())
}

fn what(gap: &Gap) -> String {
    let mut actions: Vec<&str> = gap.steps.iter().map(|u| u.action.as_str()).collect();
    actions.dedup();
    let mut roles: Vec<&str> = gap
        .steps
        .iter()
        .flat_map(|u| u.roles.iter().map(String::as_str))
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let shown = 5;
    let more = if actions.len() > shown {
        format!("等{}项", actions.len())
    } else {
        String::new()
    };
    let sure = if gap.exact {
        ""
    } else {
        "（人员组合过多，未能逐一试完，请核对）"
    };
    format!(
        "没有足够的人办理“{}”{more}，缺{}{sure}",
        actions[..actions.len().min(shown)].join("”“"),
        roles.join("、"),
    )
}

/// Amounts that the pack leaves to the bureau and that the bureau has not loaded for that day.
pub fn missing_settings(pack: &Pack, config: &Config, on: Date) -> Vec<String> {
    let open = pack
        .config
        .iter()
        .filter(|key| key.burden && key.default.is_none() && crate::table::is_money(key));
    open.filter(|key| config.get(pack, &key.id, on).is_none())
        .map(|key| {
            format!(
                "没有填写“{}”：填写以前，凡有罚款或者没收金额的，一律按应当告知听证、集体讨论办理。依据：{}。请查明本地现行规定，填入数值并写明条款",
                crate::table::setting_name(key),
                key.basis.text
            )
        })
        .collect()
}

/// What to do about gaps.
pub const ADVICE: &str = "依据：《行政处罚法》第四十二条、第五十七条、第五十八条；办、审、定由不同的人担任。\n\
    请增加人员，或者给合适的人员加上所缺职务：zhiheng people export 导出，改后 zhiheng people update。";
