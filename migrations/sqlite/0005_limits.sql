-- Limits at the door: keys, what was used of the quotas, what was refused; and projects that go.

-- Set as soon as a project is deleted: nothing finds it any more. Its rows go after that, in batches; its
-- own row stays, so that its number is never given to another one.
ALTER TABLE projects ADD COLUMN deleted_at INTEGER;
-- When the last of its rows was gone.
ALTER TABLE projects ADD COLUMN purged_at INTEGER;

-- The keys that applications send with. `projects.public_key` is the one that the DSN shows.
CREATE TABLE project_keys (
    id          INTEGER PRIMARY KEY,
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    public_key  TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    disabled_at INTEGER,
    created_at  INTEGER NOT NULL
);
CREATE INDEX project_keys_by_project ON project_keys (project_id, id);
INSERT INTO project_keys (project_id, public_key, name, created_at)
    SELECT id, public_key, 'default', created_at FROM projects ORDER BY id;

-- What was accepted in a window of time: `bucket` is the time at which the minute, hour or month began.
CREATE TABLE usage (
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    key_id      INTEGER NOT NULL,
    category    TEXT    NOT NULL,
    grain       TEXT    NOT NULL,
    bucket      INTEGER NOT NULL,
    quantity    INTEGER NOT NULL,
    PRIMARY KEY (project_id, grain, bucket, category, key_id)
);
CREATE INDEX usage_by_age ON usage (grain, bucket);

-- What was refused on a day (UTC, as 2026-11-21), and why.
CREATE TABLE outcomes (
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    category    TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    day         TEXT    NOT NULL,
    quantity    INTEGER NOT NULL,
    PRIMARY KEY (project_id, day, category, reason)
);

-- Deleting an analysis or a project looks for what points at it.
CREATE INDEX suggestions_by_analysis ON suggestions (analysis_id, id);
CREATE INDEX suggestions_by_project ON suggestions (project_id, id);
