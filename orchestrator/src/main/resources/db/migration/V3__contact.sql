-- What attempts sent packets to.
CREATE TABLE contact (
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  protocol TEXT NOT NULL,
  address TEXT NOT NULL,
  port BIGINT NOT NULL,
  allowed BIGINT NOT NULL,
  name TEXT,
  packets BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (attempt_id, protocol, address, port, allowed)
);
