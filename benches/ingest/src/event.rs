//! Events as a Python web application sends them: frames with source and variables, breadcrumbs,
//! modules. Frames are fixed per issue; the rest varies per variant.

use std::fmt::Write as _;

use crate::random::Random;

const TYPES: [&str; 10] = [
    "ValueError",
    "KeyError",
    "TypeError",
    "AttributeError",
    "IntegrityError",
    "TimeoutError",
    "ConnectionResetError",
    "PermissionDenied",
    "ValidationError",
    "ZeroDivisionError",
];
const WORDS: [&str; 24] = [
    "order", "invoice", "customer", "cart", "payment", "session", "token", "webhook", "worker",
    "queue", "cache", "report", "export", "tenant", "profile", "search", "index", "upload",
    "ledger", "refund", "shipment", "catalog", "discount", "audit",
];
const VERBS: [&str; 10] = [
    "load", "save", "sync", "render", "validate", "dispatch", "resolve", "merge", "parse", "commit",
];

/// Modules that an event names.
const MODULES: usize = 60;

/// Lines of source on each side of a frame's line.
const CONTEXT_LINES: usize = 5;

/// What differs between the messages of one issue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    /// Nothing.
    #[default]
    None,
    /// A number.
    Numbers,
    /// A word and a number.
    Words,
}

/// How events look.
#[derive(Clone, Debug)]
pub struct Shape {
    /// True issues.
    pub issues: u64,
    /// Different events of each issue.
    pub variants: u64,
    /// Frames of an event.
    pub frames: u64,
    /// Breadcrumbs of an event.
    pub breadcrumbs: u64,
    /// What differs between the messages of one issue.
    pub noise: Noise,
    /// The same seed gives the same events.
    pub seed: u64,
    /// When they happened, in seconds since 1970.
    pub happened: f64,
}

/// An event's JSON after its id: from `,"timestamp"` to the last brace.
pub fn tail(shape: &Shape, issue: u64, variant: u64) -> String {
    // What an issue has in common, and what varies.
    let mut fixed = Random::new(shape.seed ^ issue.wrapping_mul(7919));
    let mut varied = Random::new(shape.seed ^ (issue << 20) ^ variant.wrapping_mul(104_729));
    let subject = fixed.pick(&WORDS);
    let action = fixed.pick(&VERBS);
    let mut json = String::with_capacity(48_000);
    facts(&mut json, &mut varied, shape, issue, subject, action);
    modules(&mut json);
    breadcrumbs(&mut json, &mut varied, shape);
    let ty = TYPES[(issue % 10) as usize];
    let message = message(shape, issue, variant);
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        json,
        r#","exception":{{"values":[{{"type":"{ty}","value":"{message}","module":"app.{subject}.errors","mechanism":{{"type":"django","handled":false}},"stacktrace":{{"frames":["#
    );
    for index in 0..shape.frames {
        if index > 0 {
            json.push(',');
        }
        frame(&mut json, &mut fixed, &mut varied, index * 3 >= shape.frames);
    }
    json.push_str("]}}]}}");
    json
}

fn message(shape: &Shape, issue: u64, variant: u64) -> String {
    let other_words = if shape.noise == Noise::Words { variant.wrapping_mul(977) } else { 0 };
    let mut words = Random::new(shape.seed ^ issue.wrapping_mul(31) ^ other_words);
    let mut numbers =
        Random::new(shape.seed ^ issue.wrapping_mul(131) ^ variant.wrapping_mul(7907));
    let number = if shape.noise == Noise::None { issue } else { numbers.below(1_000_000) };
    format!(
        "{} {} failed for {} {number}",
        WORDS[(issue % 24) as usize],
        VERBS[(issue / 10 % 10) as usize],
        words.pick(&WORDS),
    )
}

fn facts(
    json: &mut String,
    r: &mut Random,
    shape: &Shape,
    issue: u64,
    subject: &str,
    action: &str,
) {
    let _ = write!(
        json,
        r#","timestamp":{:.6},"platform":"python","level":"error","logger":"app.{subject}","server_name":"web-{:02}","release":"shop@4.{}.{}","environment":"{}","transaction":"/api/v2/{subject}/{action}_{issue}","sdk":{{"name":"sentry.python.django","version":"2.40.0","packages":[{{"name":"pypi:sentry-sdk","version":"2.40.0"}}],"integrations":["django","logging","stdlib","threading","redis"]}}"#,
        shape.happened,
        r.below(20),
        r.below(6),
        r.below(10),
        if r.below(5) == 0 { "staging" } else { "production" },
    );
    let _ = write!(
        json,
        r#","user":{{"id":"{}","email":"u{}@example.com","ip_address":"10.{}.{}.{}"}}"#,
        r.below(90_000),
        r.below(90_000),
        r.below(255),
        r.below(255),
        r.below(255),
    );
    let _ = write!(
        json,
        r#","tags":{{"region":"eu-{}","plan":"{}","build":"{}","device":"d{}"}}"#,
        r.below(4),
        r.pick(&["free", "pro", "team"]),
        r.hex(8),
        r.below(30),
    );
    let _ = write!(
        json,
        r#","request":{{"method":"POST","url":"https://shop.example.com/api/v2/{subject}/{action}","query_string":"page={}&q={}","headers":{{"Host":"shop.example.com","User-Agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36","Accept":"application/json","X-Request-Id":"{}","Content-Type":"application/json"}},"data":{{"{}":{},"note":"{}"}}}}"#,
        r.below(90),
        r.pick(&WORDS),
        110 + r.below(30),
        r.hex(32),
        r.pick(&WORDS),
        r.below(99_999),
        r.hex(40),
    );
    let _ = write!(
        json,
        r#","contexts":{{"runtime":{{"name":"CPython","version":"3.12.{}"}},"os":{{"name":"Linux","version":"6.1.{}"}},"trace":{{"trace_id":"{}","span_id":"{}","op":"http.server","status":"internal_error"}}}}"#,
        r.below(9),
        r.below(99),
        r.hex(32),
        r.hex(16),
    );
}

fn modules(json: &mut String) {
    json.push_str(r#","modules":{"#);
    for i in 0..MODULES {
        if i > 0 {
            json.push(',');
        }
        let (word, verb) = (WORDS[i % 24], VERBS[i % 10]);
        let _ = write!(json, r#""{word}-{verb}-{i}":"{}.{}.{}""#, i % 7, i % 11, i % 5);
    }
    json.push('}');
}

fn breadcrumbs(json: &mut String, r: &mut Random, shape: &Shape) {
    json.push_str(r#","breadcrumbs":{"values":["#);
    for i in 0..shape.breadcrumbs {
        if i > 0 {
            json.push(',');
        }
        let _ = write!(
            json,
            r#"{{"timestamp":{:.3},"type":"{}","category":"{}","level":"info","message":"{} {} {} in {} ms","data":{{"id":"{}","rows":{}}}}}"#,
            shape.happened - (shape.breadcrumbs - i) as f64 * 0.3,
            r.pick(&["default", "http", "query"]),
            r.pick(&["sql", "httplib", "app"]),
            r.pick(&VERBS),
            r.pick(&WORDS),
            r.below(99_999),
            r.below(900),
            r.hex(12),
            r.below(300),
        );
    }
    json.push_str("]}");
}

fn frame(json: &mut String, fixed: &mut Random, varied: &mut Random, in_app: bool) {
    let (folder, file) = (fixed.pick(&WORDS), fixed.pick(&WORDS));
    let function = fixed.pick(&VERBS);
    let line = 20 + fixed.below(900);
    let base = if in_app { "app" } else { "lib.framework" };
    let root = base.replace('.', "/");
    let _ = write!(
        json,
        r#"{{"filename":"{root}/{folder}/{file}.py","abs_path":"/srv/shop/{root}/{folder}/{file}.py","module":"{base}.{folder}.{file}","function":"{function}_{file}","lineno":{line},"in_app":{in_app}"#
    );
    json.push_str(r#","pre_context":["#);
    context(json, fixed);
    let _ = write!(json, r#"],"context_line":"{}","post_context":["#, code_line(fixed));
    context(json, fixed);
    let _ = write!(
        json,
        r#"],"vars":{{"self":"<{base}.{folder}.{file} object at 0x7f{}>","{}":"{}","{}":{},"kwargs":{{"{}":"'{}'"}}}}}}"#,
        varied.hex(10),
        varied.pick(&WORDS),
        varied.hex(16),
        varied.pick(&WORDS),
        varied.below(100_000),
        varied.pick(&WORDS),
        varied.hex(8),
    );
}

fn context(json: &mut String, fixed: &mut Random) {
    for i in 0..CONTEXT_LINES {
        if i > 0 {
            json.push(',');
        }
        let _ = write!(json, r#""{}""#, code_line(fixed));
    }
}

/// A line of source, escaped for JSON.
fn code_line(r: &mut Random) -> String {
    let word = |r: &mut Random| r.pick(&WORDS);
    match r.below(5) {
        0 => {
            let (target, verb, noun, from) = (word(r), r.pick(&VERBS), word(r), word(r));
            let timeout = r.below(90);
            format!("        {target} = self.{verb}_{noun}({from}.id, timeout={timeout})")
        }
        1 => {
            let (a, b, c) = (word(r), word(r), word(r));
            format!("        if not {a}.{b} or {c} > {}:", r.below(5000))
        }
        2 => {
            let (ty, noun, verb) = (r.pick(&TYPES), word(r), r.pick(&VERBS));
            format!("            raise {ty}(\\\"{noun} {verb} failed\\\")")
        }
        3 => {
            let (a, b, c, d, e) = (word(r), word(r), word(r), word(r), word(r));
            format!("        return {{\\\"{a}\\\": {b}, \\\"{c}\\\": {d}.{e}}}")
        }
        _ => {
            let (one, all, verb, noun) = (word(r), word(r), r.pick(&VERBS), word(r));
            format!("        for {one} in {all}.{verb}_{noun}(limit={}):", r.below(500))
        }
    }
}
