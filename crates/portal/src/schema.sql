-- The portal's own tables, version 2. {bytes} is BLOB or BYTEA.
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
-- A line of the list for each item that was shown: the documents lie elsewhere, so that looking through lines reads none.
CREATE TABLE IF NOT EXISTS published_line (
  id TEXT NOT NULL PRIMARY KEY,
  body_name TEXT NOT NULL,
  decision_number TEXT NOT NULL,
  party_name TEXT NOT NULL,
  party_kind TEXT NOT NULL,
  cause TEXT NOT NULL,
  outcome TEXT NOT NULL,
  kinds TEXT NOT NULL,
  decided_year BIGINT NOT NULL,
  decided_on TEXT NOT NULL,
  published_on TEXT NOT NULL,
  until_on TEXT,
  withdrawn_on TEXT,
  haystack TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS published_line_order ON published_line (published_on, id);
CREATE INDEX IF NOT EXISTS published_line_year ON published_line (decided_year, published_on, id);
CREATE INDEX IF NOT EXISTS published_line_body ON published_line (body_name, published_on, id);
CREATE TABLE IF NOT EXISTS officer_card (
  number TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  body_name TEXT NOT NULL,
  unit TEXT NOT NULL,
  post TEXT NOT NULL,
  kind TEXT NOT NULL,
  area TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_to TEXT NOT NULL,
  serving BIGINT NOT NULL,
  haystack TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS officer_card_order ON officer_card (body_name, unit, name, number);
CREATE TABLE IF NOT EXISTS procedure_text (
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  version TEXT NOT NULL,
  in_force_from TEXT NOT NULL,
  chart TEXT NOT NULL,
  guide TEXT NOT NULL
);
