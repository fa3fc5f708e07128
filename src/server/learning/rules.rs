//! Rules: proposed from repeated verdicts, and obeyed once a person has confirmed them. All that a rule can do
//! is hold a fix back, where everybody sees it, or say a known cause first.

use crate::domain::analysis::RootCause;
use crate::domain::fix::SuggestionStatus;
use crate::domain::pattern::Pattern;
use crate::domain::rule::{self, Rule, RuleKind};
use crate::domain::shape::shape;
use crate::domain::suggestion::Proposal;
use crate::server::app::App;
use crate::store::StoreError;
use crate::store::suggestions::{Decision, OnRecord};

/// Proposes a rule if this verdict and earlier ones say the same often enough.
pub(super) async fn propose(app: &App, latest: &Pattern) -> Result<(), StoreError> {
    let verdicts = app.store.patterns_of_class(latest.project_id, &latest.class).await?;
    let least = app.config.agents.rule_after_verdicts as usize;
    if let Some(rule) = rule::propose(latest, &verdicts, least) {
        let id = app.store.propose_rule(&rule, app.clock.now()).await?;
        tracing::info!(rule = id, "verdicts alike propose a rule");
    }
    Ok(())
}

/// The rules that act in a project.
pub(crate) struct InForce(Vec<Rule>);

impl InForce {
    /// As they are now.
    pub(crate) async fn of(app: &App, project_id: i64) -> Result<Self, StoreError> {
        Ok(Self(app.store.rules_in_force(project_id).await?))
    }

    /// Says first what a rule knows of the cause; what the agents found stays below it.
    pub(crate) async fn explain(
        &self,
        app: &App,
        cause: &mut Option<RootCause>,
        notes: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let Some(cause) = cause else { return Ok(()) };
        let path = cause.file.clone().unwrap_or_default();
        let about = self.0.iter().filter(|rule| rule.is_about(&cause.class, &path));
        let (mut known, mut first) = (None, Vec::new());
        for rule in about.filter(|rule| rule.kind != RuleKind::HoldBack) {
            app.store.count_rule_hit(rule.id, app.clock.now()).await?;
            first.push(format!("{}: {}{}", name(rule), rule.sentence, fix(app, rule).await?));
            if rule.kind == RuleKind::KnownCause && known.is_none() {
                known = Some(rule);
            }
        }
        notes.splice(0..0, first);
        if let Some(rule) = known {
            let todo = match rule.classification {
                Some(said) => format!(" What is to be done: {}.", said.as_str().replace('_', " ")),
                None => String::new(),
            };
            let found = std::mem::replace(
                &mut cause.summary,
                format!("{}{todo} ({})", rule.cause.trim_end(), name(rule)),
            );
            // The measured figure is the agent's, not the rule's.
            (cause.confidence, cause.confidence_cases) = (None, None);
            cause.notes.insert(0, format!("Without the rule: {found}"));
        }
        Ok(())
    }

    /// Holds a fix back that was just stored, if a rule says so: it is there for everybody to see, rejected,
    /// with the rule's sentence.
    pub(crate) async fn hold_back(
        &self,
        app: &App,
        suggestion_id: i64,
        class: &str,
        proposal: &Proposal,
    ) -> Result<(), StoreError> {
        let Some(path) = proposal.patch.files.first().map(|file| file.path.as_str()) else {
            return Ok(());
        };
        let edit = shape(&proposal.patch);
        let held = self.0.iter().find(|rule| {
            rule.kind == RuleKind::HoldBack && rule.is_about(class, path) && rule.shape == edit
        });
        let Some(rule) = held else { return Ok(()) };
        let reason = format!("held back by {}: {}", name(rule), rule.sentence);
        let by = format!("rule {}", rule.id);
        let decision =
            Decision { status: SuggestionStatus::Rejected, reason: Some(&reason), by: Some(&by) };
        let now = app.clock.now();
        app.store.decide_on_record(suggestion_id, decision, OnRecord::default(), now).await?;
        app.store.count_rule_hit(rule.id, now).await
    }
}

/// The fix that a rule holds up, in a line.
async fn fix(app: &App, rule: &Rule) -> Result<String, StoreError> {
    let Some(id) = rule.pattern_id.filter(|_| rule.kind == RuleKind::KnownFix) else {
        return Ok(String::new());
    };
    let pattern = app.store.pattern(id).await?;
    Ok(pattern.map(|one| format!(" {}", super::one_line(&one.fix))).unwrap_or_default())
}

fn name(rule: &Rule) -> String {
    let who = rule.decided_by.as_deref().unwrap_or("nobody");
    format!("rule {}, confirmed by {who}", rule.id)
}
