-- Schema version 5. Frozen: a change is a new file beside this one.

-- SQLite only:
-- Events one after another, and a narrow index to find them by. Kept in the order of their key, a page held four or five,
-- and most events split one: a third of all pages that a transition wrote.
ALTER TABLE event RENAME TO event_v4;
CREATE TABLE event (
  stream_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  event_type TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  body_id TEXT NOT NULL,
  actor TEXT,
  command TEXT NOT NULL,
  header {bytes} NOT NULL,
  PRIMARY KEY (stream_id, version)
);
INSERT INTO event SELECT * FROM event_v4 ORDER BY stream_id, version;
DROP TABLE event_v4;
