-- What was signed before names no run, no wall, no limits and no end: no agent takes it any more.
DELETE FROM clearance;

-- Behind which wall and within which limits it runs once it is released; without limits where none
-- are named.
ALTER TABLE hold ADD COLUMN floor TEXT NOT NULL DEFAULT 'CONTAINER';
ALTER TABLE hold ADD COLUMN limits ${json};
UPDATE hold SET floor = 'NONE'
  WHERE (SELECT trust FROM run WHERE run.id = hold.run_id) = 'TRUSTED';
