-- What pages ask of events: of what kind one is, and whom it is attributed to, as forge and id.
ALTER TABLE event ADD COLUMN kind TEXT;
ALTER TABLE event ADD COLUMN contributor TEXT;
UPDATE event SET kind = ${event_kind}, contributor = ${event_contributor};
CREATE INDEX event_by_contributor ON event (repository_id, contributor, id);

-- The newest run of a workflow on a branch.
CREATE INDEX run_by_branch ON run (repository_id, workflow, ref, id);

-- Whether anybody may see how its branches stand, though the repository is not public.
ALTER TABLE repository ADD COLUMN badges BIGINT;
