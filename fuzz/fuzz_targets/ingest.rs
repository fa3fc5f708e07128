//! Everything that a body goes through before it is stored, fed with what libFuzzer makes up. What must
//! hold stands in `check`, which the test suite replays over the corpus.
//!
//! The input is one line, then the body. The line's first letter is the door (`e`nvelope, `s`tore,
//! security `r`eport, `p`lain), its second the set of scrub rules (`0` to `2`), the rest is the header
//! Content-Encoding.

#![no_main]

mod check;
mod memory;

use std::sync::Once;

use libfuzzer_sys::fuzz_target;

#[global_allocator]
static MEMORY: memory::Counting = memory::Counting;

/// An input on which every rule looks.
const FIRST: &str = r#"{"message":"a@b.example 10.0.0.7 4111 1111 1111 1111 key=1 https://u:p@h/?token=1","stack_trace":"thread 'main' panicked at src/a.rs:1:1:\nx"}"#;

/// Rules are compiled at first use; that is no input's doing.
static READY: Once = Once::new();

fuzz_target!(|input: &[u8]| {
    READY.call_once(|| {
        for start in ["s0", "s1", "s2", "p0", "p1", "r0", "r1", "e0\n{}\n{\"type\":\"event\"}"] {
            check::check(format!("{start}\n{FIRST}").as_bytes());
        }
    });
    memory::begin();
    check::check(input);
    let peak = memory::peak_bytes();
    assert!(
        peak <= check::MAX_MEMORY_BYTES,
        "{peak} bytes were held at once for {} bytes of input",
        input.len()
    );
});
