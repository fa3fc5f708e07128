use super::*;

fn event(id: u32, user: &str) -> Vec<u8> {
    let frames: Vec<String> = (0..30)
        .map(|i| format!(r#"{{"function":"step_{i}","line":"let value_{i} = load(cart, {i});"}}"#))
        .collect();
    let noise: String =
        (0..20).map(|k| format!("{:08x}", id.wrapping_mul(2_654_435_761 + k))).collect();
    format!(r#"{{"user":"{user}","noise":"{noise}","frames":[{}]}}"#, frames.join(",")).into_bytes()
}

#[test]
fn what_an_issues_events_share_is_not_stored_again() {
    let samples = (0..8).map(|i| (event(i, &format!("user{i}")), Some(format!("u{i}")))).collect();
    let dictionary = Dictionary::new(7, train::of_issue(samples).unwrap());
    let new = event(99, "somebody");
    let alone = compress(&new).unwrap();
    let stored = compress_with(&new, Some(&dictionary)).unwrap();
    assert!(stored.len() * 2 < alone.len(), "{} of {}", stored.len(), alone.len());
    assert_eq!(inflate_with("event", &stored, &dictionary.bytes).unwrap(), new);
    assert_eq!(inflate("event", &alone).unwrap(), new);
}

#[test]
fn a_body_without_its_dictionary_is_an_error_and_not_another_body() {
    let samples = (0..8).map(|i| (event(i, "ada"), None)).collect();
    let dictionary = Dictionary::new(7, train::of_issue(samples).unwrap());
    let new = event(99, "ada");
    let stored = compress_with(&new, Some(&dictionary)).unwrap();
    assert!(inflate("event", &stored).ok().as_ref() != Some(&new));
}

#[test]
fn a_project_learns_from_its_events_and_from_too_few_it_does_not() {
    let samples: Vec<_> =
        (0..100).map(|i| (event(i, &format!("user{i}")), Some(format!("u{i}")))).collect();
    assert!(train::of_project(samples[..2].to_vec()).unwrap().is_none());
    let bytes = train::of_project(samples).unwrap().unwrap();
    let dictionary = Dictionary::new(1, bytes);
    let new = event(1000, "somebody");
    let stored = compress_with(&new, Some(&dictionary)).unwrap();
    assert!(stored.len() < compress(&new).unwrap().len());
    assert_eq!(inflate_with("event", &stored, &dictionary.bytes).unwrap(), new);
}

#[tokio::test]
async fn what_cannot_be_read_is_not_packed_and_others_are() {
    let good = event(1, "ada");
    let hasty = [compress(&good).unwrap(), b"no frame".to_vec(), Vec::new()]
        .map(|payload| pack::Hasty { payload, old: None, new: None });
    let packed = pack::pack(hasty.into()).await.unwrap();
    assert_eq!(inflate("event", &packed[0].payload).unwrap(), good);
    assert_eq!((packed[1].payload.as_slice(), packed[2].payload.len()), (&b"no frame"[..], 0));
}

#[test]
fn what_does_not_compress_still_fits() {
    let noise: Vec<u8> = std::iter::repeat_with(rand::random::<u8>).take(100_000).collect();
    assert_eq!(inflate("noise", &compress(&noise).unwrap()).unwrap(), noise);
    assert_eq!(inflate("nothing", &compress(b"").unwrap()).unwrap(), b"");
}
