//! Room for so many at a time under each key: a person's uploads, an address's tries or connections; and for one piece
//! of work of a person's at a time, of so many.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::PageError;

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

/// Room for work of which a person may have one piece at a time, and everybody together so many.
#[derive(Debug, Clone)]
pub struct Rooms {
    of_person: Places<String>,
    of_all: Arc<Semaphore>,
}

/// Room for one piece of work, given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    _of_person: Place<String>,
    _of_all: OwnedSemaphorePermit,
}

/// Why there is no room now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The person's last piece of work is not done.
    Person,
    /// Others have all the room.
    All,
}

impl Rooms {
    /// Room for so many pieces of work.
    pub fn new(of_all: usize) -> Self {
        Self {
            of_person: Places::default(),
            of_all: Arc::new(Semaphore::new(of_all)),
        }
    }

    /// Room for a piece of work of that person.
    pub fn take(&self, person: &str) -> Result<Room, Full> {
        let of_person = self.of_person.take(person.to_owned(), 1);
        let of_all = Arc::clone(&self.of_all).try_acquire_owned();
        Ok(Room {
            _of_person: of_person.ok_or(Full::Person)?,
            _of_all: of_all.map_err(|_| Full::All)?,
        })
    }
}

impl Room {
    /// Does the work, and gives the room back when it is done: a client who goes away in the middle ends no work that a
    /// thread is at, and must not make room for more of it.
    pub async fn during<T: Send + 'static>(
        self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, PageError> {
        let done = tokio::spawn(async move {
            let done = work.await;
            drop(self);
            done
        });
        done.await
            .map_err(|fault| PageError::Internal(fault.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_goes_away_leaves_no_room_until_the_work_is_done() {
        let rooms = Rooms::new(2);
        let room = rooms.take("a").unwrap();
        assert_eq!(rooms.take("a").unwrap_err(), Full::Person);
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let work = tokio::task::spawn_blocking(move || ended.recv());
        let asked = room.during(work);
        let pause = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(pause, asked).await.is_err());
        assert_eq!(rooms.take("a").unwrap_err(), Full::Person);
        let other = rooms.take("b").unwrap();
        assert_eq!(rooms.take("c").unwrap_err(), Full::All);
        drop(other);
        end.send(()).unwrap();
        while rooms.take("a").is_err() {
            tokio::time::sleep(pause).await;
        }
    }

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
