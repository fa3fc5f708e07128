//! Why an issue broke: how far its analysis is, what the rules found, and what models make of it.

use jiff::Timestamp;

use super::prose::Prose;
use super::when::{When, duration};
use crate::domain::analysis::{Candidate, Evidence, RootCause};
use crate::domain::execution::StruckOut;

/// How far the analysis of an issue is.
#[derive(Clone, Debug, PartialEq)]
pub enum Analysis<'a> {
    /// None was asked for.
    None,
    /// Waits in the queue.
    Queued,
    /// Under way.
    Running,
    /// Could not be done.
    Failed {
        /// One sentence for a reader.
        reason: &'a str,
    },
    /// Done.
    Done {
        /// What it says.
        cause: &'a RootCause,
        /// When it ended.
        finished_at: Timestamp,
        /// Which agents took part.
        agents: &'a [AgentFacts],
        /// What models make of it.
        opinions: &'a [RootCause],
    },
}

/// One agent's run.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentFacts {
    /// The agent's name.
    pub name: String,
    /// What came of it, in a few words.
    pub outcome: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// Who took part, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// The agent's name.
    pub name: String,
    /// What came of it.
    pub outcome: String,
    /// How long it took.
    pub seconds: String,
}

/// The state of the analysis, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnalysisView {
    /// One sentence: there is no result (yet).
    Nothing {
        /// The sentence.
        sentence: String,
        /// Whether one is on its way.
        under_way: bool,
        /// Whether it went wrong.
        failed: bool,
    },
    /// A result.
    Cause(Box<CauseView>),
}

/// A root cause, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseView {
    /// One or two sentences.
    pub summary: Prose,
    /// The kind of failure.
    pub class: String,
    /// `83 %`, or that it has not been measured.
    pub confidence: String,
    /// `src/cart.rs:42`
    pub location: Option<String>,
    /// The enclosing function.
    pub function: Option<String>,
    /// What supports it.
    pub evidence: Vec<EvidenceView>,
    /// Best first.
    pub candidates: Vec<CandidateView>,
    /// Caveats.
    pub notes: Vec<Prose>,
    /// When the analysis ended.
    pub finished: When,
    /// Who took part.
    pub agents: Vec<AgentView>,
    /// What models make of it.
    pub opinions: Vec<OpinionView>,
}

impl AnalysisView {
    /// Ready to print.
    pub fn new(analysis: &Analysis<'_>, now: Timestamp) -> Self {
        let nothing = |sentence: &str, under_way, failed| Self::Nothing {
            sentence: sentence.to_owned(),
            under_way,
            failed,
        };
        match analysis {
            Analysis::None => nothing("This issue has not been analysed.", false, false),
            Analysis::Queued => nothing("The analysis waits in the queue.", true, false),
            Analysis::Running => nothing("The analysis is running.", true, false),
            Analysis::Failed { reason } => nothing(reason, false, true),
            Analysis::Done { cause, finished_at, agents, opinions } => {
                let mut view = CauseView::new(cause, *finished_at, agents, now);
                view.opinions = opinions.iter().filter_map(OpinionView::new).collect();
                Self::Cause(Box::new(view))
            }
        }
    }

    /// Whether a result is on its way.
    pub fn under_way(&self) -> bool {
        matches!(self, Self::Nothing { under_way: true, .. })
    }
}

impl CauseView {
    fn new(cause: &RootCause, finished: Timestamp, agents: &[AgentFacts], now: Timestamp) -> Self {
        let location = cause.file.as_ref().map(|file| match cause.line {
            Some(line) => format!("{file}:{line}"),
            None => file.clone(),
        });
        Self {
            summary: Prose::new(&cause.summary),
            class: cause.class.replace('_', " "),
            confidence: match cause.confidence {
                Some(share) => {
                    let of = cause.confidence_cases;
                    let of = of.map(|cases| match cases {
                        1 => ", measured on 1 case".to_owned(),
                        cases => format!(", measured on {cases} cases"),
                    });
                    format!("{:.0} %{}", share.clamp(0.0, 1.0) * 100.0, of.unwrap_or_default())
                }
                None => "not measured yet".to_owned(),
            },
            location,
            function: cause.function.clone(),
            evidence: cause.evidence.iter().map(EvidenceView::new).collect(),
            candidates: cause.candidates.iter().map(CandidateView::new).collect(),
            notes: cause.notes.iter().map(|note| Prose::new(note)).collect(),
            finished: When::new(finished, now),
            agents: agents
                .iter()
                .map(|agent| AgentView {
                    name: agent.name.clone(),
                    outcome: agent.outcome.clone(),
                    seconds: duration(agent.seconds),
                })
                .collect(),
            opinions: Vec::new(),
        }
    }
}

/// What a model makes of it, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpinionView {
    /// The agent's name.
    pub by: String,
    /// The cause, as it sees it.
    pub summary: Prose,
    /// `code fix`, `action` or `explain only`.
    pub classification: String,
    /// Why that.
    pub reason: Prose,
    /// Why, and why that, …
    pub five_whys: Vec<Prose>,
    /// How to see it happen.
    pub reproduction: Vec<Prose>,
    /// The lines that it cites and that stand there.
    pub evidence: Vec<EvidenceView>,
    /// What it claims of what does not exist, and why that is not believed.
    pub struck_out: Vec<(Prose, Prose)>,
}

impl OpinionView {
    /// Of a cause that a model stated; `None` for a rules agent's.
    fn new(cause: &RootCause) -> Option<Self> {
        let opinion = cause.opinion.as_ref()?;
        let prose = |texts: &[String]| texts.iter().map(|text| Prose::new(text)).collect();
        let struck = |one: &StruckOut| (Prose::new(&one.claim), Prose::new(&one.why));
        Some(Self {
            by: opinion.by.clone(),
            summary: Prose::new(&cause.summary),
            classification: opinion.classification.as_str().replace('_', " "),
            reason: Prose::new(&opinion.classification_reason),
            five_whys: prose(&opinion.five_whys),
            reproduction: prose(&opinion.reproduction),
            evidence: cause.evidence.iter().map(EvidenceView::new).collect(),
            struck_out: opinion.struck_out.iter().map(struck).collect(),
        })
    }
}

/// A line of code that supports the cause, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceView {
    /// `src/cart.rs:42`
    pub location: String,
    /// The line, byte for byte.
    pub quote: String,
    /// What it shows.
    pub why: Prose,
}

impl EvidenceView {
    fn new(evidence: &Evidence) -> Self {
        Self {
            location: format!("{}:{}", evidence.file, evidence.line),
            quote: evidence.quote.clone(),
            why: Prose::new(&evidence.why),
        }
    }
}

/// A place that may have to change, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateView {
    /// `src/cart.rs:42`
    pub location: String,
    /// The enclosing function.
    pub function: Option<String>,
    /// Why here.
    pub why: Prose,
}

impl CandidateView {
    fn new(candidate: &Candidate) -> Self {
        Self {
            location: format!("{}:{}", candidate.file, candidate.line),
            function: candidate.function.clone(),
            why: Prose::new(&candidate.why),
        }
    }
}
