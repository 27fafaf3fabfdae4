-- Secrets. The scope is its text: organisation/NAME, repository/ID, and either of them with
-- /environment/NAME behind it. `version` is the newest; numbers are never given twice.
CREATE TABLE secret (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  removed_at BIGINT,
  removed_by TEXT,
  UNIQUE (scope, name)
);

-- Every version, until it is purged: then what was sealed is gone, and who set it when stays.
CREATE TABLE secret_version (
  secret_id TEXT NOT NULL REFERENCES secret (id),
  version BIGINT NOT NULL,
  source TEXT NOT NULL,
  sealed TEXT,
  set_by TEXT NOT NULL,
  set_at BIGINT NOT NULL,
  purged_by TEXT,
  purged_at BIGINT,
  PRIMARY KEY (secret_id, version)
);

-- Which attempt was given which version. Names stand here themselves: what was given stays known
-- whatever becomes of the secret.
CREATE TABLE secret_given (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  scope TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  PRIMARY KEY (attempt_id, name, version, scope)
);
CREATE INDEX secret_given_by_name ON secret_given (name, scope);

-- Which of its steps were handed it.
CREATE TABLE secret_handed (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  step BIGINT NOT NULL,
  name TEXT NOT NULL,
  handed_at BIGINT NOT NULL,
  PRIMARY KEY (attempt_id, step, name)
);

-- How often an attempt's agent asked, so that none can fill the log by asking.
CREATE TABLE secret_asked (
  attempt_id TEXT PRIMARY KEY REFERENCES attempt (id),
  times BIGINT NOT NULL
);
