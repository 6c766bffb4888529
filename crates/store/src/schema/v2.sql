-- Schema version 2. Frozen: a change is a new file beside this one.

-- A step that waits knows when it is due, so that the list of a person is sorted without asking every limit.
ALTER TABLE todo RENAME TO todo_v1;
DROP INDEX todo_role;
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
  due_on TEXT,
  request TEXT,
  PRIMARY KEY (stream_id, key)
) {clustered};
INSERT INTO todo
  SELECT t.*, (SELECT MIN(l.due_on) FROM limit_row l WHERE l.stream_id = t.stream_id AND l.code = t.limit_code
    AND l.status IN ('running','expired') AND (l.party IS NULL OR l.party = t.party)),
    -- The key was step#party#request#person.
    CASE WHEN t.pending THEN substr(t.key, length(t.step) + length(COALESCE(t.party, '')) + 3,
      length(t.key) - length(t.step) - length(COALESCE(t.party, '')) - length(COALESCE(t.person, '')) - 3) END
  FROM todo_v1 t;
DROP TABLE todo_v1;
-- The to-do of a person is three stretches of it: their own, their roles' in their unit, their roles' anywhere.
CREATE INDEX todo_whose ON todo (person, role, unit);
-- The cases of a unit in the order of lists, and what the job has to look at each day.
CREATE INDEX case_row_unit ON case_row (body_id, unit, opened_on, stream_id);
DROP INDEX limit_row_due;
CREATE INDEX limit_row_running ON limit_row (due_on) WHERE status = 'running';
