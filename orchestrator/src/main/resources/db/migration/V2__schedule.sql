-- When workflows start by the clock, as their default branch says.
CREATE TABLE schedule (
  repository_id TEXT NOT NULL REFERENCES repository (id),
  workflow TEXT NOT NULL,
  cron TEXT NOT NULL,
  next_at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, workflow, cron)
);
CREATE INDEX schedule_due ON schedule (next_at);

-- The job's own time limit, so that an attempt which its agent never ends is ended here.
ALTER TABLE job ADD COLUMN timeout BIGINT NOT NULL DEFAULT 3600000;
