//! Rows that nothing asks for: bodies of no event, a queue that waits for nothing, places beyond the log.

use sea_orm::QueryResult;

use super::reading::{number, words};
use super::{Check, FaultKind, Faults};
use crate::error::StoreError;

/// Superiors as the bodies give them; see [`crate::write_views::RENEW_BODY_TREE`].
const TREE: &str = "WITH RECURSIVE up (ancestor, descendant) AS ( \
      SELECT body_id, body_id FROM body UNION \
      SELECT body.parent, up.descendant FROM up JOIN body ON body.body_id = up.ancestor \
      WHERE body.parent IS NOT NULL) ";

impl Check<'_> {
    /// Finds them; `size` is the number of leaves, `waiting` that of events which have none yet.
    pub(super) async fn check_strays(
        &self,
        size: u64,
        waiting: u64,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let event =
            |row: &QueryResult| format!("记录流“{}”第 {} 号记录", words(row, 0), number(row, 1));
        let bodies = "SELECT b.stream_id, b.version FROM event_body b LEFT JOIN event e \
            ON e.stream_id = b.stream_id AND e.version = b.version \
            WHERE e.version IS NULL OR b.key_id <> 0 ORDER BY b.stream_id, b.version";
        let detail = "有内容而无记录，或者 key_id 一栏不是 0";
        self.find(bodies, FaultKind::Body, event, detail, faults)
            .await?;
        let queue = "SELECT u.stream_id, u.version FROM unsequenced u LEFT JOIN event e \
            ON e.stream_id = u.stream_id AND e.version = u.version AND e.recorded_at = u.recorded_at \
            LEFT JOIN leaf l ON l.stream_id = u.stream_id AND l.version = u.version \
            WHERE e.version IS NULL OR l.idx IS NOT NULL \
            UNION SELECT stream_id, version FROM unsequenced GROUP BY stream_id, version HAVING COUNT(*) > 1";
        let detail = "待入日志的队列中有此条，而没有相符的待入记录";
        self.find(queue, FaultKind::Leaf, event, detail, faults)
            .await?;
        let beyond = format!(
            "SELECT stream_id, version FROM leaf WHERE idx < 0 OR idx >= {size} ORDER BY idx"
        );
        let detail = "在日志中的序号不在日志之内";
        self.find(&beyond, FaultKind::Leaf, event, detail, faults)
            .await?;
        // Some places are versions of one stream, which has no more of them than there are events.
        let cursors = format!(
            "SELECT name FROM cursor WHERE idx < 0 OR idx > {} ORDER BY name",
            size + waiting
        );
        let place = |row: &QueryResult| format!("任务位置“{}”", words(row, 0));
        self.find(&cursors, FaultKind::Cursor, place, "超出日志", faults)
            .await?;
        self.check_body_tree(faults).await
    }

    async fn check_body_tree(&self, faults: &mut Faults) -> Result<(), StoreError> {
        let place = |row: &QueryResult| format!("机关“{}”与“{}”", words(row, 0), words(row, 1));
        let (made, kept) = (
            "SELECT ancestor, descendant FROM up",
            "SELECT ancestor, descendant FROM body_tree",
        );
        for (one, other) in [(made, kept), (kept, made)] {
            let sql = format!("{TREE}{one} EXCEPT {other} ORDER BY ancestor, descendant");
            let detail = "body_tree 中的上下级关系与记录不符；请运行 zhiheng rebuild";
            self.find(&sql, FaultKind::View, place, detail, faults)
                .await?;
        }
        Ok(())
    }
}
