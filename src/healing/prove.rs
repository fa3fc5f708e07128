//! Proves what kind of change a suggestion is and tries it on a private copy, before anybody sees it.

use std::path::{Path, PathBuf};
use std::time::Instant;

pub use super::carry_over::ProveError;
use super::carry_over::{Carried, carry_over};
use super::compare::{Standing, mended};
use crate::checks::{PrivateCopy, facts};
use crate::domain::facts::{CheckRun, CheckWay, CompilerFacts, RunOutcome};
use crate::domain::fix::{ClaimedClass, ProvedClass};
use crate::domain::hash::ContentHash;
use crate::domain::healing::HealingFile;
use crate::domain::patch::{FileChange, Patch};
use crate::domain::suggestion::{Proposal, Suggestion};
use crate::domain::verdict::Verdict;
use crate::domain::verification::{Verification, VerificationRun};
use crate::guard::{Change, judge};
use crate::repo::Repository;

/// Why the project's tests count as not run.
const NO_TESTS: &str =
    "Andon does not run tests yet; run them yourself before you rely on this fix";

/// Proof that a fix was looked at by the guard and tried on a private copy of the code as it is now. Says
/// what came of it, good or bad; only [`prove_and_verify`] makes one.
#[derive(Debug)]
pub struct Verified {
    suggestion_id: i64,
    root: PathBuf,
    patch: Patch,
    files: Vec<HealingFile>,
    verdict: Verdict,
    verification: Verification,
    standing: Standing,
    mended: Option<(RunOutcome, String)>,
    protected: Option<String>,
    after_runs: Vec<CheckRun>,
}

impl Verified {
    /// The suggestion.
    pub fn suggestion_id(&self) -> i64 {
        self.suggestion_id
    }

    /// The patch, carried over to the files as they are now.
    pub fn patch(&self) -> &Patch {
        &self.patch
    }

    /// What the guard proved, over all files.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// What ran.
    pub fn verification(&self) -> &Verification {
        &self.verification
    }

    /// How the code stands with the fix.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether the diagnostic that the fix is to remove is gone; `None` if it is for none.
    pub fn mended(&self) -> Option<&(RunOutcome, String)> {
        self.mended.as_ref()
    }

    /// Why one of the files is never healed by itself, if it is so.
    pub fn protected(&self) -> Option<&str> {
        self.protected.as_deref()
    }

    /// The repository's root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The files with their hashes and modes.
    pub fn files(&self) -> &[HealingFile] {
        &self.files
    }

    /// What makes this fix this fix.
    pub(super) fn identity(&self) -> ContentHash {
        let mut text = format!("{}\n{}\n", self.suggestion_id, self.root.display());
        for file in &self.files {
            text.push_str(&format!("{}\n{}\n{}\n", file.path, file.before_hash, file.after_hash));
        }
        ContentHash::of(text.as_bytes())
    }

    pub(super) fn contents_after(&self) -> Vec<Vec<u8>> {
        self.patch.files.iter().map(|file| file.after.clone().into_bytes()).collect()
    }

    /// Even a person does not put in what makes a compiling project stop compiling.
    pub(super) fn refuse_if_broken(&self) -> Result<(), String> {
        match &self.standing {
            Standing::Broken(_) => Err(self.standing.summary()),
            _ => Ok(()),
        }
    }

    /// Checks the working tree, with the fix in it, the way the private copy was checked.
    pub(super) async fn verify_in_place(&self, copy: &mut PrivateCopy) -> Result<(), String> {
        copy.refresh().await.map_err(|e| format!("the working tree could not be copied: {e}"))?;
        for file in &self.patch.files {
            if copy.read(&file.path).map_err(|e| e.to_string())? != file.after {
                return Err(format!("{} is not what was verified", file.path));
            }
        }
        let paths = self.patch.paths();
        for then in &self.after_runs {
            let Check { run: now, summary, .. } = check(copy, &paths, then.way).await;
            let standing = Standing::of(then, &now, &summary);
            let stands = match (&standing, then.outcome) {
                (Standing::Clean | Standing::StillBroken(_), _) => true,
                (Standing::NotRun(_), before) => before == RunOutcome::NotRun,
                _ => false,
            };
            if !stands {
                return Err(format!("in the working tree: {}", standing.summary()));
            }
        }
        Ok(())
    }
}

/// Carries the suggestion's patch over to the files as they are, asks the guard what kind of change it is,
/// and tries it on the private copy, which is left as it was. An error means that it could not be tried;
/// all else, good or bad, is in the result.
pub async fn prove_and_verify(
    copy: &mut PrivateCopy,
    repository: &Repository,
    suggestion: &Suggestion,
) -> Result<Verified, ProveError> {
    prove_and_verify_after(copy, repository, suggestion, &[]).await
}

/// [`prove_and_verify`] as if the changes of `earlier` were in the working tree: for saying what would be
/// done. Where they are not, the healer refuses what comes of it, because the files differ.
pub async fn prove_and_verify_after(
    copy: &mut PrivateCopy,
    repository: &Repository,
    suggestion: &Suggestion,
    earlier: &[FileChange],
) -> Result<Verified, ProveError> {
    let outcome = prove_on(copy, repository, suggestion, earlier).await;
    copy.reset()?;
    outcome
}

async fn prove_on(
    copy: &mut PrivateCopy,
    repository: &Repository,
    suggestion: &Suggestion,
    earlier: &[FileChange],
) -> Result<Verified, ProveError> {
    let started = Instant::now();
    let proposal = &suggestion.proposal;
    let Carried { patch, files, protected } =
        carry_over(copy, repository, &proposal.patch, earlier).await?;
    for file in earlier {
        copy.write(&file.path, &file.after)?;
    }
    let verdict = prove(copy, proposal, &patch).await;

    let paths = patch.paths();
    let ways: &[CheckWay] = match verdict.proved_class {
        // The tokens are the same: what compiles plainly compiles in every other way.
        ProvedClass::Style => &[CheckWay::Plain],
        _ => &[CheckWay::Plain, CheckWay::AllTargets],
    };
    let mut before = Vec::with_capacity(ways.len());
    for way in ways {
        before.push(check(copy, &paths, *way).await.run);
    }
    for file in &patch.files {
        copy.write(&file.path, &file.after)?;
    }
    let mut after = Vec::with_capacity(ways.len());
    for way in ways {
        after.push(check(copy, &paths, *way).await);
    }

    let mut runs = Vec::new();
    let mut standing = Standing::Clean;
    let mut plain = RunOutcome::NotRun;
    for (before, after) in before.iter().zip(&after) {
        let stands = Standing::of(before, &after.run, &after.summary);
        let (name, outcome) = (check_name(after.run.way), stands.outcome());
        if after.run.way == CheckWay::Plain {
            plain = outcome;
        }
        let (summary, seconds) = (stands.summary(), after.seconds);
        runs.push(VerificationRun { name: name.into(), outcome, summary, seconds });
        standing = standing.worse(stands);
    }
    let pairs: Vec<_> = before.iter().zip(after.iter().map(|check| &check.run)).collect();
    let mended = proposal.mends.as_ref().map(|mends| mended(mends, &pairs));
    if let Some((outcome, summary)) = &mended {
        let (name, summary) = ("diagnostic gone".into(), summary.clone());
        runs.push(VerificationRun { name, outcome: *outcome, summary, seconds: 0.0 });
    }
    let (name, summary) = ("tests".into(), NO_TESTS.into());
    runs.push(VerificationRun { name, outcome: RunOutcome::NotRun, summary, seconds: 0.0 });

    let verification = Verification {
        applied: true,
        check: plain,
        tests: RunOutcome::NotRun,
        seconds: started.elapsed().as_secs_f64(),
        runs,
    };
    Ok(Verified {
        suggestion_id: suggestion.id,
        root: repository.root().to_owned(),
        patch,
        files,
        verdict,
        verification,
        standing,
        mended,
        protected,
        after_runs: after.into_iter().map(|check| check.run).collect(),
    })
}

/// Asks the guard about every file; the change is what its widest part is.
async fn prove(copy: &mut PrivateCopy, proposal: &Proposal, patch: &Patch) -> Verdict {
    let mut whole: Option<Verdict> = None;
    for file in &patch.files {
        let mut verdict = ask(file, proposal.claimed_class, None);
        // Facts cost compiler runs: only where they can help.
        let may_help = proposal.claimed_class != ClaimedClass::Logic && !verdict.auto;
        if may_help && file.path.ends_with(".rs") {
            match facts(copy, file).await {
                Ok(facts) => verdict = ask(file, proposal.claimed_class, Some(&facts)),
                Err(error) => verdict.reason.push_str(&format!(" (no compiler facts: {error})")),
            }
        }
        whole = Some(match whole {
            None => verdict,
            Some(so_far) => combine(so_far, verdict),
        });
    }
    whole.unwrap_or_else(|| Verdict::not_proved("there is no change"))
}

fn ask(file: &FileChange, claimed: ClaimedClass, facts: Option<&CompilerFacts>) -> Verdict {
    judge(&Change {
        path: &file.path,
        before: file.before.as_bytes(),
        after: file.after.as_bytes(),
        claimed: Some(claimed),
        facts,
    })
}

fn combine(a: Verdict, b: Verdict) -> Verdict {
    let auto = a.auto && b.auto;
    // The reason of the file that stands in the way; else of the wider class.
    let b_decides = match (a.auto, b.auto) {
        (true, false) => true,
        (false, true) => false,
        _ => b.proved_class > a.proved_class,
    };
    let proved_class = a.proved_class.max(b.proved_class);
    let (mut decides, other) = if b_decides { (b, a) } else { (a, b) };
    decides.parts.extend(other.parts);
    Verdict { proved_class, auto, reason: decides.reason, parts: decides.parts }
}

/// One run, or why there was none.
struct Check {
    run: CheckRun,
    summary: String,
    seconds: f64,
}

async fn check(copy: &mut PrivateCopy, paths: &[String], way: CheckWay) -> Check {
    match copy.check(paths, way).await {
        Ok(checked) => {
            Check { run: checked.run, summary: checked.summary, seconds: checked.seconds }
        }
        Err(error) => Check {
            run: CheckRun { way, outcome: RunOutcome::NotRun, diagnostics: Vec::new() },
            summary: error.to_string(),
            seconds: 0.0,
        },
    }
}

fn check_name(way: CheckWay) -> &'static str {
    match way {
        CheckWay::Plain => "check",
        CheckWay::AllTargets => "check --all-targets",
        CheckWay::AllFeatures => "check --all-targets --all-features",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(class: ProvedClass, auto: bool, reason: &str) -> Verdict {
        Verdict { proved_class: class, auto, reason: reason.into(), parts: Vec::new() }
    }

    #[test]
    fn several_files_are_as_wide_as_the_widest_and_as_free_as_the_least_free() {
        use ProvedClass::{Import, Other, Style};
        let style = || verdict(Style, true, "style");
        let import = || verdict(Import, true, "import");
        let other = || verdict(Other, false, "other");
        let both = combine(style(), import());
        assert_eq!((both.proved_class, both.auto, &*both.reason), (Import, true, "import"));
        for whole in [combine(style(), other()), combine(other(), import())] {
            assert_eq!((whole.proved_class, whole.auto, &*whole.reason), (Other, false, "other"));
        }
        let held = combine(verdict(Style, false, "held"), import());
        assert_eq!((held.proved_class, held.auto, &*held.reason), (Import, false, "held"));
    }
}
