//! The gate of a run: writes wait at it, and chance says which goes on next, which fails and where all is cut off.
//!
//! Between two writes a command only reads, so with every write held until it is called, what several commands at once
//! do to one another follows from the order of the calls alone.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::Arc,
};

use store::{Gate, Verdict, WritePoint};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use crate::chance::Chance;

tokio::task_local! {
    static TASK: usize;
}

/// Something that is to be done among others.
pub type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[derive(Debug)]
struct Arrival {
    task: usize,
    write: String,
    at: WritePoint,
    go: oneshot::Sender<Verdict>,
}

/// What goes wrong at the n-th call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Everything that is left is dropped where it waits.
    Cut,
    /// The write that is called fails, or is done and said to have failed.
    Fail,
    /// Whoever waits for the write that is called goes away; others go on.
    Leave,
}

/// What the store holds its writes at; what runs outside [`Turnstile::run`] passes.
#[derive(Debug)]
pub struct Bar {
    arrivals: mpsc::UnboundedSender<Arrival>,
}

impl Gate for Bar {
    fn pass<'a>(
        &'a self,
        write: &'a str,
        at: WritePoint,
    ) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(async move {
            let Ok(task) = TASK.try_with(|task| *task) else {
                return Verdict::Go;
            };
            let (go, called) = oneshot::channel();
            let arrival = Arrival {
                task,
                write: write.to_owned(),
                at,
                go,
            };
            if self.arrivals.send(arrival).is_err() {
                return Verdict::Go;
            }
            // Where nobody calls any more, the run is over.
            called.await.unwrap_or(Verdict::Go)
        })
    }
}

/// What came of some works.
#[derive(Debug)]
pub struct Ran<T> {
    /// Answers in the order of the works; none of what was cut off or left.
    pub answers: Vec<Option<T>>,
    /// Writes that were durable, whoever learned of it.
    pub durable: BTreeSet<String>,
    /// Whether everything was cut off.
    pub cut: bool,
    /// The write that was told to have failed.
    pub failed: Option<String>,
    /// What broke down by itself.
    pub panics: Vec<String>,
}

/// Calls the writes that wait at a [`Bar`].
#[derive(Debug)]
pub struct Turnstile {
    bar: Arc<Bar>,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

impl Turnstile {
    /// A turnstile with nobody at it.
    pub fn new() -> Self {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let bar = Arc::new(Bar { arrivals: sender });
        Self { bar, arrivals }
    }

    /// The gate to give to a store.
    pub fn bar(&self) -> Arc<Bar> {
        Arc::clone(&self.bar)
    }

    /// Does several works at once; after so many calls something goes wrong, where that is wanted.
    pub async fn run<T: Send + 'static>(
        &mut self,
        chance: &mut Chance,
        works: Vec<Work<T>>,
        trouble: Option<(usize, Trouble)>,
    ) -> Ran<T> {
        let mut ran = Ran {
            answers: works.iter().map(|_| None).collect(),
            durable: BTreeSet::new(),
            cut: false,
            failed: None,
            panics: Vec::new(),
        };
        let mut set = JoinSet::new();
        let spawned = works.into_iter().enumerate();
        let handles: Vec<_> = spawned
            .map(|(n, work)| set.spawn(TASK.scope(n, async move { (n, work.await) })))
            .collect();
        let mut waiting: BTreeMap<usize, Arrival> = BTreeMap::new();
        for calls in 0.. {
            while set.len() > waiting.len() {
                tokio::select! {
                    Some(arrival) = self.arrivals.recv() => {
                        if arrival.at == WritePoint::After {
                            ran.durable.insert(arrival.write.clone());
                        }
                        waiting.insert(arrival.task, arrival);
                    }
                    Some(done) = set.join_next() => match done {
                        Ok((n, answer)) => ran.answers[n] = Some(answer),
                        // It was left on purpose.
                        Err(fault) if fault.is_cancelled() => {}
                        Err(fault) => ran.panics.push(told(fault)),
                    }
                }
            }
            if waiting.is_empty() {
                break;
            }
            let due = trouble.filter(|(at, _)| *at == calls).map(|(_, due)| due);
            if due == Some(Trouble::Cut) {
                ran.cut = true;
                set.shutdown().await;
                break;
            }
            let places: Vec<usize> = waiting.keys().copied().collect();
            let next = chance.pick(&places).and_then(|task| waiting.remove(task));
            let Some(arrival) = next else { continue };
            if due == Some(Trouble::Leave) {
                handles[arrival.task].abort();
                continue;
            }
            let verdict = match due {
                Some(Trouble::Fail) => Verdict::Fail,
                _ => Verdict::Go,
            };
            if verdict == Verdict::Fail {
                ran.failed = Some(arrival.write);
            }
            // Whoever waits is alive: nothing was cut off yet.
            let _ = arrival.go.send(verdict);
        }
        ran
    }
}

impl Default for Turnstile {
    fn default() -> Self {
        Self::new()
    }
}

fn told(fault: tokio::task::JoinError) -> String {
    let Ok(payload) = fault.try_into_panic() else {
        return "ended from outside".to_owned();
    };
    let payload: Box<dyn Any + Send> = payload;
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => other
            .downcast::<&str>()
            .map_or_else(|_| "panicked".to_owned(), |text| (*text).to_owned()),
    }
}
