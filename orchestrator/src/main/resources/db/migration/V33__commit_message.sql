-- What authors wrote of the commits that ran, or wait to.
CREATE TABLE commit_message (
  repository_id TEXT NOT NULL REFERENCES repository (id),
  commit_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (repository_id, commit_id)
);
