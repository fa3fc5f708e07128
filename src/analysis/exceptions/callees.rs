//! The functions that a failing value went through, and those that decided that the place was reached.

use crate::source::script::file::ScriptFile;
use crate::source::script::flow::{Guard, origins, returns};
use crate::source::script::functions::Function;
use crate::source::script::library::{Found, Library};
use crate::source::script::nothing::gives_nothing;
use crate::source::script::uses::{Call, Uses, uses};

/// Callees looked up.
const MAX_CALLEES: usize = 8;

/// Conditions around a place whose questions are looked at.
const MAX_CONDITIONS: usize = 3;

/// Callees of callees looked up, for each call further.
const MAX_FURTHER: usize = 6;

/// Calls from the failing expression to the last of these.
const MAX_HOPS: u8 = 3;

/// A function that the failing value went through.
#[derive(Clone)]
pub(super) struct Callee {
    /// Where it is.
    pub(super) found: Found,
    /// The line of what it returns, else of its head.
    pub(super) line: u32,
    /// 1 if it was called where it failed, 2 if what such a one gives comes from it, and so on.
    pub(super) hop: u8,
    /// Whether it can end without giving anything.
    pub(super) nothing: bool,
    /// How many functions the call may mean.
    pub(super) choices: usize,
}

impl Callee {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.found.function().name
    }
}

/// The functions that values went through: those that `calls` call, those that what these give comes from, and
/// those behind the attributes that are read.
pub(super) fn callees(
    calls: &[Call],
    used: &Uses,
    around: Option<&Function>,
    path: &str,
    library: &Library<'_>,
) -> Vec<Callee> {
    let mut found: Vec<Callee> = Vec::new();
    let class = around.and_then(|function| function.class.as_deref());
    add_callees(&mut found, calls, class, path, 1, MAX_CALLEES, library);
    let read = used.own.iter().map(|name| (name, true));
    for (name, own) in read.chain(used.attributes.iter().map(|name| (name, false))) {
        add_found(&mut found, library.getters(name, own, class, path), 1, MAX_CALLEES);
    }
    let mut begin = 0;
    for hop in 2..=MAX_HOPS {
        let end = found.len();
        for index in begin..end {
            let inner = found[index].found.clone();
            let calls = calls_of_result(&inner);
            let class = inner.function().class.clone();
            let most = end + MAX_FURTHER;
            add_callees(&mut found, &calls, class.as_deref(), &inner.path, hop, most, library);
        }
        begin = end;
    }
    if let Some(around) = around {
        found.retain(|callee| {
            callee.found.path != path || callee.found.function().range != around.range
        });
    }
    found
}

/// The functions that the conditions around a place ask, itself or by way of a variable.
pub(super) fn deciders(
    file: &ScriptFile,
    around: Option<&Function>,
    guards: &[Guard],
    path: &str,
    known: &[Callee],
    library: &Library<'_>,
) -> Vec<Callee> {
    let mut found = Vec::new();
    let class = around.and_then(|function| function.class.as_deref());
    for guard in guards.iter().filter(|guard| guard.encloses).rev().take(MAX_CONDITIONS) {
        let used = uses(file, &guard.range);
        let mut calls = used.calls.clone();
        let behind = origins(file, around, &used, guard.range.start);
        for origin in behind.iter().filter(|origin| origin.distance == 0) {
            if let Some(value) = &origin.binding.value {
                calls.extend(uses(file, value).calls);
            }
        }
        add_callees(&mut found, &calls, class, path, 1, MAX_CALLEES, library);
    }
    found.retain(|one| {
        let is = |other: &Found| other.path == one.found.path && other.index == one.found.index;
        !known.iter().any(|known| is(&known.found))
            && around.is_none_or(|around| {
                one.found.path != path || one.found.function().range != around.range
            })
    });
    found
}

fn add_callees(
    found: &mut Vec<Callee>,
    calls: &[Call],
    class: Option<&str>,
    path: &str,
    hop: u8,
    most: usize,
    library: &Library<'_>,
) {
    for call in calls {
        if found.len() >= most {
            return;
        }
        add_found(found, library.callees(call, class, path), hop, most);
    }
}

/// The calls that what a function gives comes from, also by way of its variables.
fn calls_of_result(found: &Found) -> Vec<Call> {
    let (file, function) = (&found.file, found.function());
    let mut calls = Vec::new();
    for value in returns(file, function) {
        let used = uses(file, &value);
        let origins = origins(file, Some(function), &used, value.start);
        calls.extend(used.calls);
        for origin in origins.iter().filter(|origin| origin.distance == 0) {
            if let Some(value) = &origin.binding.value {
                calls.extend(uses(file, value).calls);
            }
        }
    }
    calls
}

fn add_found(found: &mut Vec<Callee>, meant: Vec<Found>, hop: u8, most: usize) {
    let choices = meant.len();
    for one in meant {
        let known = found
            .iter()
            .any(|known| known.found.path == one.path && known.found.index == one.index);
        if known || found.len() >= most {
            continue;
        }
        let function = one.function();
        let line = returns(&one.file, function)
            .last()
            .map_or(function.line, |value| one.file.line_at(value.start));
        let nothing = gives_nothing(&one.file, function);
        found.push(Callee { line, hop, choices, nothing, found: one });
    }
}
