CREATE TABLE healings (
    id            INTEGER PRIMARY KEY,
    suggestion_id INTEGER NOT NULL REFERENCES suggestions (id),
    repo          TEXT    NOT NULL,
    step          TEXT    NOT NULL,
    actor         TEXT    NOT NULL,
    reason        TEXT,
    started_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
CREATE INDEX healings_by_suggestion ON healings (suggestion_id, id);
CREATE INDEX healings_by_step ON healings (step, id);

CREATE TABLE healing_files (
    healing_id  INTEGER NOT NULL REFERENCES healings (id),
    position    INTEGER NOT NULL,
    path        TEXT    NOT NULL,
    before_hash TEXT    NOT NULL,
    after_hash  TEXT    NOT NULL,
    mode        INTEGER NOT NULL,
    PRIMARY KEY (healing_id, position)
);
CREATE INDEX healing_files_by_path ON healing_files (path, healing_id);

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor     TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    prev_hash TEXT    NOT NULL UNIQUE,
    hash      TEXT    NOT NULL UNIQUE
);
