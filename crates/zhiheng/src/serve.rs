//! `zhiheng serve`: desk, API and public pages on one address, and the jobs behind them.

use std::{
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use axum::{Router, routing::get};
use desk::DeskConfig;
use jiff::civil::Date;
use office::{Clock, Office};
use portal::{PortalConfig, PortalStore};
use store::{StoreError, spawn_sequencer};
use tokio::net::TcpListener;

use crate::{
    calendar,
    cli::{Place, ServeArgs},
    http,
    install::{Installation, occupy, portal_url},
    metrics::Metrics,
    people, publishing, staffing,
};

/// Folder of the search index, which is of this machine alone and in no backup.
const SEARCH: &str = "search";
/// Path of the public pages.
const PUBLIC: &str = "/public";
/// Pause between two runs of the sequencer (DECISIONS 4: at most once a second).
const SEQUENCE_EVERY: Duration = Duration::from_secs(1);
/// Pause between two looks for imported holiday notices and texts of laws.
const IMPORTED_EVERY: Duration = Duration::from_secs(2);
/// Pause between two looks for expired limits.
const EXPIRE_EVERY: Duration = Duration::from_secs(600);
/// Pause between two removals of what has ended.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
/// How long an upload is kept that nothing names: longer than any session in which it could still be sent.
const UPLOAD_KEPT: Duration = Duration::from_secs(24 * 3_600);

/// `zhiheng serve`
pub async fn serve(place: &Place, args: ServeArgs) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let _occupied = occupy(place)?;
    let office = installation.open(place, Clock::System).await?;
    let portal = PortalStore::open(&portal_url(place)).await?;
    let clock = office.clone();
    let sequencer = spawn_sequencer(
        office.store().clone(),
        SEQUENCE_EVERY,
        move || clock.now().0,
        |error| match error {
            // After a standstill another server has it, which is as it should be.
            StoreError::LeaseLost(_) => tracing::info!(%error, "sequencer"),
            _ => tracing::error!(%error, "sequencer"),
        },
    );
    let publishing = tokio::spawn(publishing::publish_forever(office.clone(), portal.clone()));
    let expiring = tokio::spawn(expire_forever(office.clone()));
    let following = tokio::spawn(follow_imported_forever(office.clone()));
    let tidying = tokio::spawn(tidy_forever(office.clone()));
    let indexing = tokio::spawn(index_forever(office.clone(), place.data.join(SEARCH)));
    let mut router = router(&office, portal.clone(), &installation, &args).await?;
    let listener = listen(args.listen, "--listen").await?;
    let mut telling = None;
    if let Some(address) = args.metrics {
        let metrics = Metrics::new();
        router = metrics.count(router);
        let figures = metrics.routes(office.clone(), portal, place.data.clone());
        let listener = listen(address, "--metrics").await?;
        // It has no end of its own and goes with the program.
        telling = Some(tokio::spawn(async move {
            http::serve(
                listener,
                figures,
                http::Limits::default(),
                std::future::pending(),
            )
            .await;
        }));
    }
    greet(&args, installation.demo.then(|| office.now().1));
    let warning = tokio::spawn(warn_of_shortages(office.clone()));
    let behind_proxy = args.behind_proxy || installation.behind_proxy;
    let limits = http::Limits::within(http::raise_handles(), behind_proxy);
    http::serve(listener, router, limits, stop_signal()).await;
    let jobs = [warning, publishing, expiring, following, tidying, indexing];
    for job in jobs.into_iter().chain(telling) {
        job.abort();
    }
    sequencer.stop().await;
    office.store().close().await;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("不能监听 {address}；请检查端口是否已被占用，或者用 {option} 换一个")
    })
}

async fn router(
    office: &Office,
    portal: PortalStore,
    installation: &Installation,
    args: &ServeArgs,
) -> anyhow::Result<Router> {
    let roster = office.roster().await?;
    let body_name = roster
        .bodies
        .get(&installation.body_id)
        .map(|b| b.name.clone())
        .unwrap_or_default();
    let clock = office.clone();
    let public = portal::router(
        portal,
        PortalConfig {
            base: PUBLIC.to_owned(),
            body_name,
            today: Arc::new(move || clock.now().1),
            simulated: office.simulated(),
        },
    );
    let desk = desk::router(
        office.clone(),
        DeskConfig {
            assets: args.assets.clone(),
            demo: installation.demo && args.listen.ip().is_loopback(),
            behind_proxy: args.behind_proxy || installation.behind_proxy,
            public_page: format!("{PUBLIC}/"),
            ..DeskConfig::default()
        },
    );
    Ok(desk
        .merge(public)
        .route("/version", get(|| async { env!("CARGO_PKG_VERSION") })))
}

fn greet(args: &ServeArgs, demo: Option<Date>) {
    println!("执衡已启动：");
    println!("  办案     http://{}/", args.listen);
    println!("  公示     http://{}{PUBLIC}/", args.listen);
    if let Some(today) = demo {
        println!("演示人员（密码均为 {}，仅限本机登录）：", people::PASSWORD);
        for person in people::people(today) {
            println!(
                "  {:<8}{}  {}",
                person.login,
                person.name,
                person.roles.join("、")
            );
        }
    }
}

/// P07: what the roster cannot fill is told at load, not at the tenth case.
async fn warn_of_shortages(office: Office) {
    match shortages(&office).await {
        Ok(lines) => lines.iter().for_each(|line| eprintln!("{line}")),
        Err(error) => tracing::error!(%error, "roster"),
    }
}

async fn shortages(office: &Office) -> anyhow::Result<Vec<String>> {
    let mut lines = staffing::missing_settings(&*office.pack()?, office.config(), office.now().1);
    let short = staffing::of_office(office).await?;
    let advice = (!short.is_empty()).then(|| staffing::ADVICE.to_owned());
    lines.extend(short);
    let notices = lines.into_iter().map(|line| format!("注意 {line}"));
    Ok(notices.chain(advice).collect())
}

/// Ends when somebody presses Ctrl-C or the system asks the program to stop.
async fn stop_signal() {
    let interrupted = async {
        // Where a signal cannot be had the server runs until it is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let told = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let told = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = told => {}
    }
}

/// A lost index costs only what it finds beyond number, name, parties and cause.
async fn index_forever(office: Office, folder: PathBuf) {
    if let Err(error) = office.open_index(&folder).await {
        tracing::error!(%error, "search index");
    }
    let Some(index) = office.index() else { return };
    loop {
        match index.follow(office.store()).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "search index"),
        }
        tokio::time::sleep(SEQUENCE_EVERY).await;
    }
}

async fn expire_forever(office: Office) {
    loop {
        match by_one_server(&office, "expiry", office.expire_due()).await {
            Ok(Some(Ok(_)) | None) => {}
            Ok(Some(Err(error))) => tracing::error!(%error, "expiry"),
            Err(error) => tracing::error!(%error, "expiry"),
        }
        tokio::time::sleep(EXPIRE_EVERY).await;
    }
}

/// Does a job unless another server on the same database is at it just now.
async fn by_one_server<T>(
    office: &Office,
    name: &'static str,
    job: impl Future<Output = T>,
) -> Result<Option<T>, StoreError> {
    office
        .store()
        .alone(name, || Clock::System.now_us(), job)
        .await
}

async fn tidy_forever(office: Office) {
    loop {
        match by_one_server(&office, "tidying", tidy(&office)).await {
            Ok(Some(Ok(())) | None) => {}
            Ok(Some(Err(error))) => tracing::error!(%error, "tidying"),
            Err(error) => tracing::error!(%error, "tidying"),
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}

/// Removes sessions and counters that have ended, and uploads that nothing names.
async fn tidy(office: &Office) -> anyhow::Result<()> {
    let store = office.store();
    let ended = store.purge_expired(Clock::System.now_us()).await?;
    let swept = store.sweep_uploads(UPLOAD_KEPT, SystemTime::now()).await?;
    for (upload, error) in &swept.faults {
        tracing::error!(upload.stream, upload.digest, %error, "an upload could not be judged");
    }
    let swept = swept.gone;
    if ended + swept > 0 {
        tracing::info!(
            ended,
            swept,
            "sessions, counters and unnamed uploads removed"
        );
    }
    Ok(())
}

async fn follow_imported_forever(office: Office) {
    let mut calendar = calendar::Follower::new(&office);
    loop {
        match calendar.follow(&office).await {
            Ok(false) => {}
            Ok(true) => println!(
                "已采用导入的放假安排（日历版本 {}），各案期限已重算。",
                office.calendar().version()
            ),
            Err(error) => tracing::error!(%error, "calendar"),
        }
        match office.refresh_laws().await {
            Ok(false) => {}
            Ok(true) => println!("已采用导入的法律条文。"),
            Err(error) => tracing::error!(%error, "texts of laws"),
        }
        tokio::time::sleep(IMPORTED_EVERY).await;
    }
}
