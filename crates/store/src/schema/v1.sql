-- Schema version 1. Frozen: a change is a new file beside this one.
-- The words in braces differ between the databases: see schema.rs.

CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- Heads: one row a stream, locked in id order by the committer.
CREATE TABLE stream (
  stream_id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  body_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  entry {bytes} NOT NULL,
  recorded_at BIGINT NOT NULL
) {clustered};

-- Insert only. The columns beside the header repeat it; verify compares every one.
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
) {clustered};

-- Salt and body go together when a whole stream is destroyed.
CREATE TABLE event_body (
  stream_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  key_id BIGINT NOT NULL,
  salt {bytes} NOT NULL,
  body {bytes} NOT NULL,
  PRIMARY KEY (stream_id, version)
);

CREATE TABLE command (
  id TEXT NOT NULL PRIMARY KEY,
  actor TEXT NOT NULL,
  digest {bytes} NOT NULL,
  stream_id TEXT NOT NULL,
  first_version BIGINT NOT NULL,
  last_version BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL
) {clustered};

-- The queue of the log. No key: it is drained every second, and leaf refuses doubles.
CREATE TABLE unsequenced (
  stream_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  entry {bytes} NOT NULL
);

CREATE TABLE leaf (
  idx BIGINT NOT NULL PRIMARY KEY,
  stream_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  entry {bytes} NOT NULL
);
CREATE UNIQUE INDEX leaf_event ON leaf (stream_id, version);

-- Hash tiles; data grows to 256 hashes, a partial tile is its prefix.
CREATE TABLE tile (
  level BIGINT NOT NULL,
  idx BIGINT NOT NULL,
  data {bytes} NOT NULL,
  PRIMARY KEY (level, idx)
);

CREATE TABLE checkpoint (
  origin_no BIGINT NOT NULL,
  size BIGINT NOT NULL,
  root {bytes} NOT NULL,
  note TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (origin_no, size)
);

-- Every name that this log has had; record is the first leaf of a later origin.
CREATE TABLE origin (
  origin_no BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  record {bytes}
);

CREATE TABLE cursor (
  name TEXT NOT NULL PRIMARY KEY,
  idx BIGINT NOT NULL
);

CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  fencing BIGINT NOT NULL,
  until_at BIGINT NOT NULL
);

-- Views: replaced by stream, rebuilt from events.
CREATE TABLE case_row (
  stream_id TEXT NOT NULL PRIMARY KEY,
  body_id TEXT NOT NULL,
  unit TEXT NOT NULL,
  number TEXT,
  name TEXT NOT NULL,
  cause TEXT NOT NULL,
  stage TEXT NOT NULL,
  stage_title TEXT NOT NULL,
  parties TEXT NOT NULL,
  opened_on TEXT NOT NULL,
  filed_on TEXT,
  decided_on TEXT,
  closed_on TEXT,
  ended BOOLEAN NOT NULL,
  people TEXT NOT NULL,
  haystack TEXT NOT NULL
) {clustered};
CREATE INDEX case_row_all ON case_row (body_id, opened_on, stream_id);
CREATE INDEX case_row_open ON case_row (body_id, opened_on, stream_id) WHERE ended = FALSE;

CREATE TABLE case_person (
  stream_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  PRIMARY KEY (stream_id, person_id)
) {clustered};
CREATE INDEX case_person_person ON case_person (person_id);

CREATE TABLE todo (
  stream_id TEXT NOT NULL,
  key TEXT NOT NULL,
  body_id TEXT NOT NULL,
  step TEXT NOT NULL,
  title TEXT NOT NULL,
  party TEXT,
  party_name TEXT,
  role TEXT NOT NULL,
  unit TEXT,
  person TEXT,
  since_at BIGINT NOT NULL,
  limit_code TEXT,
  basis TEXT NOT NULL,
  pending BOOLEAN NOT NULL,
  PRIMARY KEY (stream_id, key)
) {clustered};
CREATE INDEX todo_role ON todo (body_id, role);

CREATE TABLE limit_row (
  stream_id TEXT NOT NULL,
  key TEXT NOT NULL,
  body_id TEXT NOT NULL,
  code TEXT NOT NULL,
  title TEXT NOT NULL,
  party TEXT,
  started_on TEXT NOT NULL,
  status TEXT NOT NULL,
  due_on TEXT,
  provisional BOOLEAN NOT NULL,
  ended_on TEXT,
  basis TEXT NOT NULL,
  PRIMARY KEY (stream_id, key)
) {clustered};
CREATE INDEX limit_row_due ON limit_row (due_on) WHERE status IN ('running','expired');

CREATE TABLE paper (
  stream_id TEXT NOT NULL,
  paper_id TEXT NOT NULL,
  body_id TEXT NOT NULL,
  template TEXT NOT NULL,
  title TEXT NOT NULL,
  number TEXT,
  party TEXT,
  issued_on TEXT NOT NULL,
  digest TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  event_version BIGINT NOT NULL,
  media_type TEXT NOT NULL,
  PRIMARY KEY (stream_id, paper_id)
) {clustered};

CREATE TABLE person (
  stream_id TEXT NOT NULL PRIMARY KEY,
  body_id TEXT NOT NULL,
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  roles TEXT NOT NULL,
  active BOOLEAN NOT NULL,
  card_number TEXT,
  card_until TEXT
);

CREATE TABLE body (
  stream_id TEXT NOT NULL PRIMARY KEY,
  body_id TEXT NOT NULL UNIQUE,
  parent TEXT,
  name TEXT NOT NULL
);

CREATE TABLE body_tree (
  ancestor TEXT NOT NULL,
  descendant TEXT NOT NULL,
  PRIMARY KEY (ancestor, descendant)
) {clustered};

-- Operational rows: no events, in no log.
CREATE TABLE credential (
  person_id TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE session (
  id_hash {bytes} NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE draft (
  person_id TEXT NOT NULL,
  stream_id TEXT NOT NULL,
  step TEXT NOT NULL,
  party TEXT NOT NULL,
  json TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (person_id, stream_id, step, party)
) {clustered};

CREATE TABLE throttle (
  key TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  until_at BIGINT NOT NULL
);
