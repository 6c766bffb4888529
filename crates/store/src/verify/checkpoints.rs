//! The stored checkpoints, of this log and of the names that it had before.

use ledger::{Checkpoint, SignedCheckpoint};
use sea_orm::QueryResult;

use super::reading::{count, hash, number, words};
use super::{Check, FaultKind, Faults};
use crate::error::StoreError;
use crate::origin::OriginRecord;
use crate::read::Rows;
use crate::sql::get;

impl Check<'_> {
    /// The stored checkpoints whose signature holds, and the earlier ones to compare with; the size of the newest stored.
    pub(super) async fn checkpoints(
        &self,
        earlier: &[SignedCheckpoint],
        faults: &mut Faults,
    ) -> Result<(Vec<Checkpoint>, u64), StoreError> {
        let names = self.names(faults).await?;
        let mut sound = Vec::new();
        let sql =
            "SELECT origin_no, size, root, note FROM checkpoint ORDER BY origin_no DESC, size";
        for row in self.now.rows(sql, vec![]).await? {
            let number = number(&row, 0);
            if number == self.store.origin().number {
                sound.extend(self.checkpoint(&row, faults));
            } else {
                former(&row, names.iter().find(|(no, _)| *no == number), faults);
            }
        }
        let signed = sound.iter().map(Checkpoint::size).max().unwrap_or(0);
        for given in earlier {
            match given.verify(self.store.verifying_key()) {
                Ok(checkpoint) => sound.push(checkpoint.clone()),
                Err(fault) => {
                    let place = format!(
                        "所给检查点 {}（{}）",
                        given.unverified().size(),
                        given.unverified().origin()
                    );
                    faults.add(FaultKind::Checkpoint, place, fault);
                }
            }
        }
        Ok((sound, signed))
    }

    fn checkpoint(&self, row: &QueryResult, faults: &mut Faults) -> Option<Checkpoint> {
        let (size, root) = (count(row, 1), hash(row, 2));
        let place = format!("检查点 {size}");
        let read = SignedCheckpoint::parse(words(row, 3).as_bytes());
        match read.and_then(|c| c.verify(self.store.verifying_key()).cloned()) {
            Err(fault) => faults.add(FaultKind::Checkpoint, place, fault),
            Ok(c) if c.size() != size || c.root() != root => faults.add(
                FaultKind::Checkpoint,
                place,
                "大小或根摘要一栏与签署的内容不符",
            ),
            Ok(checkpoint) => return Some(checkpoint),
        }
        None
    }

    /// The names that the log has had, each held against the record that follows it.
    async fn names(&self, faults: &mut Faults) -> Result<Vec<(i64, String)>, StoreError> {
        let sql = "SELECT origin_no, name, record FROM origin ORDER BY origin_no";
        let mut names: Vec<(i64, String)> = Vec::new();
        for row in self.now.rows(sql, vec![]).await? {
            let (number, name) = (number(&row, 0), words(&row, 1));
            let place = format!("日志的第 {number} 个名称“{name}”");
            let record: Option<Vec<u8>> = get(&row, 2).unwrap_or_default();
            let told = record.map(|bytes| OriginRecord::decode(&bytes));
            let fits = match (names.last(), told) {
                (None, None) => number == 1,
                (Some((before, old)), Some(Ok(record))) => {
                    number == before + 1 && record.old_origin == *old
                }
                _ => false,
            };
            if !fits {
                faults.add(FaultKind::Leaf, place, "与更名记录不符");
            }
            names.push((number, name));
        }
        Ok(names)
    }
}

/// A checkpoint of a former name: its key is not at hand, so only its columns are held against its words.
fn former(row: &QueryResult, name: Option<&(i64, String)>, faults: &mut Faults) {
    let (size, root) = (count(row, 1), hash(row, 2));
    let place = format!("检查点 {size}（第 {} 个名称）", number(row, 0));
    let Some((_, name)) = name else {
        return faults.add(FaultKind::Checkpoint, place, "日志没有过这个名称");
    };
    match SignedCheckpoint::parse(words(row, 3).as_bytes()) {
        Err(fault) => faults.add(FaultKind::Checkpoint, place, fault),
        Ok(signed) => {
            let c = signed.unverified();
            if (c.origin(), c.size(), c.root()) != (name.as_str(), size, root) {
                let detail = "名称、大小或根摘要一栏与签署的内容不符";
                faults.add(FaultKind::Checkpoint, place, detail);
            }
        }
    }
}
