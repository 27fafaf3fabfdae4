-- The very images that services of attempts ran in, by their digests.
CREATE TABLE service (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  name TEXT NOT NULL,
  image TEXT NOT NULL,
  PRIMARY KEY (attempt_id, name)
);
