-- What came of the newest probe of its host, as an agent told of it.
ALTER TABLE agent ADD COLUMN probe TEXT;
