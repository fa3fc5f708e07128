//! Which functions take part in a value: those that compute it, those that change what it is computed from,
//! and those that decided that the place is reached.

use std::rc::Rc;

use crate::analysis::panics::findings::Code;
use crate::source::rust::callees::{Call, Library, is_everyday_name};
use crate::source::rust::calls::{CallSite, call_sites, calls_before, loop_around};
use crate::source::rust::facts::BindingKind;
use crate::source::rust::file::RustFile;
use crate::source::rust::functions::{Function, functions, type_name};
use crate::source::rust::types::{TypeContext, plain};

/// Calls followed at one place.
const MAX_CALLS: usize = 24;

/// Functions that one call may mean.
const MAX_MEANINGS: usize = 6;

/// The part of a place's weight that a call inside the failing expression has.
const INSIDE: f64 = 0.46;
/// … one that a value on the way came from, by its distance.
const ON_THE_WAY: f64 = 0.36;
const FURTHER: f64 = 0.7;
/// … one in a condition that let the place be reached.
const DECIDES: f64 = 0.2;
/// … one that was made before, on something that the failing expression reads.
const CHANGES: f64 = 0.22;

/// … one that was handed the same values before, and could have refused them.
const LOOKED: f64 = 0.18;

/// How much the second, third, … of a kind count less; calls that change things stand beside each other.
const LATER: f64 = 0.6;
const LATER_CHANGE: f64 = 0.8;

/// How a function took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The value goes through it.
    Computes,
    /// A loop takes what it gives, one by one.
    Iterates,
    /// It decided that the place was reached.
    Decides,
    /// It may have changed what is read.
    Changes,
    /// It was handed the same values before.
    Looked,
}

/// A function that took part.
pub(super) struct Part {
    /// Its file's path.
    pub(super) path: String,
    /// Its file.
    pub(super) file: Rc<RustFile>,
    /// Which of the file's [`functions`] it is.
    pub(super) index: usize,
    /// Its name.
    pub(super) name: String,
    /// The line of its name.
    pub(super) line: u32,
    /// Of the place's weight.
    pub(super) share: f64,
    /// How.
    pub(super) how: How,
}

/// The functions of the repository that took part in what failed at `code`, apart from `inner`, which is
/// already known to be on the stack.
pub(super) fn parts(
    code: &Code,
    path: &str,
    inner: Option<&str>,
    library: &Library<'_>,
) -> Vec<Part> {
    let calls = calls(code);
    code.with_function(|function| {
        let types = TypeContext { facts: &code.facts, function, library, path };
        let mut parts: Vec<Part> = Vec::new();
        for (site, share, how) in calls.into_iter().take(MAX_CALLS) {
            let mut found = meanings(&site, &types);
            if how == How::Iterates {
                found = found.iter().flat_map(|one| steps_of(one, &types)).collect();
            }
            let each = share / found.len().max(1) as f64;
            for (path, file, index, name, line) in found {
                let is_itself = name == function.name && path == types.path;
                if is_itself || Some(name.as_str()) == inner {
                    continue;
                }
                match parts.iter_mut().find(|one| one.path == path && one.index == index) {
                    // Several calls of one function are one suspicion, a little stronger.
                    Some(known) => {
                        known.share = known.share.max(each) + 0.1 * known.share.min(each)
                    }
                    None => parts.push(Part { path, file, index, name, line, share: each, how }),
                }
            }
        }
        parts
    })
    .unwrap_or_default()
}

/// The calls that can matter, each with its part and how.
fn calls(code: &Code) -> Vec<(CallSite, f64, How)> {
    let mut list: Vec<(CallSite, f64, How)> = Vec::new();
    let mut add = |sites: Vec<CallSite>, share: f64, how: How| {
        let mut share = share;
        for site in sites {
            let iterates = |how: How| how == How::Iterates;
            if list.iter().any(|(known, _, as_what): &(CallSite, f64, How)| {
                known.at == site.at && iterates(*as_what) == iterates(how)
            }) {
                continue;
            }
            list.push((site, share, how));
            share *= if how == How::Changes { LATER_CHANGE } else { LATER };
        }
    };
    let place = code.failing.as_ref().map(|failing| failing.range.clone());
    if let Some(failing) = &code.failing {
        let mut inside = call_sites(&failing.expr);
        // The outermost was called last, and what it gave is what failed.
        inside.reverse();
        add(inside, INSIDE, How::Computes);
    }
    for origin in &code.origins {
        let Some(value) = &origin.binding.value else { continue };
        if origin.binding.kind == BindingKind::Parameter {
            continue;
        }
        let mut sites = call_sites(value);
        sites.reverse();
        let share = ON_THE_WAY * FURTHER.powi(i32::try_from(origin.distance).unwrap_or(i32::MAX));
        let loops = matches!(origin.binding.kind, BindingKind::For | BindingKind::ClosureParameter);
        if loops {
            let mut outermost = sites.clone();
            outermost.truncate(1);
            add(outermost, share, How::Iterates);
        }
        add(sites, share, How::Computes);
    }
    let Some(place) = place else { return list };
    let names = code.all_names();
    let reads_self = names.iter().any(|name| name.starts_with("self.")) || names.is_empty();
    let around = code.with_function(|function| {
        let until = loop_around(function.block, place.start).map_or(place.start, |one| one.end);
        calls_before(function.block, until)
    });
    let before = around.unwrap_or_default();
    let guards = code.facts.guards.iter().filter(|guard| {
        guard.range.end <= place.start
            && (guard.encloses || guard.names.iter().any(|name| names.contains(name)))
    });
    for guard in guards.rev().take(4) {
        let inside = before.iter().filter(|site| guard.range.contains(&site.at)).cloned();
        add(inside.collect(), DECIDES, How::Decides);
        // `let ok = check(x); if !ok { … }`
        let behind = code.facts.origins(&guard.names, guard.range.start);
        for origin in behind.iter().filter(|origin| guard.encloses && origin.distance == 0) {
            if let Some(value) = &origin.binding.value {
                add(call_sites(value), DECIDES, How::Decides);
            }
        }
    }
    // What was handed the same values before could have refused them.
    let mut looked: Vec<CallSite> = before
        .iter()
        .filter(|site| site.at < place.start && site.given.iter().any(|name| names.contains(name)))
        .cloned()
        .collect();
    looked.sort_by_key(|site| site.at.abs_diff(place.start));
    let changing = before.into_iter().filter(|site| {
        !place.contains(&site.at)
            && (site.may_change.iter().any(|name| names.contains(name))
                || reads_self && site.on_self && site.call.owner.is_some())
    });
    let mut changing: Vec<CallSite> = changing.collect();
    // The nearest first.
    changing.sort_by_key(|site| site.at.abs_diff(place.start));
    add(changing, CHANGES, How::Changes);
    add(looked, LOOKED, How::Looked);
    list
}

type Meaning = (String, Rc<RustFile>, usize, String, u32);

/// The functions that a call may mean: those of the receiver's type, where the source states it.
fn meanings(site: &CallSite, types: &TypeContext<'_>) -> Vec<Meaning> {
    let mut call = site.call.clone();
    if call.is_method && call.owner.is_none() {
        let receiver = site.receiver.as_ref();
        let ty = receiver.and_then(|receiver| types.type_of(receiver, site.at));
        let name = ty.as_ref().and_then(|ty| type_name(plain(ty)));
        // A parameter's type says nothing about whose method it is.
        call.owner = name.filter(|name| name.len() > 1 && name != "Self");
    }
    let found = look_up(&call, types);
    if !found.is_empty() || !call.is_method {
        return found;
    }
    if is_everyday_name(&call.name) {
        // Of a parameter's type only the bounds are known: any of the crate's implementations may be meant.
        let is_known =
            site.receiver.as_ref().is_some_and(|one| types.type_of(one, site.at).is_some());
        let is_parameter = is_known && call.owner.is_none();
        return if is_parameter { implementations(&call.name, types) } else { found };
    }
    // A trait's own method, or a type that derefs to another.
    look_up(&Call { owner: None, ..call }, types)
}

/// The implementations of a method of a trait of the repository's own.
fn implementations(name: &str, types: &TypeContext<'_>) -> Vec<Meaning> {
    let mut found: Vec<Meaning> = Vec::new();
    for path in types.library.files_with(&format!("fn {name}"), types.path) {
        let Some(Ok(file)) = types.library.file(path) else { continue };
        for (index, function) in functions(&file).iter().enumerate() {
            let of_trait =
                function.name.split_once(" as ").and_then(|(_, rest)| rest.split('>').next());
            let is_own = function.signature.ident == name
                && of_trait.is_some_and(|of| {
                    !types.library.files_with(&format!("trait {of}"), path).is_empty()
                });
            if is_own && found.len() < MAX_MEANINGS {
                let (name, line) = (function.name.clone(), function.line);
                found.push((path.to_owned(), Rc::clone(&file), index, name, line));
            }
        }
    }
    found
}

/// `Iterator::next` of what a call gives back, where that is a type of the repository's own.
fn steps_of(meaning: &Meaning, types: &TypeContext<'_>) -> Vec<Meaning> {
    let all = functions(&meaning.1);
    let Some(function) = all.get(meaning.2) else { return Vec::new() };
    let syn::ReturnType::Type(_, ty) = &function.signature.output else { return Vec::new() };
    let name = match &**ty {
        syn::Type::Path(_) => type_name(plain(ty)),
        _ => None,
    };
    let Some(owner) = name else { return Vec::new() };
    let owner = if owner == "Self" { function.self_type.clone().unwrap_or(owner) } else { owner };
    look_up(&Call { name: "next".to_owned(), owner: Some(owner), is_method: true }, types)
}

fn look_up(call: &Call, types: &TypeContext<'_>) -> Vec<Meaning> {
    let mut found: Vec<Meaning> = Vec::new();
    let own = types.function.self_type.as_deref();
    types.library.find_functions(call, own, types.path, |path, file, function| {
        let Some(Ok(kept)) = types.library.file(path) else { return false };
        if let Some(index) = index_of(file, function) {
            found.push((path.to_owned(), kept, index, function.name.clone(), function.line));
        }
        found.len() >= MAX_MEANINGS
    });
    found
}

fn index_of(file: &RustFile, function: &Function<'_>) -> Option<usize> {
    functions(file).iter().position(|one| one.range == function.range)
}
