//! Rust's rules.

use super::super::rules;
use super::{Case, check, check_complete};

const CASES: &[Case] = &[
    (
        "rust/unwrap-on-input",
        &[
            "fn f(s: &str) -> u8 { s.parse::<u8>().unwrap() }",
            "use std::fs;\nfn f() -> String { fs::read_to_string(\"a\").unwrap() }",
            "fn f() { println!(\"{}\", std::env::var(\"A\").unwrap()); }",
        ],
        &[
            "fn f(s: &str) -> u8 { s.parse::<u8>().unwrap_or(0) }",
            "fn f() -> u8 { \"1\".parse().unwrap() }",
            "fn f() -> String { std::env::var(\"OUT_DIR\").unwrap() }",
            "fn f(s: &str) -> u8 {\n    // Digits only, see above.\n    s.parse().unwrap()\n}",
            "#[test]\nfn f() { let x: u8 = g().parse().unwrap(); }",
            "#[cfg(test)]\nmod tests { fn f(s: &str) -> u8 { s.parse().unwrap() } }",
            "fn f() -> &'static str { \"s.parse().unwrap()\" }",
            "fn f(v: Vec<u8>) -> u8 { v.first().copied().unwrap() }",
        ],
    ),
    (
        "rust/length-minus-one",
        &[
            "pub fn last(xs: &[u8]) -> u8 { xs[xs.len() - 1] }",
            "pub fn f(s: &str) { for i in 0..s.len() - 1 { g(i); } }",
        ],
        &[
            "pub fn last(xs: &[u8]) -> u8 { if xs.is_empty() { return 0; } xs[xs.len() - 1] }",
            "pub fn last(xs: &[u8; 4]) -> u8 { xs[xs.len() - 1] }",
            "pub fn f(xs: &[u8]) { for x in xs { g(xs.len() - 1, x); } }",
            "/// # Panics\npub fn last(xs: &[u8]) -> u8 { xs[xs.len() - 1] }",
            "pub fn last(xs: &[u8]) -> u8 { let n = xs.len(); if n < 2 { 0 } else { xs[xs.len() - 1] } }",
        ],
    ),
    (
        "rust/text-cut-at-byte",
        &[
            "pub fn f(s: &str) -> &str { &s[..10] }",
            "pub fn f(s: String) -> String { s[1..].to_string() }",
        ],
        &[
            "pub fn f(s: &str) -> &str { if s.len() > 10 { &s[..10] } else { s } }",
            "pub fn f(s: &[u8]) -> &[u8] { &s[..10] }",
            "pub fn f(s: &str) -> Option<&str> { s.get(..10) }",
            "pub fn f(s: &str) -> &str { &s[..] }",
            "pub fn f(s: &str) -> &str { if s.starts_with('a') { &s[1..] } else { s } }",
        ],
    ),
    (
        "rust/unchecked-index",
        &["pub fn f(xs: &[u8], i: usize) -> Option<u8> { Some(xs[i]) }"],
        &[
            "pub fn f(xs: &[u8], i: usize) -> Option<u8> { if i < xs.len() { Some(xs[i]) } else { None } }",
            "pub fn f(xs: &[u8], i: usize) -> u8 { xs[i] }",
            "pub fn f(xs: &[u8], i: usize) -> Option<u8> { xs.get(i)?; Some(xs[i]) }",
            "fn f(xs: &[u8], i: usize) -> Option<u8> { Some(xs[i]) }",
            "/// Panics if there is none.\npub fn f(xs: &[u8], i: usize) -> Option<u8> { Some(xs[i]) }",
        ],
    ),
    (
        "rust/panic-in-drop",
        &["impl Drop for A { fn drop(&mut self) { self.m.lock().unwrap().clear(); } }"],
        &[
            "impl A { fn drop(&mut self) { self.m.lock().unwrap().clear(); } }",
            "impl Drop for A { fn drop(&mut self) { if !std::thread::panicking() { self.m.lock().unwrap().clear(); } } }",
            "impl Drop for A { fn drop(&mut self) { self.m.take().unwrap(); } }",
            "impl Drop for A { fn drop(&mut self) { let _ = self.file.flush(); } }",
        ],
    ),
    (
        "rust/truncated-length",
        &["pub fn f(xs: &[u8], out: &mut Vec<u8>) { out.push(xs.len() as u8); }"],
        &[
            "pub fn f(xs: &[u8], out: &mut Vec<u8>) { assert!(xs.len() < 256); out.push(xs.len() as u8); }",
            "pub fn f(xs: &[u8]) -> u64 { xs.len() as u64 }",
            "pub fn f(xs: &[u8]) -> u16 { u16::try_from(xs.len()).unwrap_or(u16::MAX) }",
            "fn f(xs: &[u8]) -> u8 { xs.len() as u8 }",
        ],
    ),
    (
        "rust/float-equality",
        &["fn f(x: f64) -> bool { x == 0.1 }", "fn f(a: f64, b: f64) { assert!(a + b != 0.3); }"],
        &[
            "fn f(x: f64) -> bool { x == 0.0 }",
            "fn f(x: f64) -> bool { x == 0.5 }",
            "fn f(x: f64) -> bool { (x - 0.1).abs() < 1e-9 }",
            "#[test]\nfn f() { assert!(g() == 0.1); }",
        ],
    ),
    (
        "rust/divided-before-multiplied",
        &["fn f(total: u64, rate: u64) -> u64 { total / 100 * rate }"],
        &[
            "fn f(t: u64, r: u64) -> u64 { t * r / 100 }",
            "fn f(t: u64) -> u64 { t / 100 * 100 }",
            "fn f(t: f64, r: f64) -> f64 { t / 100.0 * r }",
            "fn f(t: u64, r: u64) -> u64 { (t / 100) * r }",
            "fn f(n: usize) -> usize { n / 4 * 3 }",
        ],
    ),
    (
        "rust/lock-across-await",
        &[
            "async fn f(&self) { let g = self.m.lock().unwrap(); h().await; }",
            "fn f() { spawn(async move { let mut g = m.write().unwrap(); if a { h(&g).await; } }); }",
        ],
        &[
            "async fn f(&self) { let g = self.m.lock().unwrap(); drop(g); h().await; }",
            "async fn f(&self) { { let g = self.m.lock().unwrap(); g.x(); } h().await; }",
            "async fn f(&self) { let g = self.m.lock().await; h().await; }",
            "async fn f(&self) { let n = self.m.lock().unwrap().len(); h().await; }",
            "async fn f(&self) { let g = self.m.lock().unwrap(); spawn(async { h().await }); }",
            "fn f(&self) { let g = self.m.lock().unwrap(); }",
            "async fn f(&self) { let n = self.file.read(&mut buf).unwrap(); h().await; }",
        ],
    ),
    (
        "rust/locked-twice",
        &[
            "fn f(&self) { let a = self.m.lock().unwrap(); let n = self.m.lock().unwrap().len(); }",
            "fn f(&self) { let a = self.m.read().unwrap(); self.m.write().unwrap().push(1); }",
        ],
        &[
            "fn f(&self) { let a = self.m.lock().unwrap(); drop(a); let n = self.m.lock().unwrap().len(); }",
            "fn f(&self) { let a = self.m.lock().unwrap(); let b = self.n.lock().unwrap(); }",
            "fn f(&self) { let a = self.m.read().unwrap(); let b = self.m.read().unwrap(); }",
            "fn f(&self) { let a = self.m.lock().unwrap(); g(move || self.m.lock().unwrap()); }",
            "fn f(&self) { let a = self.m.lock().unwrap().len(); let b = self.m.lock().unwrap().len(); }",
        ],
    ),
    (
        "rust/locked-twice-in-match",
        &[
            "fn f(&self) { match self.m.lock().unwrap().get(1) { Some(_) => {} None => self.m.lock().unwrap().push(1) } }",
            "fn f(&self) { if let Some(x) = self.m.lock().unwrap().pop() { self.m.lock().unwrap().push(x); } }",
        ],
        &[
            "fn f(&self) { let x = self.m.lock().unwrap().pop(); if let Some(x) = x { self.m.lock().unwrap().push(x); } }",
            "fn f(&self) { if self.m.lock().unwrap().is_empty() { self.m.lock().unwrap().push(1); } }",
            "fn f(&self) { if let Some(x) = self.m.lock().unwrap().pop() { g(x); } else { self.m.lock().unwrap().push(1); } }",
        ],
    ),
    (
        "rust/blocking-in-async",
        &[
            "use std::fs;\nasync fn f() -> Vec<u8> { fs::read(\"a\").unwrap_or_default() }",
            "async fn f() { std::thread::sleep(D); }",
            "use std::process::Command;\nasync fn f() { let o = Command::new(\"ls\").arg(\"-l\").output(); }",
        ],
        &[
            "use tokio::fs;\nasync fn f() -> Vec<u8> { fs::read(\"a\").await.unwrap_or_default() }",
            "async fn f() { spawn_blocking(|| std::thread::sleep(D)).await; }",
            "fn f() { std::thread::sleep(D); }",
            "use tokio::process::Command;\nasync fn f() { let o = Command::new(\"ls\").output().await; }",
            "async fn f() { fn g() { std::thread::sleep(D); } }",
        ],
    ),
    (
        "rust/block-on-in-async",
        &[
            "async fn f() { runtime.block_on(g()); }",
            "async fn f() { futures::executor::block_on(g()); }",
        ],
        &[
            "fn f() { runtime.block_on(async { g().await }); }",
            "async fn f() { spawn_blocking(move || handle.block_on(g())).await; }",
        ],
    ),
    (
        "rust/sql-text",
        &[
            "fn f(c: &C, n: &str) { c.execute(&format!(\"DELETE FROM t WHERE a = '{n}'\"), []); }",
            "fn f(c: &C, n: &str) { let q = format!(\"SELECT a FROM t WHERE a = {}\", n); c.query(&q, &[]); }",
            "fn f(n: &str) { sqlx::query(&format!(\"UPDATE t SET a = {n}\")); }",
        ],
        &[
            "fn f(c: &C, n: &str) { c.execute(\"DELETE FROM t WHERE a = $1\", [n]); }",
            "fn f(c: &C) { c.execute(&format!(\"SELECT a FROM {TABLE} WHERE a = $1\"), []); }",
            "fn f(c: &C, t: &str) { c.execute(&format!(\"DROP TABLE {t}\"), []); }",
            "fn f(c: &C, n: &str) { c.query(&format!(\"select a file = {n}\")); }",
            "fn f(c: &C) { c.execute(&format!(\"DELETE FROM t WHERE a = {LIMIT}\"), []); }",
        ],
    ),
    (
        "rust/shell-command",
        &[
            "fn f(p: &str) { Command::new(\"sh\").arg(\"-c\").arg(format!(\"ls {p}\")).status(); }",
            "fn f(p: &str) { Command::new(\"/bin/bash\").args([\"-c\", &format!(\"ls {}\", p)]).status(); }",
        ],
        &[
            "fn f(p: &str) { Command::new(\"ls\").arg(format!(\"--dir={p}\")).status(); }",
            "fn f() { Command::new(\"sh\").arg(\"-c\").arg(\"ls\").status(); }",
            "fn f(p: &str) { Command::new(\"sh\").arg(format!(\"{p}.sh\")).status(); }",
        ],
    ),
    (
        "rust/tls-verification-off",
        &["fn f() { Client::builder().danger_accept_invalid_certs(true).build(); }"],
        &[
            "fn f() { Client::builder().danger_accept_invalid_certs(false).build(); }",
            "fn f(x: bool) { Client::builder().danger_accept_invalid_certs(x).build(); }",
            "fn f(insecure: bool) { if insecure { b.danger_accept_invalid_certs(true); } }",
        ],
    ),
    (
        "rust/weak-password-hash",
        &[
            "fn f(password: &str) { let h = md5::compute(password); }",
            "use sha2::Sha256;\nfn f(user_password: &[u8]) { Sha256::digest(user_password); }",
        ],
        &[
            "fn f(body: &str) { let h = md5::compute(body); }",
            "fn f(password: &str) { argon2::hash(password); }",
        ],
    ),
    (
        "rust/undocumented-unsafe",
        &["fn f(p: *const u8) -> u8 { unsafe { *p } }"],
        &[
            "fn f(p: *const u8) -> u8 {\n    // SAFETY: p comes from a reference.\n    unsafe { *p }\n}",
            "fn f(p: *const u8) -> u8 {\n    // SAFETY: p comes from a reference,\n    // which lives longer.\n    let x =\n        unsafe { *p };\n    x\n}",
            "unsafe fn f(p: *const u8) -> u8 { unsafe { *p } }",
            "#[test]\nfn f() { unsafe { g() } }",
            "fn f() -> &'static str { \"unsafe { }\" }",
        ],
    ),
    (
        "rust/uninitialized",
        &["use std::mem;\nfn f() -> u8 { unsafe { mem::uninitialized() } }"],
        &[
            "fn f() -> u8 { uninitialized() }",
            "use std::mem::MaybeUninit;\nfn f() { let x = MaybeUninit::<u8>::uninit(); }",
        ],
    ),
    (
        "rust/length-of-unwritten",
        &["fn f(n: usize) { let mut v = Vec::with_capacity(n); unsafe { v.set_len(n); } }"],
        &[
            "fn f(n: usize) { let mut v = Vec::with_capacity(n); fill(&mut v); unsafe { v.set_len(n); } }",
            "fn f(n: usize) { let mut v = Vec::with_capacity(n); unsafe { read(v.as_mut_ptr()); v.set_len(n); } }",
            "fn f(n: usize) { let mut v = vec![0; n]; unsafe { v.set_len(n / 2); } }",
        ],
    ),
    (
        "rust/collected-to-count",
        &["fn f(s: &str) -> usize { s.split(',').collect::<Vec<_>>().len() }"],
        &[
            "fn f(s: &str) -> usize { s.split(',').count() }",
            "fn f(s: &str) -> usize { s.split(',').collect::<HashSet<_>>().len() }",
            "fn f(v: Vec<u8>) -> usize { v.len() }",
        ],
    ),
    (
        "rust/formatted-to-append",
        &[
            "fn f(s: &mut String, x: u8) { s.push_str(&format!(\"{x},\")); }",
            "fn f(mut s: String, x: u8) { s += &format!(\"{},\", x); }",
        ],
        &[
            "fn f(s: &mut String, x: u8) { write!(s, \"{x},\"); }",
            "fn f(s: &mut String, x: &str) { s.push_str(x); }",
            "fn f(s: &mut String) { s.push_str(&format!(\"a\")); }",
        ],
    ),
    (
        "rust/regex-in-loop",
        &["fn f(xs: &[&str]) { for x in xs { let r = Regex::new(\"a+\"); g(r, x); } }"],
        &[
            "fn f(xs: &[&str]) { let r = Regex::new(\"a+\"); for x in xs { g(&r, x); } }",
            "fn f(xs: &[&str]) { for x in xs { let r = Regex::new(x); } }",
            "fn f() { loop { let r = CELL.get_or_init(|| Regex::new(\"a+\")); } }",
        ],
    ),
    (
        "rust/character-by-number",
        &["fn f(s: &str) { for i in 0..s.len() { g(s.chars().nth(i)); } }"],
        &[
            "fn f(s: &str) { g(s.chars().nth(3)); }",
            "fn f(s: &str, i: usize) { g(s.chars().nth(i)); }",
            "fn f(s: &str) { for i in 0..3 { g(s.bytes().nth(i)); } }",
        ],
    ),
    (
        "rust/emptied-from-the-front",
        &["fn f(mut v: Vec<u8>) { while !v.is_empty() { g(v.remove(0)); } }"],
        &[
            "fn f(mut v: VecDeque<u8>) { while let Some(x) = v.pop_front() { g(x); } }",
            "fn f(mut v: Vec<u8>) { while !v.is_empty() { g(v.remove(i)); } }",
            "fn f(mut v: Vec<u8>, mut w: Vec<u8>) { while !v.is_empty() { g(w.remove(0)); v.pop(); } }",
        ],
    ),
    (
        "rust/cloned-to-look",
        &["fn f(s: &String) -> usize { s.clone().len() }"],
        &[
            "fn f(s: &String) -> usize { s.len() }",
            "fn f(s: Iter) -> usize { s.clone().count() }",
            "fn f(s: &String) -> String { s.clone() }",
        ],
    ),
    (
        "rust/ignored-write",
        &[
            "use std::fs;\nfn f() { let _ = fs::write(\"a\", \"b\"); }",
            "fn f(file: &File) { let _ = file.sync_all(); }",
        ],
        &[
            "use std::fs;\nfn f() -> R { fs::write(\"a\", \"b\") }",
            "use std::fs;\nfn f() { let _ = fs::remove_file(\"a\"); }",
            "use std::fs;\nfn f() { let _result = fs::write(\"a\", \"b\"); }",
            "impl Drop for A { fn drop(&mut self) { let _ = self.file.sync_all(); } }",
        ],
    ),
    (
        "rust/hard-coded-secret",
        &[
            "const API_KEY: &str = \"9f8a7c6b5d4e3f2a1b0c\";",
            "fn f() { let c = Config { password: \"kX9mQ2vL7pR4\".to_string() }; }",
        ],
        &[
            "fn f() { let api_key = std::env::var(\"API_KEY\"); }",
            "const API_KEY: &str = \"your-api-key-here\";",
            "#[test]\nfn f() { let api_key = \"9f8a7c6b5d4e3f2a1b0c\"; }",
        ],
    ),
    (
        "rust/hard-coded-key",
        &["fn f() { g(\"AKIAQ7RT5VZX3NM2KLPW\"); }"],
        &["fn f() { g(\"AKIAIOSFODNN7EXAMPLE\"); }", "// AKIAQ7RT5VZX3NM2KLPW\nfn f() {}"],
    ),
];

#[test]
fn each_rule_finds_what_it_is_for_and_leaves_its_near_misses_alone() {
    check("src/lib.rs", CASES);
}

#[test]
fn each_rule_has_cases() {
    check_complete(rules::rust::all().map(|rule| rule.id), CASES);
}

#[test]
fn tests_and_examples_are_left_alone() {
    let code = "fn f(s: &str) -> u8 { s.parse::<u8>().unwrap() }";
    assert_eq!(super::rules_in("src/lib.rs", code), ["rust/unwrap-on-input"]);
    for path in ["tests/a.rs", "examples/a.rs", "src/a_test.rs", "crate/benches/b.rs", "build.rs"] {
        assert!(super::rules_in(path, code).is_empty(), "{path}");
    }
}
