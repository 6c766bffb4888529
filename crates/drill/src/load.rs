//! Clients that work: each takes cases of its own from the lead to evidence, and keeps outside what was acknowledged.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use jiff::{Timestamp, tz};
use serde_json::{Value, json};

use crate::client::{request, token};

/// How long a command is sent again until it is answered, once the server is back.
const SETTLE_MAX: Duration = Duration::from_secs(60);
/// Pause before a command is sent again.
const AGAIN: Duration = Duration::from_millis(20);
/// Commands of a case after which the next is begun: lead, filing with two approvals, evidence.
const STEPS: usize = 7;

/// The people for whom the clients act, each with an access token.
#[derive(Debug, Clone)]
pub struct Desk {
    officer: String,
    section_head: String,
    leader: String,
    today: String,
}

impl Desk {
    /// Makes the tokens in the demo bureau that is served there.
    ///
    /// # Errors
    /// That somebody could not sign in.
    pub fn open(address: &str) -> Result<Self> {
        Self::of(
            address,
            ["chen", "zhou", "liu"].map(|login| (login, "demo-zhiheng")),
        )
    }

    /// Makes the tokens of an officer, a head of section and a leader, each by sign-in name and password; the officer's
    /// colleague is `lin`.
    ///
    /// # Errors
    /// That somebody could not sign in.
    pub fn of(address: &str, people: [(&str, &str); 3]) -> Result<Self> {
        let [officer, section_head, leader] = people;
        let beijing = tz::TimeZone::fixed(tz::offset(8));
        Ok(Self {
            officer: token(address, officer.0, officer.1)?,
            section_head: token(address, section_head.0, section_head.1)?,
            leader: token(address, leader.0, leader.1)?,
            today: Timestamp::now().to_zoned(beijing).date().to_string(),
        })
    }
}

/// A command as it is sent, however often.
#[derive(Debug, Clone)]
struct Order {
    key: String,
    token: String,
    path: String,
    body: String,
    /// Whether an answer to it was missed.
    missed: bool,
}

/// What came back to an order.
enum Sent {
    Acknowledged(Value),
    /// Nobody knows whether it was carried out.
    Unsure(String),
}

/// One client.
#[derive(Debug)]
pub struct Clerk {
    name: String,
    desk: Desk,
    sent: u64,
    step: usize,
    case: String,
    version: u64,
    request: String,
    /// Sent and not answered yet.
    open: Option<Order>,
    /// Acknowledged since the last look, with the answer.
    kept: Vec<(Order, Value)>,
    /// Cases with the last version that was acknowledged, since the last look.
    cases: Vec<(String, u64)>,
    /// Commands that were acknowledged.
    pub acknowledged: u64,
    /// Of all that were sent, those to which an answer was missed at least once.
    pub unsure: u64,
}

impl Clerk {
    /// A client of that name, which makes the ids of its commands.
    pub fn new(name: String, desk: &Desk) -> Self {
        Self {
            name,
            desk: desk.clone(),
            sent: 0,
            step: 0,
            case: String::new(),
            version: 0,
            request: String::new(),
            open: None,
            kept: Vec::new(),
            cases: Vec::new(),
            acknowledged: 0,
            unsure: 0,
        }
    }

    /// Works until told to stop; what is not answered then stays open. The addresses are taken in turn.
    ///
    /// # Errors
    /// An answer that no well-meant command should get.
    pub fn work(&mut self, addresses: &[String], stop: &AtomicBool) -> Result<()> {
        let mut turn = 0;
        while !stop.load(Ordering::SeqCst) {
            if self.attempt(&addresses[turn % addresses.len()])?.is_some() {
                std::thread::sleep(AGAIN);
            }
            turn += 1;
        }
        Ok(())
    }

    /// Has so many more commands acknowledged.
    ///
    /// # Errors
    /// That one is refused or not answered.
    pub fn take(&mut self, address: &str, commands: usize) -> Result<()> {
        for _ in 0..commands {
            self.open = Some(self.next());
            self.settle(address)?;
        }
        Ok(())
    }

    /// Sends what is open again, under the same id, until it is acknowledged.
    ///
    /// # Errors
    /// That it never is.
    pub fn settle(&mut self, address: &str) -> Result<()> {
        let begun = Instant::now();
        while let Some(order) = self.open.take() {
            match self.send(address, &order)? {
                Sent::Acknowledged(answer) => self.keep(order, answer)?,
                Sent::Unsure(why) => {
                    ensure!(
                        begun.elapsed() < SETTLE_MAX,
                        "{} stays open: {why}",
                        order.key
                    );
                    self.open = Some(order);
                    std::thread::sleep(AGAIN);
                }
            }
        }
        Ok(())
    }

    /// Sends the next command, or the one that is open, once; gives the answer where it was not carried out, which stays
    /// open then.
    ///
    /// # Errors
    /// An answer that no well-meant command should get.
    pub fn attempt(&mut self, address: &str) -> Result<Option<String>> {
        let mut order = self.open.take().unwrap_or_else(|| self.next());
        match self.send(address, &order)? {
            Sent::Acknowledged(answer) => {
                self.keep(order, answer)?;
                Ok(None)
            }
            Sent::Unsure(why) => {
                self.unsure += u64::from(!std::mem::replace(&mut order.missed, true));
                self.open = Some(order);
                Ok(Some(why))
            }
        }
    }

    /// The page of a list that shows the present case, and the case as it is read.
    ///
    /// # Errors
    /// That either is not to be read.
    pub fn look(&self, address: &str) -> Result<(Value, Value)> {
        let list = self.read(address, "/api/v1/cases")?;
        let case = self.read(address, &format!("/api/v1/cases/{}", self.case))?;
        Ok((list, case))
    }

    /// Looks at everything that was acknowledged since the last look; gives what is wrong, and collects numbers.
    ///
    /// # Errors
    /// That the server does not answer.
    pub fn check(&mut self, address: &str, numbers: &mut Numbers) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        for (order, first) in std::mem::take(&mut self.kept) {
            match self.send(address, &order)? {
                Sent::Acknowledged(again) if told(&again) == told(&first) => {}
                Sent::Acknowledged(again) => {
                    faults.push(format!("{}: first {first}, then {again}", order.key));
                }
                Sent::Unsure(why) => bail!("{}: {why}", order.key),
            }
            for paper in first["papers"].as_array().into_iter().flatten() {
                if let Some(number) = paper["number"].as_str() {
                    let owner = format!("{} {}", first["case"], paper["paper_id"]);
                    faults.extend(numbers.claim(&format!("paper {number}"), owner));
                }
            }
        }
        let now = (!self.case.is_empty()).then(|| (self.case.clone(), self.version));
        for (case, version) in std::mem::take(&mut self.cases).into_iter().chain(now) {
            faults.extend(self.check_case(address, &case, version, numbers)?);
        }
        Ok(faults)
    }

    /// A case has exactly the events that were acknowledged, since nobody else works on it.
    fn check_case(
        &self,
        address: &str,
        case: &str,
        version: u64,
        numbers: &mut Numbers,
    ) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let found = self.read(address, &format!("/api/v1/cases/{case}"))?;
        if found["version"] != json!(version) {
            let found = &found["version"];
            faults.push(format!("{case} is at {found}, acknowledged was {version}"));
        }
        if let Some(number) = found["number"].as_str() {
            faults.extend(numbers.claim(&format!("case {number}"), case.to_owned()));
        }
        let events = self.read(address, &format!("/api/v1/cases/{case}/events?limit=100"))?;
        let events = events["items"].as_array().context("no events")?;
        let versions: Vec<u64> = events
            .iter()
            .filter_map(|e| e["version"].as_u64())
            .collect();
        if !versions.iter().copied().eq(1..=version) {
            faults.push(format!("{case} has the events {versions:?} of {version}"));
        }
        Ok(faults)
    }

    fn read(&self, address: &str, path: &str) -> Result<Value> {
        let bearer = format!("Bearer {}", self.desk.officer);
        let answer = request(address, "GET", path, &[("Authorization", &bearer)], "")?;
        ensure!(
            answer.status == 200,
            "{path}: {} {}",
            answer.status,
            answer.body
        );
        answer.json()
    }

    fn send(&self, address: &str, order: &Order) -> Result<Sent> {
        let bearer = format!("Bearer {}", order.token);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Idempotency-Key", &order.key),
            ("Content-Type", "application/json"),
        ];
        let answer = match request(address, "POST", &order.path, &headers, &order.body) {
            Ok(answer) => answer,
            Err(error) => return Ok(Sent::Unsure(error.to_string())),
        };
        match answer.status {
            200 | 201 => Ok(Sent::Acknowledged(answer.json()?)),
            503 => Ok(Sent::Unsure(answer.body)),
            status => bail!("{}: {status} {} to {}", order.key, answer.body, order.body),
        }
    }

    fn keep(&mut self, order: Order, answer: Value) -> Result<()> {
        let version = answer["version"].as_u64().context("no version")?;
        if self.step == 0 {
            let case = answer["case"].as_str().context("no case")?.to_owned();
            if !self.case.is_empty() {
                self.cases
                    .push((std::mem::replace(&mut self.case, case), self.version));
            } else {
                self.case = case;
            }
        }
        if self.step == 1 {
            self.request.clone_from(&order.key);
        }
        self.version = version;
        self.step = (self.step + 1) % STEPS;
        self.acknowledged += 1;
        self.kept.push((order, answer));
        Ok(())
    }

    fn next(&mut self) -> Order {
        self.sent += 1;
        let (desk, today) = (&self.desk, &self.desk.today);
        let approve = json!({"approve": {"request": self.request, "opinion": "同意。"}});
        let (token, step, act, fields) = match self.step {
            0 => (
                &desk.officer,
                "A01",
                json!("take"),
                lead(&self.name, self.sent, today),
            ),
            1 => (&desk.officer, "A05", json!("take"), filing(today)),
            2 => (&desk.section_head, "A05", approve, json!({})),
            3 => (&desk.leader, "A05", approve, json!({})),
            _ => (&desk.officer, "A09.collect", json!("take"), evidence()),
        };
        let acting = matches!(self.step, 1 | 4..);
        let with = if acting {
            json!(["person-lin"])
        } else {
            json!([])
        };
        let seen = if self.step == 0 { 0 } else { self.version };
        let body = json!({
            "step": step, "act": act, "occurred_on": today, "with": with, "card_shown": true,
            "fields": fields, "seen_version": seen,
        });
        let path = match self.step {
            0 => "/api/v1/cases".to_owned(),
            _ => format!("/api/v1/cases/{}/commands", self.case),
        };
        Order {
            key: format!("{}-{}", self.name, self.sent),
            token: token.clone(),
            path,
            body: body.to_string(),
            missed: false,
        }
    }
}

/// Numbers that were given out, each with what bears it.
#[derive(Debug, Default)]
pub struct Numbers(BTreeMap<String, String>);

impl Numbers {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn claim(&mut self, number: &str, owner: String) -> Option<String> {
        let first = self
            .0
            .entry(number.to_owned())
            .or_insert_with(|| owner.clone());
        (*first != owner).then(|| format!("{number} is of {first} and of {owner}"))
    }
}

/// What an answer says, but for whether it is the first.
fn told(answer: &Value) -> (&Value, &Value, &Value) {
    (&answer["case"], &answer["version"], &answer["papers"])
}

fn lead(name: &str, count: u64, today: &str) -> Value {
    let party = json!({
        "id": "p1", "kind": "organization", "name": format!("青山县演练{name}第{count}厂"),
        "representative": "王某", "address": "青山县工业路1号",
    });
    json!({
        "source": {"text": "inspection"},
        "case_name": {"text": format!("青山县演练{name}第{count}厂涉嫌未建立风险分级管控制度案")},
        "cause": {"text": "未建立安全风险分级管控制度"},
        "clue": {"text": "日常检查发现该厂未建立安全风险分级管控制度。"},
        "discovered_on": {"date": today},
        "parties": {"parties": [party]},
    })
}

fn filing(today: &str) -> Value {
    json!({
        "summary": {"text": "经检查，该厂未建立安全风险分级管控制度。"},
        "suspected": {"yes_no": true},
        "punishable": {"yes_no": true},
        "own_jurisdiction": {"yes_no": true},
        "violation_ended_on": {"date": today},
        "five_years": {"yes_no": false},
    })
}

fn evidence() -> Value {
    json!({
        "kind": {"text": "documentary"},
        "name": {"text": "现场照片和相关书证"},
        "origin": {"text": "现场采集"},
        "proves": {"text": "违法事实"},
    })
}

/// Tells the clients to stop when it goes.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Lets the clients work at the same time while `meanwhile` runs; they stop when it ends.
///
/// # Errors
/// The first of a client or of `meanwhile`.
pub fn together<T>(
    clerks: &mut [Clerk],
    addresses: &[String],
    meanwhile: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Also where `meanwhile` panics: the clients would be waited for without end.
        let stopping = Stopping(&stop);
        let work = |clerk| {
            let stop = &stop;
            scope.spawn(move || Clerk::work(clerk, addresses, stop))
        };
        let working: Vec<_> = clerks.iter_mut().map(work).collect();
        let done = meanwhile();
        drop(stopping);
        for worker in working {
            match worker.join() {
                Ok(worked) => worked?,
                Err(_) => bail!("a client broke"),
            }
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn a_number_is_of_one_thing_alone() {
        let mut numbers = Numbers::default();
        assert_eq!(numbers.claim("case 1", "a".into()), None);
        assert_eq!(numbers.claim("case 1", "a".into()), None);
        assert!(numbers.claim("case 1", "b".into()).is_some());
        assert_eq!(numbers.count(), 1);
    }
}
