-- What signs the tokens by which jobs show what they are. Sealed for its row.
CREATE TABLE issuer_key (
  id TEXT PRIMARY KEY,
  sealed TEXT NOT NULL,
  signs_from BIGINT NOT NULL,
  made_at BIGINT NOT NULL
);

-- Each time that an agent asked for one, and the token's id if it got one.
CREATE TABLE identity_asked (
  id TEXT PRIMARY KEY,
  attempt_id TEXT NOT NULL REFERENCES attempt (id),
  step BIGINT NOT NULL,
  audience TEXT NOT NULL,
  token TEXT,
  at BIGINT NOT NULL
);

CREATE INDEX identity_asked_attempt ON identity_asked (attempt_id);
