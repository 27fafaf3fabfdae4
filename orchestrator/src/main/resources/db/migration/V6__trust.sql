-- A repository at a forge: where its calls start, and the forge's own id of it.
ALTER TABLE repository ADD COLUMN api TEXT;
ALTER TABLE repository ADD COLUMN forge_id BIGINT;

-- Everybody who had a hand in an event; none where the source names nobody.
ALTER TABLE event ADD COLUMN hands ${json};

-- What was decided about a run: on whose trust, whose definitions, and why, for people.
ALTER TABLE run ADD COLUMN trust TEXT;
ALTER TABLE run ADD COLUMN base_id TEXT;
ALTER TABLE run ADD COLUMN why ${json};

-- What a job waits for before it may start, and what is looked at again when it does.
ALTER TABLE job ADD COLUMN hold_id TEXT;

-- Commits of branches that a decision let run, or a person released, or that stood there when the
-- repository was added. The newest of a branch is the one of the newest event.
CREATE TABLE settled (
  repository_id TEXT NOT NULL REFERENCES repository (id),
  ref TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  trust TEXT NOT NULL,
  settled_at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, ref, commit_id)
);
CREATE INDEX settled_newest ON settled (repository_id, ref, event_id);

-- Kept here, never in the repository that it judges. The scope is a repository's id, or *.
CREATE TABLE policy (
  scope TEXT PRIMARY KEY,
  body ${json} NOT NULL,
  set_by TEXT NOT NULL,
  set_at BIGINT NOT NULL
);

CREATE TABLE hold (
  id TEXT PRIMARY KEY,
  repository_id TEXT NOT NULL REFERENCES repository (id),
  event_id TEXT NOT NULL REFERENCES event (id),
  run_id TEXT NOT NULL REFERENCES run (id),
  job_name TEXT,
  state TEXT NOT NULL,
  asked ${json} NOT NULL,
  pull_request BIGINT,
  head_id TEXT NOT NULL,
  base_id TEXT NOT NULL,
  definition TEXT NOT NULL,
  policy TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  ended_by TEXT,
  why TEXT
);
CREATE INDEX hold_by_run ON hold (run_id);
CREATE INDEX hold_open ON hold (expires_at) WHERE state = 'HELD';
CREATE INDEX hold_by_request ON hold (repository_id, pull_request, state);

CREATE TABLE approval (
  id TEXT PRIMARY KEY,
  hold_id TEXT NOT NULL REFERENCES hold (id),
  approver TEXT NOT NULL,
  body ${json} NOT NULL,
  signature TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  UNIQUE (hold_id, approver)
);

-- What comments on pull requests ask for, until it was done or answered.
CREATE TABLE comment (
  repository_id TEXT NOT NULL REFERENCES repository (id),
  delivery TEXT NOT NULL,
  body ${json} NOT NULL,
  state TEXT NOT NULL,
  answer TEXT,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, delivery)
);
CREATE INDEX comment_open ON comment (received_at) WHERE state = 'RECEIVED';
