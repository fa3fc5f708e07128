-- Times are microseconds since 1970 in UTC. JSON is text. Bodies are zstd.

CREATE TABLE projects (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    public_key  TEXT    NOT NULL UNIQUE,
    repo        TEXT,
    healing     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
);

CREATE TABLE api_tokens (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL,
    hash        TEXT    NOT NULL UNIQUE,
    scopes      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
);

CREATE TABLE sessions (
    hash        TEXT    PRIMARY KEY,
    token_id    INTEGER NOT NULL REFERENCES api_tokens (id),
    csrf        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
);

CREATE TABLE issues (
    id          INTEGER PRIMARY KEY,
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    fingerprint TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    culprit     TEXT,
    level       TEXT    NOT NULL,
    platform    TEXT    NOT NULL,
    first_seen  INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    event_count INTEGER NOT NULL,
    UNIQUE (project_id, fingerprint)
);
CREATE INDEX issues_by_last_seen ON issues (last_seen);

CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    event_id    TEXT    NOT NULL,
    issue_id    INTEGER NOT NULL REFERENCES issues (id),
    timestamp   INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    release     TEXT,
    environment TEXT,
    level       TEXT    NOT NULL,
    body        BLOB    NOT NULL,
    payload     BLOB    NOT NULL,
    UNIQUE (project_id, event_id)
);
CREATE INDEX events_by_issue ON events (issue_id, id);

CREATE TABLE analyses (
    id            INTEGER PRIMARY KEY,
    issue_id      INTEGER NOT NULL REFERENCES issues (id),
    event_row     INTEGER NOT NULL REFERENCES events (id),
    status        TEXT    NOT NULL,
    revision      TEXT,
    root_cause    TEXT,
    notes         TEXT    NOT NULL,
    error         TEXT,
    started_at    INTEGER NOT NULL,
    finished_at   INTEGER
);
CREATE INDEX analyses_by_issue ON analyses (issue_id, id);

CREATE TABLE executions (
    id            INTEGER PRIMARY KEY,
    analysis_id   INTEGER NOT NULL REFERENCES analyses (id),
    agent         TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    output        TEXT    NOT NULL,
    error         TEXT,
    seconds       REAL    NOT NULL,
    started_at    INTEGER NOT NULL
);
CREATE INDEX executions_by_analysis ON executions (analysis_id, id);

CREATE TABLE suggestions (
    id            INTEGER PRIMARY KEY,
    project_id    INTEGER REFERENCES projects (id),
    issue_id      INTEGER REFERENCES issues (id),
    analysis_id   INTEGER REFERENCES analyses (id),
    repo          TEXT,
    agent         TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    explanation   TEXT    NOT NULL,
    issue_type    TEXT    NOT NULL,
    severity      TEXT    NOT NULL,
    claimed_class TEXT    NOT NULL,
    patch         BLOB    NOT NULL,
    mends         TEXT,
    status        TEXT    NOT NULL,
    status_reason TEXT,
    decided_by    TEXT,
    verdict       TEXT,
    verification  TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
CREATE INDEX suggestions_by_issue ON suggestions (issue_id, id);
CREATE INDEX suggestions_by_status ON suggestions (status, id);
CREATE INDEX suggestions_by_title ON suggestions (repo, title);

CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    payload     TEXT    NOT NULL,
    dedup_key   TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    attempts    INTEGER NOT NULL,
    run_at      INTEGER NOT NULL,
    lease_until INTEGER,
    last_error  TEXT,
    created_at  INTEGER NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state, run_at);
CREATE UNIQUE INDEX jobs_one_waiting ON jobs (dedup_key) WHERE state = 'queued';

-- Facts that one process leaves for others, such as the address that the server was last reached at.
CREATE TABLE facts (
    name        TEXT    PRIMARY KEY,
    value       TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL
);
