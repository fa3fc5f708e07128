//! What stands around every page.

use super::super::super::assets;

/// Which entry of the navigation is the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `/gui/issues`
    Issues,
    /// `/gui/review`
    Review,
    /// `/gui/healings`
    Healings,
    /// `/gui/projects`
    Projects,
    /// `/gui/executions`
    Executions,
    /// `/gui/agents`
    Agents,
    /// `/gui/patterns`
    Patterns,
    /// `/gui/spend`
    Spend,
    /// None of them.
    Elsewhere,
}

/// Who looks at the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The token's name.
    pub who: String,
    /// The session's CSRF token: every form carries it as `csrf`.
    pub csrf: String,
    /// Whether this person may approve, reject, apply and roll back.
    pub may_decide: bool,
    /// Whether this person may stop what is under way.
    pub may_cancel: bool,
    /// Whether this person may change agents.
    pub may_administer: bool,
}

/// A message about what just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// Whether it went wrong.
    pub is_error: bool,
    /// One or two sentences.
    pub text: String,
}

impl Flash {
    /// Something was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self { is_error: false, text: text.into() }
    }

    /// Something was refused or failed; `text` says what to do.
    pub fn error(text: impl Into<String>) -> Self {
        Self { is_error: true, text: text.into() }
    }

    /// The message for a word in an address (`?done=approved`). A closed list, so that nobody can
    /// put words of his own on our page with a link.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(Self::done(match word {
            "approved" => "Approved. The fix is being applied, and verified again.",
            "rejected" => "Rejected. The reason was kept with the suggestion.",
            "applied" => "Applied and verified. The backup is kept.",
            "rolled_back" => "Rolled back. The files are as they were, byte for byte.",
            "analysing" => "The analysis waits for its turn. Look again in a moment.",
            "merged" => "Merged. This issue now shows the events of both.",
            "parted" => "Parted. Each issue shows its own events again.",
            "cancelling" => "It was told to stop, and does so within a second.",
            "agent_on" => "The agent is switched on.",
            "agent_off" => "The agent is switched off. Its part of a run is skipped from now on.",
            "agent_limits" => "The limits are set. Runs that begin from now on obey them.",
            "pattern_edited" => "The pattern is saved.",
            "pattern_pinned" => "Pinned. It is found before others like it.",
            "pattern_unpinned" => "Unpinned.",
            "pattern_deleted" => "The pattern is deleted.",
            "signed_out" => "Signed out.",
            _ => return None,
        }))
    }
}

/// Header, navigation, flash message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chrome {
    /// The current entry.
    pub section: Section,
    /// Who looks; `None` hides the navigation.
    pub signed_in: Option<SignedIn>,
    /// The project that the page is about, if it is one.
    pub project: Option<String>,
    /// Suggestions in the review queue.
    pub waiting: u64,
    /// What just happened.
    pub flash: Option<Flash>,
    /// Whether something on the page is still under way, so that it should be looked at again.
    pub live: bool,
}

impl Chrome {
    /// For a signed-in person; `waiting` is the length of the review queue.
    pub fn new(section: Section, signed_in: SignedIn, waiting: u64) -> Self {
        Self {
            section,
            signed_in: Some(signed_in),
            project: None,
            waiting,
            flash: None,
            live: false,
        }
    }

    /// For anybody: no navigation.
    pub fn signed_out() -> Self {
        Self {
            section: Section::Elsewhere,
            signed_in: None,
            project: None,
            waiting: 0,
            flash: None,
            live: false,
        }
    }

    /// With a project's name in the header.
    #[must_use]
    pub fn with_project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(name.into());
        self
    }

    /// With a message.
    #[must_use]
    pub fn with_flash(mut self, flash: Option<Flash>) -> Self {
        self.flash = flash;
        self
    }

    /// The CSRF token for a form; empty when nobody is signed in, which no handler accepts.
    pub fn csrf(&self) -> &str {
        self.signed_in.as_ref().map_or("", |person| &person.csrf)
    }

    /// Whether the forms that decide something are shown.
    pub fn may_decide(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|person| person.may_decide)
    }

    /// Whether the form that stops a run is shown.
    pub fn may_cancel(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|person| person.may_cancel)
    }

    /// Whether the forms that change agents are shown.
    pub fn may_administer(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|person| person.may_administer)
    }

    /// The address of a static file.
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// Whether the section of this name is where the reader is.
    pub fn at(&self, name: &str) -> bool {
        name == match self.section {
            Section::Issues => "issues",
            Section::Review => "review",
            Section::Healings => "healings",
            Section::Projects => "projects",
            Section::Executions => "executions",
            Section::Agents => "agents",
            Section::Patterns => "patterns",
            Section::Spend => "spend",
            Section::Elsewhere => return false,
        }
    }
}
