-- Who started a run, by the name that its forge gave, so that people find it; decides nothing.
ALTER TABLE run ADD COLUMN person TEXT;
UPDATE run SET person = (SELECT body -> 'contributor' ->> 'name' FROM event WHERE event.id = event_id);
CREATE INDEX run_by_person ON run (person, id);
-- How long a run usually takes.
CREATE INDEX run_succeeded ON run (repository_id, workflow, ref, id) WHERE state = 'SUCCEEDED';
