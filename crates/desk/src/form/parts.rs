//! The parts of a form that have rows: parties, the proposal, the ten items, votes, things.

use casework::{
    field::{REVIEW_ITEMS, ReviewItem, Thing, Vote},
    party::{Party, PartyKind},
    proposal::{Disposition, Excuse, FineRange, Penalty, PenaltyKind},
    state::State,
};

use super::read::{money, yes_no};
use crate::typed::Typed;

/// The lines of a text, trimmed, without blank ones.
pub fn text_lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The inputs of one row.
struct Row<'a> {
    typed: &'a Typed,
    prefix: String,
}

impl<'a> Row<'a> {
    fn new(typed: &'a Typed, name: &str, row: usize) -> Self {
        Self {
            typed,
            prefix: format!("{name}.{row}."),
        }
    }

    fn text(&self, part: &str) -> String {
        self.typed
            .text(&format!("{}{part}", self.prefix))
            .to_owned()
    }

    fn blank(&self, parts: &[&str]) -> bool {
        parts.iter().all(|part| self.text(part).is_empty())
    }
}

/// The parties of a form; `before` is how many the case has already.
pub(super) fn read_parties(
    name: &str,
    before: usize,
    typed: &Typed,
) -> Result<Vec<Party>, Vec<String>> {
    let mut parties = Vec::new();
    let mut faults = Vec::new();
    for number in typed.rows(&format!("{name}.")) {
        let row = Row::new(typed, name, number);
        if row.blank(&["name", "code", "representative", "address", "phone"]) {
            continue;
        }
        let nth = before + parties.len() + 1;
        let kind = row.text("kind");
        let Some((kind, ..)) = PartyKind::ALL.iter().find(|(_, id, _)| *id == kind) else {
            faults.push(format!(
                "第{nth}名当事人没有选择类型（单位、个体工商户或者个人）"
            ));
            continue;
        };
        parties.push(Party {
            id: format!("p{nth}"),
            kind: *kind,
            name: row.text("name"),
            code: row.text("code").to_uppercase(),
            representative: row.text("representative"),
            address: row.text("address"),
            phone: row.text("phone"),
        });
    }
    if faults.is_empty() {
        Ok(parties)
    } else {
        Err(faults)
    }
}

/// The proposal of a form, party by party.
pub(super) fn read_proposal(
    name: &str,
    state: &State,
    typed: &Typed,
) -> Result<Vec<Disposition>, Vec<String>> {
    let mut list = Vec::new();
    let mut faults = Vec::new();
    for number in typed.rows(&format!("{name}.")) {
        let row = Row::new(typed, name, number);
        let party = row.text("party");
        let called = state
            .party(&party)
            .map_or(party.clone(), |p| p.party.name.clone());
        match read_disposition(&row, name, number, party, typed) {
            Ok(disposition) => list.push(disposition),
            Err(found) => faults.extend(
                found
                    .into_iter()
                    .map(|why| format!("当事人“{called}”：{why}")),
            ),
        }
    }
    if faults.is_empty() {
        Ok(list)
    } else {
        Err(faults)
    }
}

fn read_disposition(
    row: &Row<'_>,
    name: &str,
    number: usize,
    party: String,
    typed: &Typed,
) -> Result<Disposition, Vec<String>> {
    let mut faults = Vec::new();
    let proven = yes_no(&row.text("proven"));
    if proven.is_none() {
        faults.push("请选择违法事实是否成立".to_owned());
    }
    let penalties = read_penalties(&format!("{name}.{number}.p"), typed).unwrap_or_else(|found| {
        faults.extend(found);
        Vec::new()
    });
    let range = read_range(row).unwrap_or_else(|why| {
        faults.push(why);
        None
    });
    let excuse = row.text("excuse");
    let known = Excuse::ALL
        .iter()
        .find(|(_, id, _)| *id == excuse)
        .map(|(excuse, ..)| *excuse);
    if known.is_none() && !excuse.is_empty() {
        faults.push("不予处罚事由的选项无效，请从列出的选项中选择".to_owned());
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Disposition {
        party,
        proven: proven.unwrap_or_default(),
        facts: row.text("facts"),
        characterization: row.text("characterization"),
        violated: text_lines(&row.text("violated")),
        basis: text_lines(&row.text("basis")),
        discretion: row.text("discretion"),
        excuse: known,
        penalties,
        range,
        correction: row.text("correction"),
    })
}

fn read_penalties(name: &str, typed: &Typed) -> Result<Vec<Penalty>, Vec<String>> {
    let mut penalties = Vec::new();
    let mut faults = Vec::new();
    for number in typed.rows(&format!("{name}.")) {
        let row = Row::new(typed, name, number);
        if row.blank(&["kind", "amount", "days", "text"]) {
            continue;
        }
        let kind = row.text("kind");
        let Some((kind, _, title)) = PenaltyKind::ALL.iter().find(|(_, id, _)| *id == kind) else {
            faults.push(format!("第{}项处罚没有选择种类", penalties.len() + 1));
            continue;
        };
        let amount = optional(&row.text("amount"), money);
        let days = optional(&row.text("days"), |text| {
            text.parse::<u32>()
                .map_err(|_| format!("期限“{text}”不是整数天数"))
        });
        match (amount, days) {
            (Ok(amount_fen), Ok(period_days)) => {
                penalties.push(Penalty {
                    kind: *kind,
                    amount_fen,
                    period_days,
                    text: row.text("text"),
                });
            }
            (amount, days) => {
                let whys = [amount.err(), days.err()];
                faults.extend(
                    whys.into_iter()
                        .flatten()
                        .map(|why| format!("{title}：{why}")),
                );
            }
        }
    }
    if faults.is_empty() {
        Ok(penalties)
    } else {
        Err(faults)
    }
}

/// The legal range of a fine: both ends or none.
fn read_range(row: &Row<'_>) -> Result<Option<FineRange>, String> {
    let end =
        |part: &str| optional(&row.text(part), money).map_err(|why| format!("法定罚款幅度：{why}"));
    match (end("min")?, end("max")?) {
        (None, None) => Ok(None),
        (min, Some(max_fen)) => Ok(Some(FineRange {
            min_fen: min.unwrap_or_default(),
            max_fen,
            reduction: row.text("reduction"),
        })),
        (Some(_), None) => Err("法定罚款幅度填了下限，没有填上限".to_owned()),
    }
}

fn optional<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    if text.is_empty() {
        Ok(None)
    } else {
        read(text).map(Some)
    }
}

/// The ten items; none where nothing was chosen.
pub(super) fn read_ten_items(name: &str, typed: &Typed) -> Result<Vec<ReviewItem>, Vec<String>> {
    let rows: Vec<Row<'_>> = (0..REVIEW_ITEMS.len())
        .map(|n| Row::new(typed, name, n))
        .collect();
    if rows.iter().all(|row| row.blank(&["ok", "remark"])) {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let mut items = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match yes_no(&row.text("ok")) {
            Some(ok) => items.push(ReviewItem {
                ok,
                remark: row.text("remark"),
            }),
            None => faults.push(format!(
                "第{}项“{}”没有选择“无问题”或者“存在问题”",
                at + 1,
                REVIEW_ITEMS[at]
            )),
        }
    }
    if faults.is_empty() {
        Ok(items)
    } else {
        Err(faults)
    }
}

/// The views of those who took part; who is marked as absent has none.
pub fn read_votes(name: &str, typed: &Typed) -> Vec<Vote> {
    let rows = typed
        .rows(&format!("{name}."))
        .into_iter()
        .map(|n| Row::new(typed, name, n));
    rows.filter_map(|row| {
        let agrees = match row.text("vote").as_str() {
            "agree" => true,
            "disagree" => false,
            _ => return None,
        };
        Some(Vote {
            person: row.text("person"),
            agrees,
            view: row.text("view"),
        })
    })
    .collect()
}

/// The things of a list.
pub(super) fn read_items(name: &str, typed: &Typed) -> Result<Vec<Thing>, Vec<String>> {
    let mut things = Vec::new();
    let mut faults = Vec::new();
    for number in typed.rows(&format!("{name}.")) {
        let row = Row::new(typed, name, number);
        if row.blank(&["name", "spec", "count", "note"]) {
            continue;
        }
        let thing = Thing {
            name: row.text("name"),
            spec: row.text("spec"),
            count: row.text("count"),
            note: row.text("note"),
        };
        if thing.name.is_empty() {
            faults.push(format!("清单第{}项没有填写名称", number + 1));
        }
        things.push(thing);
    }
    if faults.is_empty() {
        Ok(things)
    } else {
        Err(faults)
    }
}
