//! Taking times: the best of several runs, and waits with their percentiles.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Seconds of the best of several runs, which a busy machine disturbs least.
pub fn best<T>(runs: usize, run: impl Fn() -> T) -> f64 {
    let seconds = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    };
    (0..runs).map(seconds).fold(f64::INFINITY, f64::min)
}

/// How long each of many operations took.
#[derive(Debug, Clone, Default)]
pub struct Waits(Vec<Duration>);

impl Waits {
    /// Adds one wait.
    pub fn push(&mut self, wait: Duration) {
        self.0.push(wait);
    }

    /// Adds others.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Seconds that this part of the waits did not exceed (0.99: the p99); 0 of none.
    pub fn seconds_at(&self, part: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        // The nearest rank: the smallest wait that at least this part of all does not exceed.
        let rank = (sorted.len() as f64 * part).ceil() as usize;
        let wait = sorted.get(rank.saturating_sub(1));
        wait.map_or(0.0, Duration::as_secs_f64)
    }
}

impl FromIterator<Duration> for Waits {
    fn from_iter<I: IntoIterator<Item = Duration>>(waits: I) -> Self {
        Self(waits.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Waits;
    use std::time::Duration;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let waits: Waits = (1..=200).rev().map(Duration::from_secs).collect();
        let check = |part, expect: f64| assert_eq!(waits.seconds_at(part), expect, "{part}");
        check(0.5, 100.0);
        check(0.99, 198.0);
        check(1.0, 200.0);
        assert_eq!(Waits::default().seconds_at(0.99), 0.0);
    }
}
