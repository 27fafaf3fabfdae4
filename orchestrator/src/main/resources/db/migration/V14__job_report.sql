-- What the forge was told of a job: the last state that it took; NULL for none.
ALTER TABLE job ADD COLUMN told TEXT;
