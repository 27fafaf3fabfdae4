-- Whose a repository is, as whoever added it said; a policy can be set for all of an organisation's.
ALTER TABLE repository ADD COLUMN organisation TEXT;
