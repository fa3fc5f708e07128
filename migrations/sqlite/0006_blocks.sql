-- Payloads lie in blocks, many in one row: a page of the file then has no room that nobody uses, and a
-- row of `events` is small. What an older version stored stays in `events.payload` until it is packed.

-- `bytes`: how many payloads, the length of each, the payloads (src/store/blocks/format.rs).
CREATE TABLE blocks (
    -- Never given again.
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id  INTEGER NOT NULL REFERENCES projects (id),
    bytes       BLOB    NOT NULL
);
CREATE INDEX blocks_by_project ON blocks (project_id, id);

-- Where an event's payload lies, and how many bytes it takes there. A block never goes before its events,
-- and no event is looked for by its block, so that there is neither a reference nor an index.
ALTER TABLE events ADD COLUMN block_id INTEGER;
ALTER TABLE events ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN payload_bytes INTEGER NOT NULL DEFAULT 0;

-- A user's events are looked for when he is deleted or exported, and written all the time: each cost a
-- page of this index. Rows are small now, and all of a project's are looked at.
DROP INDEX events_by_user;
