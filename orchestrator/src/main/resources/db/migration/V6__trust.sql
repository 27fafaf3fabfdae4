-- A repository at a forge: where its calls start, and the forge's own id of it.
ALTER TABLE repository ADD COLUMN api TEXT;
ALTER TABLE repository ADD COLUMN forge_id BIGINT;

-- Everybody who had a hand in an event; none where the source names nobody.
ALTER TABLE event ADD COLUMN hands ${json};
