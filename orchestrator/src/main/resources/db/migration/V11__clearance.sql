-- What let jobs start, as it was signed then; a job's newest counts.
CREATE TABLE clearance (
  id TEXT PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES run (id),
  body ${json} NOT NULL
);
CREATE INDEX clearance_by_run ON clearance (run_id, id);
