//! Sample data for the tests and for looking at the pages.

mod agents;
mod data;
mod failure;
mod fixes;
mod issues;
mod money;

use jiff::Timestamp;

pub(super) use agents::{agents_page, execution_page, executions_page, running_execution};
pub(super) use data::{listed, merging, project_page, project_row, series};
pub(super) use failure::{CART, cause, event, opinion};
pub(super) use fixes::{fix_in, healed_import, logic_fix, lying_fix};
pub(super) use issues::{facts, issue_page, issues_page, source};
pub(super) use money::{pattern_page, patterns_page, spend_page};

use super::parts::chrome::{Chrome, Section, SignedIn};

pub(super) const CSRF: &str = "csrf-token-of-the-session";

pub(super) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn chrome(section: Section) -> Chrome {
    let person = SignedIn {
        who: "admin".into(),
        csrf: CSRF.into(),
        may_decide: true,
        may_cancel: true,
        may_administer: true,
    };
    Chrome::new(section, person, 3).with_project("orders")
}
