//! One suite for both databases: whatever holds on SQLite holds on PostgreSQL.

#[path = "../support/mod.rs"]
#[cfg(test)]
mod support;

#[cfg(test)]
mod backup;
#[cfg(test)]
mod commit;
#[cfg(test)]
mod failure;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod log;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod place;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod verify;
#[cfg(test)]
mod waiting;

/// Makes each scenario a test on SQLite and one on PostgreSQL; the latter says `skipped` where there is none.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&crate::place::Place::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(place) = crate::place::Place::postgres() {
                    super::$name(&place).await;
                }
            })*
        }
    };
}
pub(crate) use on_both;
