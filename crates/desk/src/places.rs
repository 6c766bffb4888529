//! Room for so many at a time under each key: a person's uploads, an address's tries or connections.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Who holds how many places; cheap to clone, and all clones are one.
#[derive(Debug)]
pub struct Places<K: Eq + Hash + Clone>(Arc<Mutex<HashMap<K, Held>>>);

#[derive(Debug, Default)]
struct Held {
    count: usize,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<K: Eq + Hash + Clone> Clone for Places<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Eq + Hash + Clone> Default for Places<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash + Clone> Places<K> {
    /// Takes a place, unless `max` are held under that key.
    pub fn take(&self, key: K, max: usize) -> Option<Place<K>> {
        let mut all = self.all();
        let held = all.entry(key.clone()).or_default();
        let turn = Arc::clone(&held.turn);
        if held.count >= max {
            if held.count == 0 {
                all.remove(&key);
            }
            return None;
        }
        held.count += 1;
        drop(all);
        Some(Place {
            places: self.clone(),
            key,
            turn,
        })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<K, Held>> {
        // Counting cannot fail half way, so what a panic elsewhere left is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place, given back when it is dropped.
#[derive(Debug)]
pub struct Place<K: Eq + Hash + Clone> {
    places: Places<K>,
    key: K,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<K: Eq + Hash + Clone> Place<K> {
    /// Waits until no other place under the same key has its turn; the turn ends when what comes back is dropped.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

impl<K: Eq + Hash + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        let mut all = self.places.all();
        let last = match all.get_mut(&self.key) {
            Some(held) => {
                held.count -= 1;
                held.count == 0
            }
            None => false,
        };
        if last {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_has_so_many_places_and_one_turn() {
        let places = Places::default();
        let (one, two) = (places.take("a", 2).unwrap(), places.take("a", 2).unwrap());
        assert!(places.take("a", 2).is_none());
        assert!(places.take("b", 2).is_some(), "another key has its own");
        assert!(places.take("c", 0).is_none());
        let turn = one.turn().await;
        let pause = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(pause, two.turn()).await.is_err());
        drop(turn);
        drop(two.turn().await);
        drop(one);
        assert!(places.take("a", 2).is_some());
        drop(two);
        assert!(places.all().is_empty(), "nothing is kept of who has gone");
    }
}
