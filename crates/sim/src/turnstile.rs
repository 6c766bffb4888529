//! The gate of a run: writes wait at it, and chance says which goes on next and where everything is cut off.
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

use store::{Gate, WritePoint};
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
    go: oneshot::Sender<()>,
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
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            let Ok(task) = TASK.try_with(|task| *task) else {
                return;
            };
            let (go, called) = oneshot::channel();
            let arrival = Arrival {
                task,
                write: write.to_owned(),
                at,
                go,
            };
            if self.arrivals.send(arrival).is_ok() {
                // Nobody calls any more: the run is over.
                let _ = called.await;
            }
        })
    }
}

/// What came of some works.
#[derive(Debug)]
pub struct Ran<T> {
    /// Answers in the order of the works; none of what was cut off.
    pub answers: Vec<Option<T>>,
    /// Writes that were durable, whoever learned of it.
    pub durable: BTreeSet<String>,
    /// Whether everything was cut off.
    pub cut: bool,
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

    /// Does several works at once; after `cut_after` calls all that is left is dropped where it waits.
    pub async fn run<T: Send + 'static>(
        &mut self,
        chance: &mut Chance,
        works: Vec<Work<T>>,
        cut_after: Option<usize>,
    ) -> Ran<T> {
        let mut ran = Ran {
            answers: works.iter().map(|_| None).collect(),
            durable: BTreeSet::new(),
            cut: false,
            panics: Vec::new(),
        };
        let mut set = JoinSet::new();
        for (n, work) in works.into_iter().enumerate() {
            set.spawn(TASK.scope(n, async move { (n, work.await) }));
        }
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
                        Err(fault) => ran.panics.push(told(fault)),
                    }
                }
            }
            if waiting.is_empty() {
                break;
            }
            if cut_after == Some(calls) {
                ran.cut = true;
                set.shutdown().await;
                break;
            }
            let places: Vec<usize> = waiting.keys().copied().collect();
            let next = chance.pick(&places).and_then(|task| waiting.remove(task));
            if let Some(arrival) = next {
                // Whoever waits is alive: nothing was cut off yet.
                let _ = arrival.go.send(());
            }
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
