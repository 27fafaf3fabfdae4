-- What attempts put out as secret, for jobs of the same run: sealed, and bound to repository, run,
-- job, attempt and name. Plain outputs are another table, and nothing reads both.
CREATE TABLE secret_output (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  name TEXT NOT NULL,
  sealed TEXT NOT NULL,
  put_at BIGINT NOT NULL,
  PRIMARY KEY (attempt_id, name)
);
