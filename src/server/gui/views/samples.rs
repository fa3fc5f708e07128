//! Sample data for the tests and for looking at the pages.

use jiff::Timestamp;

use super::data_samples::{merging, series};
use super::issue::{AgentFacts, Analysis, IssueInput, IssuePage};
use super::issues::{FirstSteps, IssueFacts, IssuesPage, Pager};
use super::parts::chart::Grain;
use super::parts::chrome::{Chrome, Section, SignedIn};
use super::parts::excerpt::Excerpt;
use crate::domain::analysis::{Candidate, Classification, Evidence, Opinion, RootCause};
use crate::domain::event::{Breadcrumb, Dropped, Event, Exception, Frame, Level, StackTrace};
use crate::domain::execution::StruckOut;
use crate::domain::facts::RunOutcome;
use crate::domain::fix::{ClaimedClass, IssueType, ProvedClass, Severity, SuggestionStatus};
use crate::domain::patch::{FileChange, Patch};
use crate::domain::suggestion::{Mends, Proposal, Suggestion};
use crate::domain::verdict::{Verdict, VerdictPart};
use crate::domain::verification::{Verification, VerificationRun};
use crate::source::Revision;

pub(super) const CSRF: &str = "csrf-token-of-the-session";

pub(super) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn chrome(section: Section) -> Chrome {
    let person = SignedIn { who: "admin".into(), csrf: CSRF.into(), may_decide: true };
    Chrome::new(section, person, 3).with_project("orders")
}

pub(super) const CART: &str = "\
//! The shopping cart.

use crate::price::Price;

/// What a customer is about to buy.
pub struct Cart {
    items: Vec<Item>,
}

impl Cart {
    /// The price of the last item that was put in, which the page shows beside the total so that the customer sees what changed.
    pub fn last_price(&self, discounts: &[Price], voucher: Option<&Voucher>) -> Result<Price, CartError> {
        let last = self.items.len() - 1;
        let price = self.items[last].price;
        Ok(discounts.iter().fold(price, |price, discount| price.saturating_sub(*discount)))
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
";

pub(super) fn event() -> Event {
    let own = |function: &str, file: &str, line: u32| Frame {
        function: Some(function.into()),
        filename: Some(file.into()),
        abs_path: Some(format!("/home/ci/orders/{file}")),
        lineno: Some(line),
        in_app: Some(true),
        ..Frame::default()
    };
    let system = |function: &str, file: &str, line: u32, package: &str| Frame {
        package: Some(package.into()),
        in_app: Some(false),
        abs_path: None,
        ..own(function, file, line)
    };
    let mut main = own("orders_demo::main", "demo/src/main.rs", 31);
    main.pre_context = vec!["fn main() {".into(), "    let cart = Cart::default();".into()];
    main.context_line = Some("    println!(\"{}\", page(&cart));".into());
    main.post_context = vec!["}".into()];
    let mut started = own("orders_demo::start", "demo/src/start.rs", 12);
    started.in_app = Some(true);
    Event {
        event_id: "9f86d081884c4d659a2feaa0c55ad015".into(),
        timestamp: at("2026-11-21T11:54:12Z"),
        level: Level::Fatal,
        platform: "rust".into(),
        release: Some("orders@1.4.2+8537bdc".into()),
        environment: Some("production".into()),
        transaction: Some("GET /cart/{id}".into()),
        server_name: Some("shop-2".into()),
        logger: None,
        message: None,
        exceptions: vec![Exception {
            ty: Some("panic".into()),
            value: Some("attempt to subtract with overflow".into()),
            handled: Some(false),
            stacktrace: Some(StackTrace {
                frames: vec![
                    system("std::rt::lang_start", "library/std/src/rt.rs", 205, "std"),
                    system("__libc_start_main", "libc-start.c", 360, "libc"),
                    started,
                    main,
                    own("orders::page::render", "src/page.rs", 2),
                    own("orders::cart::Cart::last_price", "src/cart.rs", 13),
                    system(
                        "core::panicking::panic_const_sub",
                        "core/src/panicking.rs",
                        180,
                        "core",
                    ),
                    system("core::panicking::panic_fmt", "core/src/panicking.rs", 75, "core"),
                    system("rust_begin_unwind", "library/std/src/panicking.rs", 697, "std"),
                ],
            }),
            ..Exception::default()
        }],
        breadcrumbs: [
            ("2026-11-21T11:54:10.120Z", "http", "info", "GET /cart/81 from 10.0.0.7"),
            (
                "2026-11-21T11:54:11Z",
                "query",
                "debug",
                "SELECT item, price FROM cart_items WHERE cart_id = $1 ORDER BY position",
            ),
            ("2026-11-21T11:54:12Z", "cart", "warning", "cart 81 has no items"),
        ]
        .map(|(time, category, level, message)| Breadcrumb {
            timestamp: Some(at(time)),
            category: Some(category.into()),
            level: Some(level.into()),
            message: Some(message.into()),
        })
        .into(),
        tags: [("os", "Debian 12"), ("rustc", "1.95.0"), ("customer.tier", "gold")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        fingerprint: None,
        stack_text: None,
        user: None,
        dropped: vec![Dropped { field: "contexts.gpu".into(), reason: "not an object".into() }],
    }
}

pub(super) fn cause() -> RootCause {
    RootCause {
        summary: "`self.items.len() - 1` underflows when the cart is empty: the length is 0, and 0 − 1 does not fit a usize. Nothing before it makes sure that there is an item.".into(),
        file: Some("src/cart.rs".into()),
        line: Some(13),
        function: Some("Cart::last_price".into()),
        class: "arithmetic_overflow".into(),
        confidence: None,
        confidence_cases: None,
        evidence: vec![
            Evidence {
                file: "src/cart.rs".into(),
                line: 13,
                quote: "        let last = self.items.len() - 1;".into(),
                why: "The failing expression: a subtraction whose left side may be 0.".into(),
            },
            Evidence {
                file: "src/page.rs".into(),
                line: 2,
                quote: "    let price = cart.last_price(&DISCOUNTS, session.voucher.as_ref()).unwrap_or_default(); // shown beside the total".into(),
                why: "The caller asks for the last price of every cart, also of an empty one.".into(),
            },
        ],
        candidates: vec![
            Candidate {
                file: "src/cart.rs".into(),
                line: 13,
                function: Some("Cart::last_price".into()),
                why: "The function can say that there is no last item.".into(),
            },
            Candidate {
                file: "src/page.rs".into(),
                line: 2,
                function: Some("render".into()),
                why: "The caller can ask only when the cart has items.".into(),
            },
        ],
        suspects: Vec::new(),
        notes: vec!["The release names commit 8537bdc, which was read.".into()],
        opinion: None,
    }
}

/// The same cause, as a model states it.
fn opinion(cause: &RootCause) -> RootCause {
    let struck_out = StruckOut {
        claim: "src/warehouse.rs:3 `fn empty() {}`: it <b>empties</b> the cart".into(),
        why: "there is no file src/warehouse.rs at this commit".into(),
    };
    RootCause {
        summary: "An empty cart is asked for its last price, and the length is taken down below 0."
            .into(),
        opinion: Some(Opinion {
            by: "root-cause".into(),
            five_whys: vec![
                "It panics because 0 − 1 does not fit a usize.".into(),
                "The cart is empty because the page is shown before anything is put in.".into(),
            ],
            reproduction: vec!["Open /cart in a new session.".into()],
            classification: Classification::CodeFix,
            classification_reason: "The function can say that there is no last item.".into(),
            struck_out: vec![struck_out],
        }),
        ..cause.clone()
    }
}

fn replace(path: &str, text: &str, from: &str, to: &str) -> FileChange {
    assert!(text.contains(from), "{from}");
    FileChange { path: path.into(), before: text.into(), after: text.replace(from, to) }
}

fn run(name: &str, outcome: RunOutcome, summary: &str, seconds: f64) -> VerificationRun {
    VerificationRun { name: name.into(), outcome, summary: summary.into(), seconds }
}

/// A change of behaviour that was tried and waits for a person.
pub(super) fn logic_fix() -> Suggestion {
    Suggestion {
        id: 41,
        project_id: Some(1),
        issue_id: Some(7),
        analysis_id: Some(5),
        repo: None,
        proposal: Proposal {
            agent: "panics".into(),
            title: "Return an error for an empty cart in Cart::last_price".into(),
            explanation: "An empty cart has no last item. The function already returns a Result, so the caller is prepared for an error.\n\nLook at whether `CartError::Empty` is shown to the customer in a way that makes sense.".into(),
            issue_type: IssueType::Bug,
            severity: Severity::High,
            claimed_class: ClaimedClass::Logic,
            patch: Patch {
                files: vec![replace(
                    "src/cart.rs",
                    CART,
                    "        let last = self.items.len() - 1;\n        let price = self.items[last].price;\n",
                    "        let last = self.items.last().ok_or(CartError::Empty)?;\n        let price = last.price;\n",
                )],
            },
            mends: None,
        },
        status: SuggestionStatus::Pending,
        verdict: Some(Verdict::not_proved(
            "The change replaces an expression inside a function's body (src/cart.rs, line 13).",
        )),
        verification: Some(Verification {
            applied: true,
            check: RunOutcome::Passed,
            tests: RunOutcome::NotRun,
            seconds: 6.4,
            runs: vec![
                run("check", RunOutcome::Passed, "orders compiles, no new warnings", 4.1),
                run("check --all-targets", RunOutcome::Passed, "no new warnings", 2.3),
                run("test", RunOutcome::NotRun, "the policy does not ask for tests here", 0.0),
            ],
        }),
        status_reason: None,
        decided_by: None,
        created_at: at("2026-11-21T11:55:00Z"),
        updated_at: at("2026-11-21T11:56:00Z"),
    }
}

/// An import that the healer removed by itself.
pub(super) fn healed_import() -> Suggestion {
    let text = "use std::collections::HashMap;\nuse std::fmt;\n\nuse crate::cart::Cart;\n\nimpl fmt::Display for Cart {}\n";
    Suggestion {
        id: 39,
        proposal: Proposal {
            agent: "compiler".into(),
            title: "Remove the unused import std::collections::HashMap".into(),
            explanation: "rustc says that nothing in this file uses the name.".into(),
            issue_type: IssueType::ImportOptimization,
            severity: Severity::Low,
            claimed_class: ClaimedClass::Import,
            patch: Patch {
                files: vec![replace("src/page.rs", text, "use std::collections::HashMap;\n", "")],
            },
            mends: Some(Mends {
                code: "unused_imports".into(),
                message: "unused import: `std::collections::HashMap`".into(),
                file: "src/page.rs".into(),
            }),
        },
        status: SuggestionStatus::Applied,
        verdict: Some(Verdict {
            proved_class: ProvedClass::Import,
            auto: true,
            reason: "Only a use item was removed, and rustc reports it as unused in every way it was compiled.".into(),
            parts: vec![VerdictPart {
                class: ProvedClass::Import,
                rule: "import.remove_unused".into(),
                proof: "unused_imports before in plain and all targets, gone after".into(),
            }],
        }),
        verification: Some(Verification {
            applied: true,
            check: RunOutcome::Passed,
            tests: RunOutcome::Passed,
            seconds: 12.0,
            runs: vec![
                run("check", RunOutcome::Passed, "one warning fewer", 4.0),
                run("test", RunOutcome::Passed, "18 tests", 8.0),
            ],
        }),
        decided_by: Some("andon".into()),
        updated_at: at("2026-11-21T11:58:00Z"),
        ..logic_fix()
    }
}

/// A fix that lies about its class and does not compile.
pub(super) fn lying_fix() -> Suggestion {
    let mut fix = logic_fix();
    fix.id = 42;
    fix.proposal.title = "Tidy the loop in Cart::last_price".into();
    fix.proposal.explanation = "Formatting only.".into();
    fix.proposal.claimed_class = ClaimedClass::Style;
    fix.proposal.issue_type = IssueType::Formatting;
    fix.proposal.severity = Severity::Critical;
    fix.created_at = at("2026-11-20T10:00:00Z");
    fix.verdict = Some(Verdict::not_proved(
        "The token `saturating_sub` became `wrapping_sub`: that is not style.",
    ));
    fix.proposal.patch.files =
        vec![replace("src/cart.rs", CART, "saturating_sub(", "wrapping_sub(")];
    fix.verification = Some(Verification {
        applied: true,
        check: RunOutcome::Failed,
        tests: RunOutcome::NotRun,
        seconds: 3.0,
        runs: vec![
            run(
                "check",
                RunOutcome::Failed,
                "E0599: no method named `wrapping_sub` found for struct `Price`",
                3.0,
            ),
            run("test", RunOutcome::NotRun, "the check failed first", 0.0),
        ],
    });
    fix
}

/// A suggestion in `status`, proved and verified.
pub(super) fn fix_in(status: SuggestionStatus) -> Suggestion {
    Suggestion { status, ..logic_fix() }
}

pub(super) fn facts() -> IssueFacts {
    IssueFacts {
        id: 7,
        title: event().title(),
        level: Level::Fatal,
        culprit: Some("src/cart.rs:13".into()),
        function: Some("Cart::last_price".into()),
        events: 128,
        stored: 40,
        first_seen: at("2026-11-19T08:00:00Z"),
        last_seen: at("2026-11-21T11:54:12Z"),
        status: "open".into(),
        project: "orders".into(),
        project_id: 3,
        fixes_waiting: 2,
        fixes_kept: 1,
        analysing: false,
    }
}

pub(super) fn issues_page() -> IssuesPage {
    let row = |id, title: &str, level, culprit: &str, function: &str, status: &str| IssueFacts {
        id,
        title: title.into(),
        level,
        culprit: (!culprit.is_empty()).then(|| culprit.into()),
        function: (!function.is_empty()).then(|| function.into()),
        status: status.into(),
        fixes_waiting: 0,
        fixes_kept: 0,
        ..facts()
    };
    let mut issues = vec![
        facts(),
        row(
            8,
            "panic: called `Option::unwrap()` on a `None` value",
            Level::Error,
            "src/session.rs:88",
            "Session::user",
            "regressed",
        ),
        row(
            6,
            "panic: byte index 3 is not a char boundary; it is inside 'ü' (bytes 2..4) of `Müller`",
            Level::Fatal,
            "src/names.rs:24",
            "initials",
            "healed",
        ),
        row(
            5,
            "warning: slow query (4210 ms): SELECT_item_price_FROM_cart_items_WHERE_cart_id_eq_81_ORDER_BY_position_LIMIT_1000",
            Level::Warning,
            "",
            "",
            "open",
        ),
        row(4, "info: retried", Level::Info, "src/net.rs:5", "connect", "ignored"),
    ];
    issues[1].analysing = true;
    issues[2].fixes_kept = 2;
    issues[3].events = 90_412;
    let issues = issues
        .into_iter()
        .enumerate()
        .map(|(index, facts)| (facts, series(Grain::Hour, 24, index as i64 * 7)))
        .collect();
    IssuesPage::new(
        chrome(Section::Issues),
        issues,
        Pager::new(2, true),
        FirstSteps::CreateProject,
        now(),
    )
}

pub(super) fn source(frame: &Frame) -> Option<Excerpt> {
    match frame.filename.as_deref()? {
        "src/cart.rs" => Excerpt::around("src/cart.rs", CART, frame.lineno?),
        _ => None,
    }
}

/// The issue's page over `event`, `cause` and `suggestions`.
pub(super) fn issue_page(
    event: &Event,
    cause: &RootCause,
    suggestions: &[Suggestion],
) -> IssuePage {
    let revision = Revision {
        commit: Some("8537bdc09a1f2e3d4c5b6a79881726354453627a".into()),
        note: Some("The release names no commit that the repository has; HEAD was read.".into()),
    };
    let agents = [
        AgentFacts { name: "panics".into(), outcome: "root cause, 1 fix".into(), seconds: 0.04 },
        AgentFacts { name: "compiler".into(), outcome: "1 fix".into(), seconds: 4.2 },
    ];
    let opinions = [opinion(cause)];
    let finished_at = at("2026-11-21T11:55:00Z");
    let analysis = Analysis::Done { cause, finished_at, agents: &agents, opinions: &opinions };
    let input = IssueInput {
        facts: IssueFacts { title: event.title(), ..facts() },
        event: Some(event),
        series: [series(Grain::Hour, 48, 1), series(Grain::Day, 30, 1)],
        merging: merging(),
        revision: Some(&revision),
        analysis,
        suggestions,
        source: &source,
    };
    IssuePage::new(chrome(Section::Issues), input, now())
}
