-- A credential that is to take the place of the one at the relay: kept before the relay is told of
-- it, so that an answer that is lost loses nothing. Sealed as the other one.
ALTER TABLE relay ADD COLUMN next_credential TEXT;
ALTER TABLE relay ADD COLUMN next_overlap BIGINT NOT NULL DEFAULT 0;

-- Addresses that may post, as 192.0.2.0/24 with spaces between; nothing for any. And how long the
-- relay takes an address that another took the place of.
ALTER TABLE relay_source ADD COLUMN ranges TEXT NOT NULL DEFAULT '';
ALTER TABLE relay_source ADD COLUMN overlap BIGINT NOT NULL DEFAULT 0;
