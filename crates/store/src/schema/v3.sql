-- Schema version 3. Frozen: a change is a new file beside this one.

-- What a program shows in place of a password; the token itself is kept nowhere.
CREATE TABLE access_token (
  id TEXT NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL,
  name TEXT NOT NULL,
  may_act BOOLEAN NOT NULL,
  secret_hash {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE UNIQUE INDEX access_token_secret ON access_token (secret_hash);
CREATE INDEX access_token_person ON access_token (person_id);
