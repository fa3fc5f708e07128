-- What came of what was learnt: whether it came back, by which commit it was mended; rules that repeated
-- verdicts propose; which releases there are.

-- A mended error came back so often, last then, with that release, and why that release has the fix.
ALTER TABLE patterns ADD COLUMN recurred_at INTEGER;
ALTER TABLE patterns ADD COLUMN recurred_in TEXT;
ALTER TABLE patterns ADD COLUMN recurred_why TEXT;
-- When it was mended; nothing if nothing was done.
ALTER TABLE patterns ADD COLUMN mended_at INTEGER;
-- How the commit is known.
ALTER TABLE patterns ADD COLUMN commit_why TEXT;
-- What a fix does, told by its tokens, and the file that it changes.
ALTER TABLE patterns ADD COLUMN shape TEXT NOT NULL DEFAULT '';
ALTER TABLE patterns ADD COLUMN path TEXT NOT NULL DEFAULT '';
-- What a person says should be done: code_fix, action, explain_only.
ALTER TABLE patterns ADD COLUMN classification TEXT;
-- Who decided.
ALTER TABLE patterns ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';
-- Whose event its words are from, as events have it.
ALTER TABLE patterns ADD COLUMN user_hash TEXT;
-- What was known as mended before is so from when it was learnt.
UPDATE patterns SET mended_at = created_at WHERE verdict = 'accepted';
CREATE INDEX patterns_by_kind ON patterns (project_id, class, id);
CREATE INDEX patterns_by_issue ON patterns (issue_id) WHERE issue_id IS NOT NULL;

-- From when on a new event of a mended issue is looked at; nothing if it is not.
ALTER TABLE issues ADD COLUMN watch_from INTEGER;

CREATE TABLE releases (
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    release       TEXT    NOT NULL,
    -- When the first event of it arrived.
    first_seen    INTEGER NOT NULL,
    PRIMARY KEY (project_id, release)
);

-- What people decided alike so often that it is proposed to do it always.
CREATE TABLE rules (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    kind          TEXT    NOT NULL,
    -- For which errors, fixes and folder; an empty folder is the whole project.
    class         TEXT    NOT NULL,
    shape         TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    -- What it does, in a sentence.
    sentence      TEXT    NOT NULL,
    -- What it says of the cause, if it does.
    cause         TEXT    NOT NULL DEFAULT '',
    classification TEXT,
    pattern_id    INTEGER REFERENCES patterns (id) ON DELETE SET NULL,
    -- JSON: the verdicts.
    evidence      TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    decided_by    TEXT,
    hits          INTEGER NOT NULL DEFAULT 0,
    last_hit_at   INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    UNIQUE (project_id, kind, class, shape)
);
