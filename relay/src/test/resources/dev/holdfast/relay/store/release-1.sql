-- A store as the first release leaves it, with what was in it when it was stopped. Never changed:
-- every later release has to open it and go on. One statement a line.
CREATE TABLE relay_schema (version BIGINT PRIMARY KEY);
CREATE TABLE tenant (id TEXT PRIMARY KEY, name TEXT NOT NULL, made_at BIGINT NOT NULL, token_hash TEXT NOT NULL UNIQUE, token_until BIGINT NOT NULL, enrolled_at BIGINT, revoked_at BIGINT, credential_hash TEXT UNIQUE, former_hash TEXT, former_until BIGINT, public_key TEXT, waiting BIGINT NOT NULL DEFAULT 0, waiting_bytes BIGINT NOT NULL DEFAULT 0, refused BIGINT NOT NULL DEFAULT 0, expired BIGINT NOT NULL DEFAULT 0);
CREATE INDEX tenant_former ON tenant (former_hash);
CREATE TABLE source (tenant_id TEXT NOT NULL REFERENCES tenant (id), id TEXT NOT NULL, made_at BIGINT NOT NULL, last_at BIGINT NOT NULL, secret_hash TEXT NOT NULL UNIQUE, former_hash TEXT, former_until BIGINT, ranges TEXT NOT NULL, last_number BIGINT NOT NULL DEFAULT 0, waiting BIGINT NOT NULL DEFAULT 0, holder TEXT, held_until BIGINT NOT NULL DEFAULT 0, taken BIGINT NOT NULL DEFAULT 0, served_at BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (tenant_id, id));
CREATE INDEX source_former ON source (former_hash);
CREATE TABLE delivery (tenant_id TEXT NOT NULL, source_id TEXT NOT NULL, number BIGINT NOT NULL, id TEXT NOT NULL UNIQUE, arrived_at BIGINT NOT NULL, key_id TEXT NOT NULL, length BIGINT NOT NULL, sealed BYTES NOT NULL, PRIMARY KEY (tenant_id, source_id, number));
CREATE INDEX delivery_arrived ON delivery (arrived_at);
INSERT INTO relay_schema (version) VALUES (1);
INSERT INTO tenant (id, name, made_at, token_hash, token_until, enrolled_at, credential_hash, public_key, waiting, waiting_bytes, refused) VALUES ('ten_old', 'acme', 1764244800000, 'used', 0, 1764244801000, 'CREDENTIAL_HASH', 'PUBLIC_KEY', 2, 144, 3);
INSERT INTO source (tenant_id, id, made_at, last_at, secret_hash, ranges, last_number, waiting, holder, held_until, taken) VALUES ('ten_old', 'src_old', 1764244802000, 1764244805000, 'SECRET_HASH', '192.0.2.0/24', 7, 2, 'pull_gone', 1764244806000, 7);
INSERT INTO delivery (tenant_id, source_id, number, id, arrived_at, key_id, length, sealed) VALUES ('ten_old', 'src_old', 6, 'dlv_6', 1764244804000, 'key_old', 72, SEALED_6);
INSERT INTO delivery (tenant_id, source_id, number, id, arrived_at, key_id, length, sealed) VALUES ('ten_old', 'src_old', 7, 'dlv_7', 1764244805000, 'key_old', 72, SEALED_7);
