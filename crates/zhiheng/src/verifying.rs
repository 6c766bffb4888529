//! `zhiheng verify`: the record, the views and the public page against the log; or one public copy, offline.

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use anyhow::Context;
use law::calendar::Calendar;
use ledger::{SignedCheckpoint, VerifyingKey, verify_bundle};
use office::{ClockAccepted, Projector, PublicState, clocks_accepted, public_items};
use portal::{Expected, PortalStore, PublishedItem};
use store::{Fault, KeySource, Store, VerifyReport};

use crate::{
    admin::{bar, read_checkpoint, show},
    cli::{Place, VerifyArgs},
    install::{Installation, portal_url},
    publishing,
};

/// `zhiheng verify`
pub async fn verify(place: &Place, args: VerifyArgs) -> anyhow::Result<ExitCode> {
    if let (Some(bundle), Some(document), Some(key)) = (&args.bundle, &args.document, &args.key) {
        return verify_offline(bundle, document, key);
    }
    anyhow::ensure!(
        args.document.is_none(),
        "核验一份公开文书要一并给出证明（--bundle）和公钥（--key）"
    );
    let earlier = args
        .earlier
        .iter()
        .map(|path| read_checkpoint(path))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let key = args.key.as_deref().map(read_text).transpose()?;
    let found = check(place, key, earlier).await?;
    let report = &found.log;
    println!(
        "记录 {} 条（待入日志 {}），内容 {} 份，检查点 {} 个，文件 {} 个，视图 {} 流，公示 {} 项",
        report.events,
        report.unsequenced,
        report.bodies_checked,
        report.checkpoints_met,
        report.objects_checked,
        found.streams,
        found.items
    );
    found.notes.iter().for_each(|note| println!("说明 {note}"));
    let unchecked = &found.unchecked;
    unchecked.iter().for_each(|part| println!("未核 {part}"));
    found.faults.iter().for_each(|fault| println!("{fault}"));
    if found.count > 0 {
        println!("核验不通过：共 {} 处问题。", found.count);
        return Ok(ExitCode::FAILURE);
    }
    if !found.unchecked.is_empty() {
        println!("部分未核验：其余部分没有发现改动或者缺失。");
        return Ok(ExitCode::from(PARTLY));
    }
    println!("核验通过：没有发现改动或者缺失。");
    Ok(ExitCode::SUCCESS)
}

/// Exit code where nothing was found wrong and something could not be checked, so that no job takes it for sound.
const PARTLY: u8 = 3;

/// What the check of an installation found.
pub struct Found {
    /// The record and its log.
    pub log: VerifyReport,
    /// Streams whose view rows were compared.
    pub streams: u64,
    /// Public items of the log.
    pub items: usize,
    /// What a reader should know, though nothing is wrong.
    pub notes: Vec<String>,
    /// Parts that could not be checked, each with why and what next.
    pub unchecked: Vec<String>,
    /// The first faults, each with its kind and its place.
    pub faults: Vec<String>,
    /// All faults.
    pub count: u64,
}

impl Found {
    fn add(&mut self, faults: &[Fault], count: u64) {
        let told = faults
            .iter()
            .map(|fault| format!("{} {fault}", fault.kind.title()));
        self.faults.extend(told);
        self.count += count;
    }

    fn say(&mut self, fault: String) {
        self.faults.push(fault);
        self.count += 1;
    }
}

/// Checks everything that an installation keeps; with a public key alone, nothing secret is read.
pub async fn check(
    place: &Place,
    key: Option<String>,
    mut earlier: Vec<SignedCheckpoint>,
) -> anyhow::Result<Found> {
    let installation = Installation::require(place)?;
    let mut config = installation.store_config(place)?;
    if let Some(key) = key {
        config.key = KeySource::Public(key);
    }
    let store = Store::open(&config).await?;
    let found = check_opened(place, &installation, &store, &mut earlier).await;
    store.close().await;
    found
}

async fn check_opened(
    place: &Place,
    installation: &Installation,
    store: &Store,
    earlier: &mut Vec<SignedCheckpoint>,
) -> anyhow::Result<Found> {
    let file = store.verify_file().await?;
    let shown = Shown::read(place, store).await?;
    // What the public was told must be a part of the log too.
    earlier.extend(shown.checkpoint.clone());
    let bar = bar("核验记录");
    let log = store.verify(earlier, show(&bar)).await?;
    bar.finish_and_clear();
    let mut found = Found {
        streams: 0,
        items: 0,
        notes: Vec::new(),
        unchecked: Vec::new(),
        faults: Vec::new(),
        count: 0,
        log,
    };
    found.add(&file, file.len() as u64);
    let (faults, count) = (found.log.faults.clone(), found.log.fault_count);
    found.add(&faults, count);
    match clocks_accepted(store).await {
        Ok(accepted) => found.notes.extend(accepted.iter().map(ClockAccepted::told)),
        Err(fault) => found.say(format!("时钟 {fault}")),
    }
    check_views(installation, store, &mut found).await?;
    check_public(store, &shown, &mut found).await?;
    shown.portal.close().await;
    Ok(found)
}

async fn check_views(
    installation: &Installation,
    store: &Store,
    found: &mut Found,
) -> anyhow::Result<()> {
    let made = Projector::read(store, &installation.body_id, Calendar::builtin()).await;
    let projector = match made {
        Err(fault) => {
            found.say(format!("视图 不能由记录重算：{fault}"));
            return Ok(());
        }
        Ok(projector) if !projector.is_settled => {
            let part = "视图：刚导入了放假安排，期限还没有重算；请在服务重算后再核验";
            found.unchecked.push(part.to_owned());
            return Ok(());
        }
        Ok(projector) => projector,
    };
    let bar = bar("核对视图");
    let views = store
        .verify_views(|kind, events| projector.rows(kind, events), show(&bar))
        .await?;
    bar.finish_and_clear();
    found.streams = views.streams;
    found.add(&views.faults, views.fault_count);
    Ok(())
}

/// The public database, and how far the job had come before it is read.
struct Shown {
    portal: PortalStore,
    /// Nothing where it cannot be told.
    reached: Option<u64>,
    checkpoint: Option<SignedCheckpoint>,
}

impl Shown {
    async fn read(place: &Place, store: &Store) -> anyhow::Result<Self> {
        let portal = PortalStore::open(&portal_url(place)).await?;
        let text = portal.checkpoint().await.unwrap_or_default();
        let log = store.verifying_key().to_string();
        Ok(Self {
            reached: portal.place(&log).await.ok(),
            checkpoint: text.and_then(|text| SignedCheckpoint::parse(text.as_bytes()).ok()),
            portal,
        })
    }
}

/// Reads first what is shown and then the log: a service that runs goes on in between, and shows nothing that the log
/// does not have.
async fn check_public(store: &Store, shown: &Shown, found: &mut Found) -> anyhow::Result<()> {
    let aside = shown.portal.aside().await.unwrap_or_default();
    for one in &aside {
        let note = format!("公示“{}”搁置、没有公开：{}", one.id, one.why);
        found.notes.push(note);
    }
    let page = match shown.portal.shown(store.verifying_key()).await {
        Ok(page) => page,
        Err(fault) => {
            found.say(format!("公示 公示数据库读不出：{fault}"));
            return Ok(());
        }
    };
    let items = match public_items(store).await {
        Ok(items) => items,
        Err(fault) => {
            found.say(format!("公示 不能由记录读出：{fault}"));
            return Ok(());
        }
    };
    found.items = items.len();
    if shown.reached.is_none() {
        found.say("公示 公示数据库中，公示办理到日志何处的记载读不出".to_owned());
    }
    let reached = shown.reached.unwrap_or(0);
    let mut expected = expected(&items, reached);
    // A page that lost its database knows neither place nor key, and is shown everything again when the service starts.
    if reached == 0 && page.missing(&expected) > 0 {
        let part = "公示：公示数据库是新的，启动服务后由日志重新填写；请填写后再核验";
        found.unchecked.push(part.to_owned());
    }
    if matches!(shown.portal.key().await, Ok(None)) && (reached > 0 || !page.is_empty()) {
        found.say("公示 公钥缺失，公众无从核验".to_owned());
    }
    for one in &aside {
        if let Some(states) = expected.get_mut(&one.id) {
            states.push(None);
        }
    }
    for fault in page.against(&expected) {
        found.say(format!("公示 公示“{}”：{}", fault.id, fault.detail));
    }
    Ok(())
}

/// The states in which each item may be: the last that the job had given out, and those that came after it.
fn expected(items: &BTreeMap<String, Vec<PublicState>>, reached: u64) -> Expected {
    let mut expected = Expected::new();
    for (id, states) in items {
        let given = |state: &PublicState| state.idx.is_some_and(|idx| idx < reached);
        let first = states.iter().rposition(given);
        let mut may: Vec<_> = states[first.unwrap_or(0)..]
            .iter()
            .map(|state| Some(shown_as(id, state)))
            .collect();
        if first.is_none() {
            may.push(None);
        }
        expected.insert(id.clone(), may);
    }
    expected
}

/// The item without its document and proof: one is held against its digest, the other checked for itself.
fn shown_as(id: &str, state: &PublicState) -> PublishedItem {
    let copy = state.copy.clone();
    let item = copy.map(|copy| publishing::item(copy, Vec::new(), Vec::new()));
    match (item, &state.withdrawn) {
        (Some(item), None) => item,
        (Some(item), Some((on, reason))) => item.withdrawn(*on, reason),
        (None, withdrawn) => {
            let (on, reason) = withdrawn.clone().unwrap_or_default();
            PublishedItem::never_shown(id, on, &reason)
        }
    }
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("读不了 {}", path.display()))
}

fn verify_offline(bundle: &Path, document: &Path, key: &Path) -> anyhow::Result<ExitCode> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("读不了 {}", path.display()));
    let key = VerifyingKey::parse(read_text(key)?.trim())?;
    match verify_bundle(&read(bundle)?, &read(document)?, &key) {
        Ok(report) => {
            println!("核验通过：该文书与机关日志中公布的完全一致。");
            println!("{report:#?}");
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            println!("核验不通过：{fault}");
            Ok(ExitCode::FAILURE)
        }
    }
}
