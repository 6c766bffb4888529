//! Lists: what waits for a person, and cases.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use casework::{
    party::Party,
    person::Person,
    rows::{CaseRow, TodoRow},
};
use jiff::civil::Date;
use law::{
    pack::{FieldType, Pack, Step},
    term::days_left,
};
use store::{CaseFilter, CaseKey, CaseReach, Listed, TodoFilter};

use crate::{CaseFile, Office, Roster, access, error::OfficeError, finding::Finding};

/// Steps that the to-do list of a person has at most; a count goes one further, to tell that there are more.
pub const TODO_MAX: u32 = 300;
const AWAITED_MAX: u32 = 500;
/// Cases that the agenda of collective discussions has at most.
const AGENDA_MAX: usize = 100;
/// Steps that are looked through for them: whether a case must be discussed is known to the case alone.
const AGENDA_LOOKED_MAX: u32 = 500;
/// The fact that says whether a case must be discussed.
pub const DISCUSSION_DUE: &str = "discuss_due";
/// Cases of a person that are looked through for what waits in them; whoever has more looks at the list of cases.
const AWAITED_CASES_MAX: u32 = 2_000;
const PAGE_MAX: u32 = 100;

/// A step that waits for a person.
#[derive(Debug, Clone)]
pub struct TodoItem {
    /// The case.
    pub case_id: String,
    /// Its name.
    pub case_name: String,
    /// Its number.
    pub case_number: Option<String>,
    /// Stage title.
    pub stage_title: String,
    /// The row.
    pub row: TodoRow,
    /// Working days left until the row is due; negative when overdue.
    pub workdays_left: Option<i64>,
    /// Whether the last day has passed.
    pub overdue: bool,
    /// Whether the count rests on a year whose holidays are not announced.
    pub provisional: bool,
    /// Title of the limit by which it is due.
    pub limit_title: String,
    /// Article of that limit.
    pub limit_basis: String,
}

/// A step of one's own case that waits for somebody else.
#[derive(Debug, Clone)]
pub struct AwaitedItem {
    /// The step.
    pub item: TodoItem,
    /// Role that has to act.
    pub role_title: String,
    /// Who could: the assigned, else those who hold the role there.
    pub who: Vec<String>,
}

/// What waits for others in a person's cases.
#[derive(Debug, Clone)]
pub struct Awaited {
    /// Steps, overdue first, then by the last day.
    pub items: Vec<AwaitedItem>,
    /// Whether there are more than were looked at.
    pub cut: bool,
}

/// What waits for a collective discussion.
#[derive(Debug, Clone)]
pub struct Agenda {
    /// Cases that must be discussed, most pressing first.
    pub due: Vec<(TodoItem, Arc<CaseFile>)>,
    /// How many besides were looked at, that a leader may decide alone and may have discussed.
    pub others: usize,
    /// Whether there are more than were looked at.
    pub more: bool,
}

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub struct CaseQuery {
    /// Parts of what stands in the case, separated by blanks: names, numbers, codes, addresses, facts. While the index
    /// is being made, one part of number, name, parties or cause.
    pub text: Option<String>,
    /// The body, of those that the person reads in.
    pub body: Option<String>,
    /// Stage id.
    pub stage: Option<String>,
    /// Unit.
    pub unit: Option<String>,
    /// Only cases in which the person has a part.
    pub mine: bool,
    /// Whether ended; none for both.
    pub ended: Option<bool>,
    /// Only open cases in which something is late.
    pub late: bool,
    /// First day of the lead.
    pub opened_from: Option<Date>,
    /// Last day of the lead.
    pub opened_to: Option<Date>,
    /// The last of the page before.
    pub after: Option<CaseKey>,
    /// How many, at most 100.
    pub limit: u32,
}

/// A page of cases.
#[derive(Debug, Clone)]
pub struct CasePage {
    /// Cases, newest lead first.
    pub cases: Vec<Listed<CaseRow>>,
    /// Where the next page begins, if there is one.
    pub next: Option<CaseKey>,
    /// Where a text was looked for while the index is still being made: how many cases it has so far.
    pub indexing: Option<u64>,
    /// Where a text stands in too many cases that the other conditions leave out: the day of the lead down to which was
    /// looked, with more behind it. The page is then not full, and these are not all.
    pub cut: Option<Date>,
}

/// Cases that are looked through for a party known already.
const KNOWN_CASES: u32 = 20;

impl Office {
    /// Parties of cases that the person may read, latest lead first, which bear that code or, where it is empty, that
    /// name; each but once, as its latest case has it. Without a code only the same kind, address and telephone make two
    /// namesakes one.
    ///
    /// # Errors
    /// The store.
    pub async fn known_parties(
        &self,
        actor: &Person,
        code: &str,
        name: &str,
    ) -> Result<Vec<Party>, OfficeError> {
        let sought = if code.is_empty() { name } else { code };
        if sought.is_empty() {
            return Ok(Vec::new());
        }
        let query = CaseQuery {
            text: Some(sought.to_owned()),
            limit: KNOWN_CASES,
            ..CaseQuery::default()
        };
        let fits = |party: &Party| match code {
            "" => party.name.trim() == name,
            code => party.code == code,
        };
        let mut known: Vec<Party> = Vec::new();
        for listed in self.cases(actor, &query).await?.cases {
            let file = match self.case(actor, &listed.stream).await {
                Ok(file) => file,
                Err(OfficeError::NotFound) => continue,
                Err(fault) => return Err(fault),
            };
            let tracks = file.state.parties.iter().map(|track| &track.party);
            for party in tracks.filter(|party| fits(party)) {
                if !known.iter().any(|other| is_same(other, party)) {
                    known.push(party.clone());
                }
            }
        }
        Ok(known)
    }

    /// Roles a person holds, with those that they include.
    pub(crate) fn roles_of(&self, person: &Person) -> Result<Vec<String>, OfficeError> {
        let pack = self.pack()?;
        let declared = pack.roles.iter().map(|role| &role.id);
        let holds = |role: &&String| person.roles.iter().any(|held| pack.includes(held, role));
        Ok(declared.filter(holds).cloned().collect())
    }

    /// What waits for a role that nobody serves in, where the procedure lets a role of this person stand in for it.
    async fn stands_in(&self, actor: &Person) -> Result<Vec<TodoFilter>, OfficeError> {
        let (pack, held, roster) = (self.pack()?, self.roles_of(actor)?, self.roster().await?);
        let crews = pack
            .steps
            .iter()
            .flat_map(|s| s.by.iter().take(1).chain(&s.chain));
        let instead = crews.filter(|c| c.or.as_ref().is_some_and(|or| held.contains(or)));
        let roles: BTreeSet<&str> = instead.map(|c| c.role.as_str()).collect();
        let serving = || {
            let people = roster.people.values();
            people.filter(|p| p.active && p.body_id == actor.body_id)
        };
        let mut found = Vec::new();
        for role in pack.roles.iter().filter(|r| roles.contains(r.id.as_str())) {
            // Who is assigned in a case is known to the case alone.
            if role.assigned || held.contains(&role.id) {
                continue;
            }
            let filter = |unit: Option<&str>| TodoFilter {
                person: None,
                roles: vec![role.id.clone()],
                unit: unit.map(|unit| (actor.body_id.clone(), unit.to_owned())),
                reach: access::shown(actor),
            };
            let mut units: BTreeMap<&str, bool> = BTreeMap::new();
            for person in serving() {
                let serves = person.roles.iter().any(|h| pack.includes(h, &role.id));
                *units.entry(person.unit.as_str()).or_default() |= serves;
            }
            if role.unit {
                let bare = units.iter().filter(|(_, served)| !**served);
                found.extend(bare.map(|(unit, _)| filter(Some(unit))));
            } else if units.values().all(|served| !served) {
                found.push(filter(None));
            }
        }
        Ok(found)
    }

    /// The ways in which something can wait for a person, in the order of their reading.
    async fn waits_for(&self, actor: &Person) -> Result<Vec<TodoFilter>, OfficeError> {
        let mut filters = vec![TodoFilter {
            person: Some(actor.id.clone()),
            roles: self.roles_of(actor)?,
            unit: Some((actor.body_id.clone(), actor.unit.clone())),
            reach: access::shown(actor),
        }];
        filters.extend(self.stands_in(actor).await?);
        Ok(filters)
    }

    /// What waits for a person: overdue first, then by the last day.
    pub async fn todo(&self, actor: &Person) -> Result<Vec<TodoItem>, OfficeError> {
        let scope = access::scope(actor);
        let mut waiting = Vec::new();
        for filter in self.waits_for(actor).await? {
            waiting.extend(self.store().todo(&scope, &filter, TODO_MAX).await?);
        }
        self.in_order(waiting)
    }

    /// Cases that the person may read and that wait for a collective discussion.
    pub async fn agenda(&self, actor: &Person) -> Result<Agenda, OfficeError> {
        let waiting = self.discussions(actor).await?;
        let cut = waiting.len() >= AGENDA_LOOKED_MAX as usize;
        let must = |item: TodoItem| async move {
            let file = match self.case(actor, &item.case_id).await {
                Ok(file) => file,
                // Moved out of the person's reach meanwhile.
                Err(OfficeError::NotFound) => return Ok(None),
                Err(fault) => return Err(fault),
            };
            let due = file.state.facts.get(DISCUSSION_DUE);
            let due = due.is_some_and(|due| due == "yes");
            Ok(due.then_some((item, file)))
        };
        let (due, others, rest) = picked(waiting, AGENDA_MAX, must).await?;
        Ok(Agenda {
            due,
            others,
            more: rest || cut,
        })
    }

    /// Steps of a collective discussion that wait, most pressing first.
    async fn discussions(&self, actor: &Person) -> Result<Vec<TodoItem>, OfficeError> {
        let pack = self.pack()?;
        let waits = pack.todo.iter().filter_map(|at| pack.steps.get(*at));
        let discussed: Vec<&Step> = waits.filter(|step| is_discussion(step)).collect();
        let crews = discussed.iter().filter_map(|step| step.by.first());
        let mut filter = TodoFilter {
            person: None,
            roles: crews.map(|crew| crew.role.clone()).collect(),
            unit: None,
            reach: access::shown(actor),
        };
        filter.roles.dedup();
        let steps: Vec<String> = discussed.iter().map(|step| step.id.clone()).collect();
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let (store, scope) = (self.store(), access::scope(actor));
        let waiting = store
            .todo_of(&scope, &filter, &steps, AGENDA_LOOKED_MAX)
            .await?;
        self.in_order(waiting)
    }

    /// How many steps wait for a person now; one more than [`TODO_MAX`] stands for any number above.
    pub async fn todo_count(&self, actor: &Person) -> Result<u32, OfficeError> {
        let (scope, mut count) = (access::scope(actor), 0);
        for filter in self.waits_for(actor).await? {
            let most = TODO_MAX + 1;
            count += self.store().todo_count(&scope, &filter, most).await?;
        }
        Ok(count.min(TODO_MAX + 1))
    }

    /// What waits for others in the cases in which a person has a part: overdue first, then by the last day; none for
    /// whoever has had a part in too many cases to look through.
    pub async fn awaited(&self, actor: &Person) -> Result<Option<Awaited>, OfficeError> {
        let scope = access::scope(actor);
        let found = self
            .store()
            .awaited(&scope, &actor.id, AWAITED_CASES_MAX, AWAITED_MAX);
        let Some(waiting) = found.await? else {
            return Ok(None);
        };
        let cut = waiting.len() >= AWAITED_MAX as usize;
        let (roster, pack) = (self.roster().await?, self.pack()?);
        let filters = self.waits_for(actor).await?;
        let own: BTreeSet<What> = waiting
            .iter()
            .filter(|item| filters.iter().any(|f| meets(f, &item.todo)))
            .map(what)
            .collect();
        let others: Vec<_> = waiting
            .into_iter()
            .filter(|item| !own.contains(&what(item)))
            .collect();
        // What waits for several assigned persons has a row for each.
        let mut named: BTreeMap<What, BTreeSet<String>> = BTreeMap::new();
        for item in &others {
            let who = named.entry(what(item)).or_default();
            who.extend(could_act(&item.todo.row, &actor.body_id, &roster, &pack));
        }
        let items = self.in_order(each_once(others))?.into_iter().map(|item| {
            let role = pack.roles.iter().find(|r| r.id == item.row.role);
            let key = what_of(&item.case_id, &item.row);
            AwaitedItem {
                role_title: role.map_or_else(|| item.row.role.clone(), |r| r.title.clone()),
                who: named.remove(&key).into_iter().flatten().collect(),
                item,
            }
        });
        Ok(Some(Awaited {
            items: items.collect(),
            cut,
        }))
    }

    /// The bodies whose cases a person may be shown, by id.
    pub async fn bodies_of(&self, actor: &Person) -> Result<Vec<String>, OfficeError> {
        let bodies = self.store().bodies_in(&access::scope(actor)).await?;
        Ok(bodies.unwrap_or_default())
    }

    pub(crate) fn in_order(
        &self,
        waiting: Vec<store::TodoItem>,
    ) -> Result<Vec<TodoItem>, OfficeError> {
        let (calendar, (_, today), pack) = (self.calendar(), self.now(), self.pack()?);
        let mut items: Vec<TodoItem> = waiting
            .into_iter()
            .map(|item| {
                let due_on = item.todo.row.due_on;
                let left = due_on.map(|due| days_left(today, due, &calendar));
                let code = item.todo.row.limit.as_ref();
                let limit = pack.limits.iter().find(|l| Some(&l.code) == code);
                TodoItem {
                    case_id: item.todo.stream,
                    case_name: item.case_name,
                    case_number: item.case_number,
                    stage_title: item.stage_title,
                    workdays_left: left.map(|l| l.workdays),
                    overdue: due_on.is_some_and(|due| due < today),
                    provisional: left.is_some_and(|l| l.provisional),
                    limit_title: limit.map(|l| l.title.clone()).unwrap_or_default(),
                    limit_basis: limit.map(|l| l.basis.text.clone()).unwrap_or_default(),
                    row: item.todo.row,
                }
            })
            .collect();
        items.sort_by_key(|item| {
            (
                !item.overdue,
                item.row.due_on.unwrap_or(Date::MAX),
                item.row.since_at,
            )
        });
        Ok(items)
    }

    /// Cases that a person may see.
    pub async fn cases(&self, actor: &Person, query: &CaseQuery) -> Result<CasePage, OfficeError> {
        let reach = if query.mine {
            Some(CaseReach {
                person: Some(actor.id.clone()),
                ..CaseReach::default()
            })
        } else {
            access::shown(actor)
        };
        let filter = CaseFilter {
            stages: query.stage.iter().cloned().collect(),
            unit: query.unit.clone(),
            body: query.body.clone(),
            late: query.late.then(|| self.now().1),
            opened: (query.opened_from, query.opened_to),
            text: query.text.clone().filter(|t| !t.trim().is_empty()),
            ended: query.ended,
            streams: None,
            reach,
        };
        let limit = query.limit.clamp(1, PAGE_MAX);
        let (scope, after) = (access::scope(actor), query.after.as_ref());
        let text = filter.text.as_deref().zip(self.index());
        let progress = text.map(|(_, index)| index.progress());
        let store = self.store();
        let Finding { mut cases, cut } = match text {
            Some((text, index)) if progress == Some(Ok(())) => {
                let sought = (text, &filter);
                index.find(store, &scope, sought, after, limit + 1).await?
            }
            _ => Finding {
                cases: store.cases(&scope, &filter, after, limit + 1).await?,
                cut: None,
            },
        };
        let more = cases.len() > limit as usize;
        cases.truncate(limit as usize);
        let next = cases.last().filter(|_| more).map(|last| CaseKey {
            opened_on: last.row.opened_on,
            stream: last.stream.clone(),
        });
        Ok(CasePage {
            cases,
            next,
            indexing: progress.and_then(Result::err),
            cut,
        })
    }
}

/// Looks at one after the other until `most` are picked: these, how many were looked at and not picked, and whether any
/// was left.
async fn picked<T, P, F: Future<Output = Result<Option<P>, OfficeError>>>(
    all: Vec<T>,
    most: usize,
    pick: impl Fn(T) -> F,
) -> Result<(Vec<P>, usize, bool), OfficeError> {
    let (mut found, mut others, mut all) = (Vec::new(), 0, all.into_iter());
    while found.len() < most {
        let Some(next) = all.next() else {
            break;
        };
        match pick(next).await? {
            Some(one) => found.push(one),
            None => others += 1,
        }
    }
    Ok((found, others, all.next().is_some()))
}

/// Whether two parties of the same name or code are taken for one.
fn is_same(one: &Party, other: &Party) -> bool {
    let coded = !one.code.is_empty();
    let told = |party: &Party| (party.kind, party.address.clone(), party.phone.clone());
    one.code == other.code && (coded || told(one) == told(other))
}

/// Whether the members of a collective discussion give their views in a step.
pub fn is_discussion(step: &Step) -> bool {
    step.form.iter().any(|f| f.kind == FieldType::Votes)
}

/// A step that waits, whoever for: case, step, party, request.
type What = (String, String, Option<String>, Option<String>);

/// What waits for several assigned persons has a row for each; here each step stands once.
pub(crate) fn each_once(waiting: Vec<store::TodoItem>) -> Vec<store::TodoItem> {
    let mut told: BTreeSet<What> = BTreeSet::new();
    let waiting = waiting.into_iter();
    waiting.filter(|item| told.insert(what(item))).collect()
}

fn what(item: &store::TodoItem) -> What {
    what_of(&item.todo.stream, &item.todo.row)
}

fn what_of(case: &str, row: &TodoRow) -> What {
    (
        case.to_owned(),
        row.step.clone(),
        row.party.clone(),
        row.request.clone(),
    )
}

/// Whether a step that waits is one of those that the filter finds.
fn meets(filter: &TodoFilter, listed: &Listed<TodoRow>) -> bool {
    let row = &listed.row;
    let of_unit = |unit: &String| {
        let own = filter.unit.as_ref();
        own.is_some_and(|(body, own)| *body == listed.body_id && own == unit)
    };
    match &row.person {
        Some(person) => filter.person.as_ref() == Some(person),
        None => filter.roles.contains(&row.role) && row.unit.as_ref().is_none_or(of_unit),
    }
}

/// Names of those for whom a row waits.
fn could_act(row: &TodoRow, body_id: &str, roster: &Roster, pack: &Pack) -> Vec<String> {
    let serves = |p: &&Person| {
        let holds = || p.roles.iter().any(|held| pack.includes(held, &row.role));
        match &row.person {
            Some(person) => p.id == *person,
            None => {
                p.active
                    && p.body_id == body_id
                    && row.unit.as_ref().is_none_or(|unit| p.unit == *unit)
                    && holds()
            }
        }
    };
    let people = roster.people.values().filter(serves);
    people.map(|p| p.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use casework::party::PartyKind;

    use super::*;

    #[tokio::test]
    async fn what_is_not_picked_takes_no_place_from_what_is() {
        let check = async |all: Vec<u32>, expect: (Vec<u32>, usize, bool)| {
            let even = |n: u32| async move { Ok(n.is_multiple_of(2).then_some(n)) };
            let told = format!("{all:?}");
            assert_eq!(picked(all, 2, even).await.unwrap(), expect, "{told}");
        };
        check(vec![], (vec![], 0, false)).await;
        check(vec![1, 3, 5, 7, 4], (vec![4], 4, false)).await;
        check(vec![2, 1, 4], (vec![2, 4], 1, false)).await;
        check(vec![2, 1, 4, 3], (vec![2, 4], 1, true)).await;
    }

    #[test]
    fn namesakes_without_a_code_are_one_only_where_all_else_agrees() {
        let wang = |code: &str, address: &str, phone: &str| Party {
            id: "p1".to_owned(),
            kind: PartyKind::Person,
            name: "王芳".to_owned(),
            code: code.to_owned(),
            representative: String::new(),
            address: address.to_owned(),
            phone: phone.to_owned(),
        };
        let one = wang("", "工业路8号", "1");
        assert!(is_same(&one, &wang("", "工业路8号", "1")));
        assert!(!is_same(&one, &wang("", "河西村2组", "1")));
        assert!(!is_same(&one, &wang("", "工业路8号", "2")));
        assert!(!is_same(&one, &wang("330", "工业路8号", "1")));
        // Who has a code may have moved.
        assert!(is_same(
            &wang("330", "工业路8号", "1"),
            &wang("330", "河西村2组", "2")
        ));
    }
}
