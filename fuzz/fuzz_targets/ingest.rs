//! Everything that a body goes through before it is stored, fed with what libFuzzer makes up. What must
//! hold stands in `check`, which the test suite replays over the corpus.
//!
//! The input is one line, then the body. The line's first letter is the door (`e`nvelope, `s`tore,
//! security `r`eport, `p`lain), its second the set of scrub rules (`0` to `2`), the rest is the header
//! Content-Encoding.

#![no_main]

mod check;
mod memory;

use libfuzzer_sys::fuzz_target;

#[global_allocator]
static MEMORY: memory::Counting = memory::Counting;

fuzz_target!(|input: &[u8]| {
    memory::begin();
    check::check(input);
    let peak = memory::peak_bytes();
    assert!(
        peak <= check::MAX_MEMORY_BYTES,
        "{peak} bytes were held at once for {} bytes of input",
        input.len()
    );
});
