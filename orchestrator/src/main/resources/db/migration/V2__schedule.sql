-- When workflows start by the clock, as their default branch says.
CREATE TABLE schedule (
  repository_id TEXT NOT NULL REFERENCES repository (id),
  workflow TEXT NOT NULL,
  cron TEXT NOT NULL,
  next_at BIGINT NOT NULL,
  PRIMARY KEY (repository_id, workflow, cron)
);
CREATE INDEX schedule_due ON schedule (next_at);
