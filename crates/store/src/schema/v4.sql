-- Schema version 4. Frozen: a change is a new file beside this one.

-- Where cases stand is counted from this index alone.
CREATE INDEX case_row_stage ON case_row (body_id, unit, stage, ended);

-- Filters and columns of the list of cases that a person has named; no event, in no log.
CREATE TABLE saved_view (
  person_id TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (person_id, name)
) {clustered};
