//! What the server tells whoever looks after the machine, as Prometheus reads it: counts, times, and where the log stands.
//!
//! On an address of its own (`serve --metrics`), since the desk's is for people. Labels are routes as they are declared,
//! never addresses as they were asked for, so that no case, person or search word stands in them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use office::Office;
use portal::PortalStore;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The media type of the text format.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// What is said in place of a route where none was met.
const NOWHERE: &str = "none";
/// Upper bounds of the times of answers, in seconds.
const SECONDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 5.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

type Seconds = Family<Route, Histogram, fn() -> Histogram>;

/// What is counted while the server runs, and what is looked up when somebody asks.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    answers: Family<Answered, Counter>,
    seconds: Seconds,
    standing: Arc<Standing>,
}

/// Where database, log and publication stand; read when asked for.
#[derive(Default)]
struct Standing {
    database_up: Gauge,
    log_records: Gauge,
    log_waiting: Gauge,
    publication_behind: Gauge,
    publications_aside: Gauge,
    disk_free: Gauge<f64, AtomicU64>,
}

/// What the figures are read from.
#[derive(Clone)]
struct Sources {
    metrics: Metrics,
    office: Office,
    portal: PortalStore,
    data: PathBuf,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("zhiheng");
        let answers = Family::<Answered, Counter>::default();
        let seconds: Seconds = Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register(
            "http_answers",
            "Answers by route and status",
            answers.clone(),
        );
        registry.register_with_unit(
            "http_answer",
            "Time until an answer began",
            Unit::Seconds,
            seconds.clone(),
        );
        let standing = Arc::new(Standing::default());
        standing.register(&mut registry);
        Self {
            registry: Arc::new(registry),
            answers,
            seconds,
            standing,
        }
    }

    /// Counts what these routes answer, and says it in the program's log at `info`.
    pub fn count(&self, routes: Router) -> Router {
        routes.layer(middleware::from_fn_with_state(self.clone(), counted))
    }

    /// The routes that tell the figures.
    pub fn routes(self, office: Office, portal: PortalStore, data: PathBuf) -> Router {
        let sources = Sources {
            metrics: self,
            office,
            portal,
            data,
        };
        Router::new()
            .route("/metrics", get(tell))
            .with_state(sources)
    }
}

impl Standing {
    fn register(&self, registry: &mut Registry) {
        let gauges = [
            (
                "database_up",
                "1 while the case database answers",
                &self.database_up,
            ),
            ("log_records", "Records in the log", &self.log_records),
            (
                "log_waiting",
                "Records committed that wait for the log",
                &self.log_waiting,
            ),
            (
                "publication_behind",
                "Records that the publication job has not looked at",
                &self.publication_behind,
            ),
            (
                "publications_aside",
                "Publications that failed and are tried again",
                &self.publications_aside,
            ),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
        let disk = "Free space where the data folder lies";
        registry.register_with_unit("disk_free", disk, Unit::Bytes, self.disk_free.clone());
    }

    /// Reads the figures; those of a database that does not answer stay as they were last.
    async fn read(&self, sources: &Sources) {
        let up = self.read_store(sources).await;
        self.database_up.set(i64::from(up.is_ok()));
        if let Ok(aside) = sources.portal.aside().await {
            self.publications_aside.set(whole(aside.len() as u64));
        }
        if let Ok(disk) = rustix::fs::statvfs(&sources.data) {
            self.disk_free
                .set(disk.f_bavail as f64 * disk.f_frsize as f64);
        }
    }

    async fn read_store(&self, sources: &Sources) -> Result<(), store::StoreError> {
        let store = sources.office.store();
        let records = store.log_size().await?;
        self.log_waiting.set(whole(store.unsequenced().await?));
        self.log_records.set(whole(records));
        // The page keeps its own place in the log.
        let log = store.verifying_key().to_string();
        if let Ok(published) = sources.portal.place(&log).await {
            let behind = records.saturating_sub(published);
            self.publication_behind.set(whole(behind));
        }
        Ok(())
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A method by its name; one that no route has is the client's own word, of which there is no end.
fn known(method: &Method) -> &str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    match KNOWN.contains(method) {
        true => method.as_str(),
        false => "other",
    }
}

async fn counted(
    State(metrics): State<Metrics>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let route = route.map_or_else(|| NOWHERE.to_owned(), |path| path.as_str().to_owned());
    let method = known(request.method()).to_owned();
    let asked = Instant::now();
    let answer = next.run(request).await;
    let (took, status) = (asked.elapsed(), u32::from(answer.status().as_u16()));
    tracing::info!(method, route, status, ms = took.as_millis(), "answered");
    let of_route = Route {
        route: route.clone(),
    };
    metrics
        .seconds
        .get_or_create(&of_route)
        .observe(took.as_secs_f64());
    let answered = Answered {
        method,
        route,
        status,
    };
    metrics.answers.get_or_create(&answered).inc();
    answer
}

async fn tell(State(sources): State<Sources>) -> Response {
    sources.metrics.standing.read(&sources).await;
    let mut text = String::new();
    match encode(&mut text, &sources.metrics.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        // Writing into a text does not fail.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
