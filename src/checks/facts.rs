//! What the compiler says before and after a change: the evidence that the guard asks for.

use super::{CheckError, PrivateCopy};
use crate::domain::facts::{CheckRun, CheckWay, CompilerFacts};
use crate::domain::patch::FileChange;

/// Checks in all three ways with the file as it is before the change and as it is after. The rest of
/// the copy stays as it is, and so does the file in the end. Spans of `before` fit the text before.
pub async fn facts(
    copy: &mut PrivateCopy,
    change: &FileChange,
) -> Result<CompilerFacts, CheckError> {
    let held = copy.read(&change.path)?;
    let result = both_sides(copy, change).await;
    let restored = copy.write(&change.path, &held);
    let facts = result?;
    restored?;
    Ok(facts)
}

async fn both_sides(
    copy: &mut PrivateCopy,
    change: &FileChange,
) -> Result<CompilerFacts, CheckError> {
    let paths = [change.path.clone()];
    copy.write(&change.path, &change.before)?;
    let before = three_ways(copy, &paths).await?;
    copy.write(&change.path, &change.after)?;
    let after = three_ways(copy, &paths).await?;
    Ok(CompilerFacts { before, after })
}

async fn three_ways(copy: &PrivateCopy, paths: &[String]) -> Result<Vec<CheckRun>, CheckError> {
    let mut runs = Vec::with_capacity(CheckWay::ALL.len());
    for &way in CheckWay::ALL {
        runs.push(copy.check(paths, way).await?.run);
    }
    Ok(runs)
}
