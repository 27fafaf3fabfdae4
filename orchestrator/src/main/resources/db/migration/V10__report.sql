-- What the forge was told of a run: the last state that it took, '' for none yet, NULL where there is
-- nobody to tell. What is owed is whatever differs.
ALTER TABLE run ADD COLUMN told TEXT;
ALTER TABLE run ADD COLUMN tell_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN tell_tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN tell_error TEXT;
CREATE INDEX run_untold ON run (tell_at) WHERE told IS NOT NULL AND told <> state;

-- Whether the answer to a comment has yet to be said in its thread.
ALTER TABLE comment ADD COLUMN owed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE comment ADD COLUMN tell_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE comment ADD COLUMN tell_tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE comment ADD COLUMN tell_error TEXT;
CREATE INDEX comment_owed ON comment (tell_at) WHERE owed = 1;
