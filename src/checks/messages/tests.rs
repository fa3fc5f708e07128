use super::*;

#[test]
fn the_first_error_is_told_with_its_causes() {
    let stderr = b"    Updating crates.io index\nerror: failed to get `x` as a dependency\n\nCaused by:\n  failed to load source\n\nmore\n";
    assert_eq!(first_error(stderr), "failed to get `x` as a dependency; failed to load source");
    assert_eq!(first_error(b"just this\n"), "just this");
    assert_eq!(first_error(b""), "nothing");
}

#[test]
fn noise_between_messages_is_passed_over() {
    let said = read(
        b"hello\n{\"reason\":\"x\"}\n\xff\n{\"reason\":\"build-finished\",\"success\":true}\n",
        Path::new("/"),
        "",
    );
    assert_eq!(said.finished, Some(true));
    assert!(said.diagnostics.is_empty());
}
