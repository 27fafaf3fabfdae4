-- What values are sealed with: a key for each scope, itself wrapped by a master key that is not here.
-- `rotation` is the newest rotation of the master key that it was wrapped for.
CREATE TABLE data_key (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  master TEXT NOT NULL,
  wrapped TEXT NOT NULL,
  rotation BIGINT NOT NULL,
  uses BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  retired_at BIGINT
);
-- One at a time seals for a scope; the others are kept for what they sealed.
CREATE UNIQUE INDEX data_key_current ON data_key (scope) WHERE retired_at IS NULL;
CREATE INDEX data_key_rotation ON data_key (rotation, id);

-- Each time that all data keys were, or are being, wrapped anew.
CREATE TABLE master_rotation (
  number BIGINT PRIMARY KEY,
  master TEXT NOT NULL,
  started_by TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  finished_at BIGINT
);
