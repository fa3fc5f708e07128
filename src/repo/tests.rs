use super::*;

#[test]
fn sources_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<CommitSources>();
    shared::<WorkingSources>();
    shared::<Repository>();
}
