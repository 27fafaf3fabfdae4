CREATE TABLE repository (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  location TEXT NOT NULL,
  next_number BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  removed_at BIGINT
);
CREATE UNIQUE INDEX repository_name ON repository (name) WHERE removed_at IS NULL;

-- Plans and sources, by the hash of their text: many runs share one.
CREATE TABLE document (
  digest TEXT PRIMARY KEY,
  body ${json} NOT NULL
);

CREATE TABLE event (
  id TEXT PRIMARY KEY,
  repository_id TEXT NOT NULL REFERENCES repository (id),
  delivery TEXT NOT NULL,
  body ${json} NOT NULL,
  state TEXT NOT NULL,
  tries BIGINT NOT NULL,
  retry_at BIGINT NOT NULL,
  error TEXT,
  result ${json},
  received_at BIGINT NOT NULL,
  processed_at BIGINT,
  UNIQUE (repository_id, delivery)
);
CREATE INDEX event_inbox ON event (state, repository_id, id) WHERE state = 'RECEIVED';
CREATE INDEX event_by_repository ON event (repository_id, id);

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  repository_id TEXT NOT NULL REFERENCES repository (id),
  event_id TEXT NOT NULL REFERENCES event (id),
  number BIGINT NOT NULL,
  workflow TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  ref TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  event ${json},
  plan TEXT REFERENCES document (digest),
  sources TEXT REFERENCES document (digest),
  cancel BIGINT NOT NULL,
  reruns BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  UNIQUE (event_id, workflow),
  UNIQUE (repository_id, number)
);
CREATE INDEX run_by_repository ON run (repository_id, id);
CREATE INDEX run_open ON run (id) WHERE state IN ('QUEUED', 'RUNNING');

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id),
  position BIGINT NOT NULL,
  job_key TEXT NOT NULL,
  labels TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  tries BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  ready_at BIGINT NOT NULL,
  queued_at BIGINT,
  started_at BIGINT,
  finished_at BIGINT,
  UNIQUE (run_id, position)
);
-- A lease walks the sets of labels in use and takes the oldest of each: never a scan of the queue.
CREATE INDEX job_queue ON job (labels, id) WHERE state = 'QUEUED';

CREATE TABLE agent (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  release TEXT NOT NULL,
  capacity BIGINT NOT NULL,
  labels TEXT NOT NULL,
  backend TEXT NOT NULL,
  registered_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);

CREATE TABLE attempt (
  id TEXT PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES job (id),
  run_id TEXT NOT NULL REFERENCES run (id),
  agent_id TEXT NOT NULL REFERENCES agent (id),
  fence BIGINT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  heard BIGINT NOT NULL,
  next_event BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  cancel_by BIGINT,
  log_length BIGINT,
  leased_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  UNIQUE (job_id, fence)
);
CREATE INDEX attempt_held ON attempt (agent_id) WHERE state IN ('LEASED', 'RUNNING');
CREATE INDEX attempt_by_run ON attempt (run_id, id);

CREATE TABLE step (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  position BIGINT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  exit_code BIGINT,
  log_offset BIGINT,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (attempt_id, position)
);

CREATE TABLE output (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (attempt_id, name)
);

CREATE TABLE summary (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  position BIGINT NOT NULL,
  markdown TEXT NOT NULL,
  PRIMARY KEY (attempt_id, position)
);

CREATE TABLE token (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
