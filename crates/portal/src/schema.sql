-- The portal's own tables, version 1. {bytes} is BLOB or BYTEA.
CREATE TABLE IF NOT EXISTS portal_meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS published_item (
  id TEXT NOT NULL PRIMARY KEY,
  body_name TEXT NOT NULL,
  decision_number TEXT NOT NULL,
  party_name TEXT NOT NULL,
  party_kind TEXT NOT NULL,
  cause TEXT NOT NULL,
  facts TEXT NOT NULL,
  basis TEXT NOT NULL,
  outcome TEXT NOT NULL,
  decided_on TEXT NOT NULL,
  published_on TEXT NOT NULL,
  until_on TEXT,
  document_digest TEXT NOT NULL,
  document {bytes} NOT NULL,
  bundle {bytes} NOT NULL,
  withdrawn_on TEXT,
  withdraw_reason TEXT,
  haystack TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS published_item_order ON published_item (published_on, id);
