//! An error, and why it happened.

use super::at;
use crate::domain::analysis::{Candidate, Classification, Evidence, Opinion, RootCause};
use crate::domain::event::{Breadcrumb, Dropped, Event, Exception, Frame, Level, StackTrace};
use crate::domain::execution::StruckOut;

pub(crate) const CART: &str = "\
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

pub(crate) fn event() -> Event {
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

pub(crate) fn cause() -> RootCause {
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
pub(crate) fn opinion(cause: &RootCause) -> RootCause {
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
