-- Dictionaries, merged issues, versioned fingerprints, rollups, and what retention goes by.

-- What compressed bodies are written against: of an issue (what its events have in common), or of a
-- project. Nothing refers to a dictionary by a key, so that one can be deleted without looking at events.
CREATE TABLE dictionaries (
    -- Never given again: a dictionary that was deleted may still be in somebody's memory.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    issue_id    INTEGER,
    bytes       BLOB    NOT NULL,
    created_at  INTEGER NOT NULL
);
CREATE INDEX dictionaries_by_issue ON dictionaries (issue_id, id);
CREATE INDEX dictionaries_by_project ON dictionaries (project_id, issue_id, id);

-- An empty body means that the event is read from its payload, which it was when it came; notes are what
-- the payload does not tell. The user is a hash, for deleting by user.
ALTER TABLE events ADD COLUMN dictionary_id INTEGER;
ALTER TABLE events ADD COLUMN notes TEXT;
ALTER TABLE events ADD COLUMN user_hash TEXT;
CREATE INDEX events_by_project ON events (project_id, id);
CREATE INDEX events_by_user ON events (project_id, user_hash) WHERE user_hash IS NOT NULL;

-- A merged issue keeps its events and counts; what it was merged into shows them as its own.
ALTER TABLE issues ADD COLUMN merged_into INTEGER REFERENCES issues (id);
ALTER TABLE issues ADD COLUMN stored_events INTEGER NOT NULL DEFAULT 0;
ALTER TABLE issues ADD COLUMN stored_bytes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX issues_by_project ON issues (project_id, last_seen);
CREATE INDEX issues_merged ON issues (merged_into) WHERE merged_into IS NOT NULL;
UPDATE issues SET
    stored_events = (SELECT COUNT(*) FROM events WHERE events.issue_id = issues.id),
    stored_bytes = (SELECT COALESCE(SUM(LENGTH(body) + LENGTH(payload)), 0) FROM events
                    WHERE events.issue_id = issues.id)
        + (SELECT COALESCE(SUM(LENGTH(bytes)), 0) FROM attachments
           JOIN events ON events.id = attachments.event_row WHERE events.issue_id = issues.id);

-- Every fingerprint by which an issue was ever found, by the version of the grouping that made it.
CREATE TABLE fingerprints (
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    hash        TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    issue_id    INTEGER NOT NULL REFERENCES issues (id),
    PRIMARY KEY (hash, project_id)
);
CREATE INDEX fingerprints_by_issue ON fingerprints (issue_id);
INSERT INTO fingerprints (project_id, hash, version, issue_id)
    SELECT project_id, fingerprint, 1, id FROM issues;

-- How many events an issue had in a minute, an hour, a day: `grain` and `bucket` (its beginning since
-- 1970) in seconds.
CREATE TABLE rollups (
    issue_id INTEGER NOT NULL REFERENCES issues (id),
    grain    INTEGER NOT NULL,
    bucket   INTEGER NOT NULL,
    events   INTEGER NOT NULL,
    PRIMARY KEY (issue_id, grain, bucket)
) WITHOUT ROWID;
INSERT INTO rollups (issue_id, grain, bucket, events)
    SELECT issue_id, 86400, received_at / 86400000000 * 86400, COUNT(*) FROM events
    GROUP BY issue_id, received_at / 86400000000 * 86400;
INSERT INTO rollups (issue_id, grain, bucket, events)
    SELECT issue_id, 3600, received_at / 3600000000 * 3600, COUNT(*) FROM events
    GROUP BY issue_id, received_at / 3600000000 * 3600;

-- What is stored of a project now.
CREATE TABLE project_stats (
    project_id    INTEGER PRIMARY KEY REFERENCES projects (id),
    stored_events INTEGER NOT NULL,
    stored_bytes  INTEGER NOT NULL
);
INSERT INTO project_stats (project_id, stored_events, stored_bytes)
    SELECT project_id, SUM(stored_events), SUM(stored_bytes) FROM issues GROUP BY project_id;

-- What a project sets for itself: JSON.
CREATE TABLE project_settings (
    project_id  INTEGER PRIMARY KEY REFERENCES projects (id),
    settings    TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL
);

-- An analysis outlives the event that it looked at.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE analyses_before AS SELECT * FROM analyses;
DROP TABLE analyses;
CREATE TABLE analyses (
    id            INTEGER PRIMARY KEY,
    issue_id      INTEGER NOT NULL REFERENCES issues (id),
    event_row     INTEGER REFERENCES events (id) ON DELETE SET NULL,
    status        TEXT    NOT NULL,
    revision      TEXT,
    root_cause    TEXT,
    notes         TEXT    NOT NULL,
    error         TEXT,
    started_at    INTEGER NOT NULL,
    finished_at   INTEGER
);
INSERT INTO analyses (id, issue_id, event_row, status, revision, root_cause, notes, error, started_at,
                      finished_at)
    SELECT id, issue_id, event_row, status, revision, root_cause, notes, error, started_at, finished_at
    FROM analyses_before;
DROP TABLE analyses_before;
CREATE INDEX analyses_by_issue ON analyses (issue_id, id);
CREATE INDEX analyses_by_event ON analyses (event_row);
