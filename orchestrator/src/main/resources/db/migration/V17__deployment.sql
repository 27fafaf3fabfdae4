-- A job in an environment, or in line for one. Whether it waits, is inside or is over follows from
-- job and attempt alone, so that nobody can forget to write it here; open says no more than that it
-- was not seen to be over yet.
CREATE TABLE deployment (
  id TEXT PRIMARY KEY,
  repository_id TEXT NOT NULL REFERENCES repository (id),
  environment TEXT NOT NULL,
  run_id TEXT NOT NULL REFERENCES run (id),
  job_id TEXT NOT NULL REFERENCES job (id),
  fence BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  began_at BIGINT,
  open BIGINT NOT NULL,
  UNIQUE (job_id, fence, environment)
);
CREATE INDEX deployment_history ON deployment (repository_id, environment, id);
CREATE INDEX deployment_open ON deployment (repository_id, environment, id) WHERE open = 1;
