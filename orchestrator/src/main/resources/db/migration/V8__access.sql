-- Who uses Holdfast. `user` is a reserved word elsewhere.
CREATE TABLE person (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);

CREATE TABLE team (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

CREATE TABLE membership (
  team_id TEXT NOT NULL REFERENCES team (id),
  person_id TEXT NOT NULL REFERENCES person (id),
  added_at BIGINT NOT NULL,
  PRIMARY KEY (team_id, person_id)
);

-- A role or a permission, of one person or one team, in one repository or everywhere.
CREATE TABLE role_grant (
  id TEXT PRIMARY KEY,
  person_id TEXT REFERENCES person (id),
  team_id TEXT REFERENCES team (id),
  what TEXT NOT NULL,
  repository_id TEXT REFERENCES repository (id),
  granted_at BIGINT NOT NULL,
  CHECK ((person_id IS NULL) <> (team_id IS NULL))
);

-- Which account at a forge is whose, as the forge's own sign-in showed.
CREATE TABLE identity (
  id TEXT PRIMARY KEY,
  forge TEXT NOT NULL,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES person (id),
  linked_at BIGINT NOT NULL,
  how TEXT NOT NULL,
  UNIQUE (forge, account)
);

-- A person's token; none of these for an agent's. No permissions: all that its person has.
ALTER TABLE token ADD COLUMN person_id TEXT REFERENCES person (id);
ALTER TABLE token ADD COLUMN permissions TEXT;
ALTER TABLE token ADD COLUMN repository_id TEXT REFERENCES repository (id);
ALTER TABLE token ADD COLUMN expires_at BIGINT;
ALTER TABLE token ADD COLUMN used_at BIGINT;
UPDATE token SET kind = 'PERSON' WHERE kind = 'ADMIN';
