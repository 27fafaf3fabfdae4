-- What jobs kept for later runs. Rows are never changed but for when they were last used.
CREATE TABLE cache_entry (
  id TEXT PRIMARY KEY,
  repository_id TEXT NOT NULL REFERENCES repository (id),
  -- Whose it is: a branch, a tag or a pull request.
  scope TEXT NOT NULL,
  -- Of the run that wrote it, or of what that run had read, whichever is less.
  trust TEXT NOT NULL,
  layout TEXT NOT NULL,
  cache_key TEXT NOT NULL,
  digest TEXT NOT NULL,
  size BIGINT NOT NULL,
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  created_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  UNIQUE (repository_id, scope, trust, layout, cache_key)
);
CREATE INDEX cache_entry_by_digest ON cache_entry (digest);

CREATE TABLE artifact (
  id TEXT PRIMARY KEY,
  repository_id TEXT NOT NULL REFERENCES repository (id),
  run_id TEXT NOT NULL REFERENCES run (id),
  job_id TEXT NOT NULL REFERENCES job (id),
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  name TEXT NOT NULL,
  trust TEXT NOT NULL,
  digest TEXT NOT NULL,
  size BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (attempt_id, name)
);
CREATE INDEX artifact_by_digest ON artifact (digest);
CREATE INDEX artifact_by_run ON artifact (run_id);

-- What attempts were given, and how far whoever wrote it is trusted.
CREATE TABLE kept_use (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  trust TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (attempt_id, subject_id)
);
