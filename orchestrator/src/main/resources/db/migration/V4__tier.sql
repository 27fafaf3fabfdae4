-- The weakest wall that jobs of a repository may have; none where every agent with a wall will do.
ALTER TABLE repository ADD COLUMN floor TEXT;

-- The very image that an attempt ran in, by its digest.
ALTER TABLE attempt ADD COLUMN image TEXT;
