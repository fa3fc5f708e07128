-- What comes in envelopes beside events.

-- Files that were sent with an event; the bytes are zstd.
CREATE TABLE attachments (
    id           INTEGER PRIMARY KEY,
    event_row    INTEGER NOT NULL REFERENCES events (id),
    filename     TEXT    NOT NULL,
    content_type TEXT,
    size_bytes   INTEGER NOT NULL,
    bytes        BLOB    NOT NULL
);
CREATE INDEX attachments_by_event ON attachments (event_row, id);

-- How many items of a type that is only counted came on a day (UTC, as 2026-11-21).
CREATE TABLE item_counts (
    project_id INTEGER NOT NULL REFERENCES projects (id),
    kind       TEXT    NOT NULL,
    day        TEXT    NOT NULL,
    items      INTEGER NOT NULL,
    PRIMARY KEY (project_id, day, kind)
);
