-- Holdfast as an app at a GitHub: one webhook and one key for all repositories that it is installed
-- on. What is sealed can be opened only in its own row and column.
CREATE TABLE forge_app (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  api TEXT NOT NULL,
  number BIGINT NOT NULL,
  source TEXT NOT NULL UNIQUE,
  private_key TEXT NOT NULL,
  secret TEXT NOT NULL,
  old_secret TEXT,
  old_until BIGINT,
  added_at BIGINT NOT NULL,
  UNIQUE (api, number)
);

-- Such a repository has no token of its own.
ALTER TABLE forge_link ADD COLUMN app_id TEXT REFERENCES forge_app (id);
ALTER TABLE forge_link ADD COLUMN installation BIGINT;
