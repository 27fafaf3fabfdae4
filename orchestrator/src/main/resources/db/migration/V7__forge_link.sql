-- How Holdfast and a forge know each other, for one repository. What is sealed can be opened only in
-- its own row and column, with a key that is not in the database.
CREATE TABLE forge_link (
  repository_id TEXT PRIMARY KEY REFERENCES repository (id),
  source TEXT NOT NULL UNIQUE,
  token TEXT,
  secret TEXT NOT NULL,
  old_secret TEXT,
  old_until BIGINT,
  delivered_at BIGINT
);
