//! Making dictionaries.

use super::shared::{Sample, common_words, only_common};
use crate::store::StoreError;

/// Events of an issue that its dictionary is made from. The first is the model; the others tell what
/// is not its alone.
pub(in crate::store) const ISSUE_SAMPLES: u32 = 8;

/// Events of a project that its dictionary is made from, at most.
pub(in crate::store) const PROJECT_SAMPLES: u32 = 120;

/// Bytes of events after which no further one is taken: ten times the dictionary, and training holds
/// several times as much.
pub(in crate::store) const MAX_SAMPLES_BYTES: usize = 1024 * 1024;

/// The largest dictionary, in bytes: beyond this a frame's window no longer reaches it.
const MAX_DICTIONARY_BYTES: usize = 112 * 1024;

/// The smallest that is worth a row, in bytes.
const MIN_DICTIONARY_BYTES: usize = 256;

/// How many samples at least have to be there, for words that are nobody's own to be told from others.
const MIN_SAMPLES: usize = 4;

/// The dictionary of an issue: what its events have in common. `None` if there is too little of it.
pub(in crate::store) fn of_issue(samples: Vec<(Vec<u8>, Option<String>)>) -> Option<Vec<u8>> {
    let samples = read(samples);
    if samples.len() < MIN_SAMPLES {
        return None;
    }
    let mut text = only_common(samples.first()?, &common_words(&samples));
    // The end of a dictionary is the cheapest to refer to, and what is at an event's end (frames, in
    // most senders' order) is its largest part.
    if text.len() > MAX_DICTIONARY_BYTES {
        text.drain(..text.len() - MAX_DICTIONARY_BYTES);
    }
    (text.len() >= MIN_DICTIONARY_BYTES).then_some(text)
}

/// The dictionary of a project, for issues that have none of their own. `None` if there is too little
/// to learn from.
pub(in crate::store) fn of_project(
    samples: Vec<(Vec<u8>, Option<String>)>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let samples = read(samples);
    if samples.len() < MIN_SAMPLES {
        return Ok(None);
    }
    // One after the other in one piece, as the training wants them: it makes no copy of its own.
    let (mut texts, mut sizes) = (Vec::new(), Vec::with_capacity(samples.len()));
    let common = common_words(&samples);
    for sample in &samples {
        let text = only_common(sample, &common);
        texts.extend_from_slice(&text);
        sizes.push(text.len());
    }
    drop(common);
    drop(samples);
    // It also fails where there is too little to learn from.
    Ok(zstd::dict::from_continuous(&texts, &sizes, MAX_DICTIONARY_BYTES).ok())
}

fn read(samples: Vec<(Vec<u8>, Option<String>)>) -> Vec<Sample> {
    samples.into_iter().map(|(bytes, user)| Sample { bytes, user }).collect()
}
