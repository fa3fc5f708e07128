-- Executions of every task, with what they used and each step; model calls and their money; what was
-- learnt.

-- A run over a task has one row, and one below it for each agent.
CREATE TABLE executions_before AS SELECT * FROM executions;
DROP TABLE executions;
CREATE TABLE executions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The run that it is part of; nothing for the run itself.
    parent_id     INTEGER REFERENCES executions (id) ON DELETE CASCADE,
    analysis_id   INTEGER REFERENCES analyses (id) ON DELETE CASCADE,
    project_id    INTEGER REFERENCES projects (id),
    task          TEXT    NOT NULL DEFAULT 'error_analysis',
    agent         TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    -- JSON: what it was asked, and what it came to.
    input         TEXT    NOT NULL DEFAULT '{}',
    output        TEXT    NOT NULL,
    error         TEXT,
    -- JSON: steps, tools, tokens, model.
    usage         TEXT    NOT NULL DEFAULT '{}',
    -- Millionths of a dollar.
    cost_micros   INTEGER NOT NULL DEFAULT 0,
    seconds       REAL    NOT NULL,
    started_at    INTEGER NOT NULL,
    finished_at   INTEGER,
    -- When somebody asked that it stop.
    cancelled_at  INTEGER
);
INSERT INTO executions (id, analysis_id, task, agent, status, input, output, error, usage, cost_micros,
                        seconds, started_at, finished_at)
    SELECT id, analysis_id, 'error_analysis', agent, status, '{}', output, error, '{}', 0, seconds,
           started_at, started_at + CAST(seconds * 1000000 AS INTEGER)
    FROM executions_before;
DROP TABLE executions_before;
CREATE INDEX executions_by_analysis ON executions (analysis_id, id);
CREATE INDEX executions_by_parent ON executions (parent_id, id);
CREATE INDEX executions_by_status ON executions (status, id);

-- What an agent did, as it did it: tool calls, and what was sent to a model and came back.
CREATE TABLE execution_steps (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    execution_id  INTEGER NOT NULL REFERENCES executions (id) ON DELETE CASCADE,
    at            INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    -- JSON.
    detail        TEXT    NOT NULL
);
CREATE INDEX execution_steps_by_execution ON execution_steps (execution_id, id);

-- Money that calls under way may cost at worst.
CREATE TABLE model_reservations (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id      INTEGER REFERENCES issues (id) ON DELETE CASCADE,
    worst_micros  INTEGER NOT NULL,
    -- From then on its process is taken to be dead.
    expires_at    INTEGER NOT NULL
);

-- What was spent: by day (microseconds of its beginning, UTC), agent and model.
CREATE TABLE model_spend (
    day           INTEGER NOT NULL,
    agent         TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    calls         INTEGER NOT NULL,
    tokens_in     INTEGER NOT NULL,
    tokens_out    INTEGER NOT NULL,
    cost_micros   INTEGER NOT NULL,
    PRIMARY KEY (day, agent, model)
);
CREATE TABLE model_spend_issues (
    issue_id      INTEGER PRIMARY KEY REFERENCES issues (id) ON DELETE CASCADE,
    calls         INTEGER NOT NULL,
    cost_micros   INTEGER NOT NULL
);

-- Answers that need not be asked for again.
CREATE TABLE model_answers (
    -- Hash of the task's fingerprint, the revision, the prompts and the model.
    key           TEXT    PRIMARY KEY,
    issue_id      INTEGER REFERENCES issues (id) ON DELETE CASCADE,
    answer        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
);
CREATE INDEX model_answers_by_issue ON model_answers (issue_id);

-- What an administrator set for an agent: JSON.
CREATE TABLE agent_settings (
    agent         TEXT    PRIMARY KEY,
    settings      TEXT    NOT NULL,
    updated_at    INTEGER NOT NULL
);

-- What was learnt: how an error of this shape was explained and mended.
CREATE TABLE patterns (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id    INTEGER NOT NULL REFERENCES projects (id),
    issue_id      INTEGER REFERENCES issues (id) ON DELETE SET NULL,
    suggestion_id INTEGER REFERENCES suggestions (id) ON DELETE SET NULL,
    fingerprint   TEXT    NOT NULL,
    class         TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    cause         TEXT    NOT NULL,
    fix           TEXT    NOT NULL,
    -- JSON: the in-app frames' functions, innermost first.
    frames        TEXT    NOT NULL,
    verdict       TEXT    NOT NULL,
    fix_commit    TEXT,
    recurred      INTEGER NOT NULL DEFAULT 0,
    hits          INTEGER NOT NULL DEFAULT 0,
    pinned        INTEGER NOT NULL DEFAULT 0,
    -- How many words it has, for ranking.
    words         INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
CREATE INDEX patterns_by_fingerprint ON patterns (project_id, fingerprint);
CREATE TABLE pattern_words (
    pattern_id    INTEGER NOT NULL REFERENCES patterns (id) ON DELETE CASCADE,
    word          TEXT    NOT NULL,
    count         INTEGER NOT NULL,
    PRIMARY KEY (word, pattern_id)
);
CREATE INDEX pattern_words_by_pattern ON pattern_words (pattern_id);

-- A token may be one project's.
ALTER TABLE api_tokens ADD COLUMN project_id INTEGER REFERENCES projects (id);

-- What models made of it, beside the cause: JSON.
ALTER TABLE analyses ADD COLUMN opinions TEXT NOT NULL DEFAULT '[]';

-- All projects' events of some days are counted by it.
CREATE INDEX rollups_by_day ON rollups (bucket) WHERE grain = 86400;
