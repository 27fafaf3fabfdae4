-- Environments, kept here and never in the repository whose jobs run in them. The scope is a
-- repository's id, or organisation:NAME. The signature is over scope, name and body, so that what
-- is written here by another hand than the orchestrator's counts for nothing.
CREATE TABLE environment (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  body ${json} NOT NULL,
  signature TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at BIGINT NOT NULL,
  locked_by TEXT,
  locked_why TEXT,
  locked_at BIGINT,
  PRIMARY KEY (scope, name)
);
