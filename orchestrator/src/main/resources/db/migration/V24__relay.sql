-- The relay by which webhooks come where no forge can call. What is sealed can be opened only in its
-- own row and column, with a key that is not in the database.
CREATE TABLE relay (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  url TEXT NOT NULL,
  token TEXT,
  token_digest TEXT NOT NULL,
  credential TEXT NOT NULL,
  tenant TEXT,
  ingress TEXT,
  begun_at BIGINT NOT NULL,
  enrolled_at BIGINT
);

-- Keys to which the relay seals. One that it needs no more is forgotten, and what was sealed to it
-- stays closed for good.
CREATE TABLE relay_key (
  id TEXT PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  open_half TEXT NOT NULL,
  secret_half TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  taken_at BIGINT,
  retired_at BIGINT
);

-- What the relay calls the places at which webhooks arrive.
CREATE TABLE relay_source (
  id TEXT PRIMARY KEY,
  link TEXT NOT NULL UNIQUE,
  secret TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  taken_at BIGINT
);
