//! Every operation: what it is for, what it needs, and an example that is tried.

/// One operation of the API.
pub(super) struct Operation {
    /// In small letters.
    pub(super) method: &'static str,
    /// With `{parameters}`.
    pub(super) path: &'static str,
    /// What the token must be able to do; `key` for a project key; empty for nobody in particular.
    pub(super) scope: &'static str,
    /// One sentence.
    pub(super) summary: &'static str,
    /// Parameters of the query and what they are for.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// A body, as JSON; empty for none.
    pub(super) body: &'static str,
    /// The answer's status if all is well.
    pub(super) status: u16,
    /// The answer, as JSON; empty for one without or with another content.
    pub(super) answer: &'static str,
}

const PAGE: (&str, &str) = ("limit", "Rows of the page, 1 to 200; 50 if not given");
const BEFORE: (&str, &str) = ("before", "`next` of the page before");
const AFTER: (&str, &str) = ("after", "`next` of the page before");
const DAYS: (&str, &str) = ("days", "Days to look back, 1 to 366; 30 if not given");

const fn get(
    path: &'static str,
    summary: &'static str,
    query: &'static [(&'static str, &'static str)],
    answer: &'static str,
) -> Operation {
    Operation { method: "get", path, scope: "read", summary, query, body: "", status: 200, answer }
}

const fn with(
    method: &'static str,
    path: &'static str,
    scope: &'static str,
    summary: &'static str,
    body: &'static str,
    status: u16,
    answer: &'static str,
) -> Operation {
    Operation { method, path, scope, summary, query: &[], body, status, answer }
}

/// All of them.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        scope: "",
        ..get("/health", "Whether the server stands.", &[], r#"{"status": "healthy"}"#)
    },
    get("/api/openapi.json", "This document.", &[], r#"{"openapi": "3.1.0"}"#),
    with(
        "post",
        "/api/{project}/envelope/",
        "key",
        "What Sentry's SDKs send: an envelope.",
        "",
        200,
        "",
    ),
    with("post", "/api/{project}/store/", "key", "What old SDKs send: one event.", "", 200, ""),
    with(
        "post",
        "/api/{project}/security/",
        "key",
        "What browsers report by themselves.",
        "",
        200,
        "",
    ),
    with(
        "post",
        "/api/events",
        "key",
        "An error as plain JSON.",
        r#"{"error": "index out of bounds: the len is 3 but the index is 5", "type": "panic", "platform": "rust", "environment": "production"}"#,
        200,
        r#"{"event_id": "9d2f1c7ab5e84c0a9f1e2d3c4b5a6978", "issue_id": 1, "duplicate": false, "dropped": []}"#,
    ),
    with(
        "post",
        "/api/execute",
        "execute",
        "A task for the agents: error_analysis, code_analysis or health_check. Waits up to `wait_s` seconds; what comes later is had by `execution_id`.",
        r#"{"task_type": "error_analysis", "input_data": {"error": "ValueError: invalid literal for int() with base 10: 'x'", "stack_trace": "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    int('x')\nValueError: invalid literal for int() with base 10: 'x'", "context": {"url": "/cart"}, "timestamp": "2026-11-22T12:00:00Z"}, "wait_s": 8}"#,
        200,
        r#"{"success": true, "task_type": "error_analysis", "results": {"event_id": "9d2f1c7ab5e84c0a9f1e2d3c4b5a6978", "issue_id": 1, "analysis": null, "suggestions": []}, "execution_id": 1, "status": "done", "error": null}"#,
    ),
    Operation {
        query: &[
            ("status", "running, done, skipped, failed, cancelled"),
            ("agent", "An agent's name"),
            ("task_type", "error_analysis, code_analysis, health_check, pr_review"),
            ("project", "A project's number"),
            BEFORE,
            PAGE,
        ],
        ..get(
            "/api/executions",
            "What was run, the newest first.",
            &[],
            r#"{"executions": [], "next": null}"#,
        )
    },
    Operation {
        scope: "execute",
        ..get(
            "/api/executions/{id}",
            "An execution with its agents and steps, and the answer to its task.",
            &[],
            r#"{"execution": {"id": 1, "task": "health_check", "agent": "orchestrator", "status": "done"}, "agents": [], "steps": [], "success": true, "task_type": "health_check", "results": {}, "execution_id": 1, "status": "done", "error": null}"#,
        )
    },
    get(
        "/api/executions/{id}/stream",
        "What an execution does, as server-sent events: step, agent, run, end.",
        &[],
        "",
    ),
    with(
        "post",
        "/api/executions/{id}/cancel",
        "execute",
        "Asks that an execution stop.",
        "",
        202,
        r#"{"execution_id": 1, "status": "cancelling"}"#,
    ),
    get(
        "/api/agents",
        "The agents, as they stand.",
        &[],
        r#"{"agents": [{"id": "style", "enabled": true, "source": "file", "settings": null}]}"#,
    ),
    with(
        "post",
        "/api/agents",
        "admin",
        "Adds an agent by its file; its prompt and schema must be there already.",
        r#"{"file": "name = \"second-look\"\ntask = \"error_analysis\"\nkind = \"rules\"\nanalyser = \"panics\"\norder = 90\n\n[limits]\nseconds = 30\n"}"#,
        201,
        r#"{"id": "second-look", "enabled": true, "source": "api"}"#,
    ),
    get(
        "/api/agents/{id}",
        "One agent.",
        &[],
        r#"{"id": "style", "enabled": true, "source": "file"}"#,
    ),
    with(
        "put",
        "/api/agents/{id}",
        "admin",
        "Switches an agent on or off, or changes what it may use.",
        r#"{"enabled": true, "limits": {"seconds": 45}}"#,
        200,
        r#"{"id": "style", "enabled": true}"#,
    ),
    with(
        "delete",
        "/api/agents/{id}",
        "admin",
        "Deletes an agent that was added here.",
        "",
        204,
        "",
    ),
    Operation {
        query: &[
            ("status", "pending, approved, rejected, applied, failed, rolled_back, superseded"),
            ("severity", "low, medium, high, critical"),
            AFTER,
            PAGE,
        ],
        ..get("/api/suggestions", "Proposed fixes.", &[], r#"{"suggestions": [], "next": null}"#)
    },
    get("/api/suggestions/{id}", "One proposed fix.", &[], r#"{"id": 1, "status": "pending"}"#),
    with(
        "put",
        "/api/suggestions/{id}",
        "review",
        "Decides: approved, rejected (with a reason), applied, rolled_back. 409 if that cannot follow.",
        r#"{"status": "rejected", "reason": "it hides the cause"}"#,
        200,
        r#"{"id": 1, "status": "rejected"}"#,
    ),
    get(
        "/api/metrics",
        "Whether it helps, and what it costs.",
        &[DAYS],
        r#"{"days": 30, "events": 1, "error_rate_per_hour": 0.1, "issues": {"new": 1}, "suggestions": {"proposed": 0}, "fix_success": null, "false_positives": null, "time_to_fix_seconds": null, "executions": [], "models": {"cost_micros": 0, "routes": []}, "queue": {"waiting": 0, "oldest_seconds": 0.0}}"#,
    ),
    get(
        "/api/spend",
        "What models cost, by day, agent and model.",
        &[DAYS],
        r#"{"days": 30, "cost_micros": 0, "rows": []}"#,
    ),
    get(
        "/api/patterns",
        "What was learnt.",
        &[("project", "A project's number"), BEFORE, PAGE],
        r#"{"patterns": [], "next": null}"#,
    ),
    get(
        "/api/patterns/{id}",
        "One lesson.",
        &[],
        r#"{"id": 1, "cause": "c", "fix": "f", "pinned": false, "hits": 0}"#,
    ),
    with(
        "put",
        "/api/patterns/{id}",
        "review",
        "Corrects or pins a lesson.",
        r#"{"pinned": true}"#,
        200,
        r#"{"id": 1, "pinned": true}"#,
    ),
    with("delete", "/api/patterns/{id}", "review", "Forgets a lesson.", "", 204, ""),
    get(
        "/api/rules",
        "Rules that repeated verdicts propose, the newest first.",
        &[
            ("project", "A project's number"),
            ("status", "`proposed`, `confirmed` or `dismissed`"),
            BEFORE,
            PAGE,
        ],
        r#"{"rules": [], "next": null}"#,
    ),
    get(
        "/api/rules/{id}",
        "One rule, with the verdicts that it was made from.",
        &[],
        r#"{"id": 1, "kind": "hold_back", "status": "proposed", "evidence": [], "hits": 0}"#,
    ),
    with(
        "put",
        "/api/rules/{id}",
        "review",
        "Confirms a rule, which acts from then on, or dismisses it.",
        r#"{"status": "confirmed"}"#,
        200,
        r#"{"id": 1, "status": "confirmed"}"#,
    ),
    with("delete", "/api/rules/{id}", "review", "Takes a rule back.", "", 204, ""),
    with(
        "put",
        "/api/issues/{id}/cause",
        "review",
        "A person says why an issue really happened: it is learnt.",
        r#"{"cause": "The form lets letters through.", "fix": "Validate before int()."}"#,
        200,
        r#"{"id": 1, "verdict": "corrected"}"#,
    ),
    get(
        "/api/issues",
        "Issues, the last seen first.",
        &[("project", "A project's number"), AFTER, PAGE],
        r#"{"issues": [{"id": 1, "title": "t", "event_count": 1}], "next": null}"#,
    ),
    get(
        "/api/issues/{id}",
        "An issue with its analysis, executions, suggestions and latest event.",
        &[],
        r#"{"issue": {"id": 1}, "root_cause": null, "analysis": null, "executions": [], "suggestions": [], "came_back": [], "latest_event": {}}"#,
    ),
    get(
        "/api/issues/{id}/events",
        "An issue's events, the newest first.",
        &[BEFORE, PAGE],
        r#"{"events": [], "next": null}"#,
    ),
    get(
        "/api/issues/{id}/rollups",
        "Events by minute, hour or day.",
        &[("grain", "minute, hour or day"), ("since", "A time")],
        r#"{"grain_seconds": 3600, "buckets": []}"#,
    ),
    with("post", "/api/issues/{id}/analyse", "review", "Has an issue analysed anew.", "", 202, ""),
    with(
        "post",
        "/api/issues/{id}/merge",
        "review",
        "Merges an issue into another.",
        r#"{"into": 2}"#,
        200,
        "",
    ),
    with(
        "post",
        "/api/issues/{id}/unmerge",
        "review",
        "Parts an issue that was merged.",
        "",
        200,
        "",
    ),
    get("/api/projects", "The projects.", &[], r#"{"projects": [{"id": 1, "name": "shop"}]}"#),
    with(
        "post",
        "/api/projects",
        "admin",
        "Creates a project.",
        r#"{"name": "another"}"#,
        201,
        r#"{"id": 2, "name": "another"}"#,
    ),
    with(
        "delete",
        "/api/projects/{project}",
        "admin",
        "Deletes a project with all that was sent to it.",
        "",
        202,
        "",
    ),
    get(
        "/api/projects/{project}/export",
        "A project's events as lines of JSON.",
        &[("user", "Only a user's, by id")],
        "",
    ),
    get("/api/projects/{project}/settings", "What is set for a project.", &[], r#"{}"#),
    with("put", "/api/projects/{project}/settings", "admin", "Sets it.", r#"{}"#, 200, ""),
    get("/api/projects/{project}/events/{event_id}", "One event.", &[], r#"{}"#),
    get(
        "/api/projects/{project}/events/{event_id}/payload",
        "One event as it was sent, scrubbed.",
        &[],
        "",
    ),
    get(
        "/api/projects/{project}/events/{event_id}/attachments/{id}",
        "A file that came with an event.",
        &[],
        "",
    ),
    get("/api/projects/{project}/items", "What was only counted.", &[], r#"{}"#),
    get("/api/projects/{project}/outcomes", "What was refused, and why.", &[], r#"{}"#),
    get("/api/projects/{project}/keys", "A project's keys.", &[], r#"{}"#),
    with(
        "post",
        "/api/projects/{project}/keys",
        "admin",
        "Gives a project a further key.",
        r#"{"name": "phone"}"#,
        201,
        "",
    ),
    with("delete", "/api/projects/{project}/keys/{key}", "admin", "Ends a key.", "", 204, ""),
    with(
        "delete",
        "/api/projects/{project}/users/{user}",
        "admin",
        "Deletes a user's events.",
        "",
        200,
        "",
    ),
    get(
        "/api/healings",
        "What was applied and taken back.",
        &[BEFORE, PAGE],
        r#"{"healings": []}"#,
    ),
    Operation {
        scope: "admin",
        ..get("/api/audit", "The audit trail.", &[BEFORE, PAGE], r#"{"entries": []}"#)
    },
];
