//! What the code says about an exception's place: the function, the failing expression, where its values
//! come from, what guards them, what it calls.

use std::ops::Range;
use std::rc::Rc;

use super::callees::{Callee, callees, deciders};
use super::sites::{Site, Sites};
use super::subject::Subject;
use crate::source::script::arguments::given_for;
use crate::source::script::failing::{Failing, Wanted, find};
use crate::source::script::file::ScriptFile;
use crate::source::script::flow::{BindingKind, Guard, Origin, guards, origins};
use crate::source::script::functions::Function;
use crate::source::script::library::Library;
use crate::source::script::uses::{Uses, uses};

/// A place, read.
pub(super) struct Code {
    /// Its file's path.
    pub(super) path: String,
    /// Its file.
    pub(super) file: Rc<ScriptFile>,
    /// The position of the function around it.
    pub(super) function: Option<usize>,
    /// The failing expression, or the call that led on.
    pub(super) failing: Option<Failing>,
    /// How many expressions of the line may be meant.
    pub(super) choices: usize,
    /// What the failing expression works on; for a raised error what the condition before it looks at.
    pub(super) uses: Uses,
    /// Where those values come from.
    pub(super) origins: Vec<Origin>,
    /// The functions that they went through.
    pub(super) callees: Vec<Callee>,
    /// The functions that decided that the place was reached.
    pub(super) deciders: Vec<Callee>,
    /// The conditions on the way.
    pub(super) guards: Vec<Guard>,
    /// Of a call: whether its arguments for what failed inside were found. What else stands in it took no
    /// part then.
    pub(super) follows: bool,
}

impl Code {
    /// The function around it.
    pub(super) fn function(&self) -> Option<&Function> {
        self.function.and_then(|index| self.file.functions().get(index))
    }

    /// Its name.
    pub(super) fn name(&self) -> Option<&str> {
        self.function().map(|function| function.name.as_str())
    }

    /// The failing expression's text.
    pub(super) fn failing_text(&self) -> Option<&str> {
        self.failing.as_ref().map(|failing| self.file.slice(failing.range.clone()))
    }

    /// The parameters that the values come from.
    pub(super) fn given(&self) -> Vec<String> {
        let given = self.origins.iter().filter(|one| one.binding.kind == BindingKind::Parameter);
        given.map(|one| one.binding.name.clone()).collect()
    }

    /// The attributes of the object itself that take part.
    pub(super) fn own_attributes(&self) -> Vec<String> {
        let mut names = self.uses.own.clone();
        for origin in &self.origins {
            if let Some(value) = &origin.binding.value {
                for name in uses(&self.file, value).own {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        }
        names.truncate(6);
        names
    }
}

/// All that was found out.
pub(super) struct Findings {
    /// The failing place, if it lies in the repository.
    pub(super) site: Option<Site>,
    /// Why there is no more than this.
    pub(super) notes: Vec<String>,
    /// The failing place, read.
    pub(super) code: Option<Rc<Code>>,
}

/// Reads the failing place of `subject`.
pub(super) fn findings(subject: &Subject, sites: &Sites, library: &Library<'_>) -> Findings {
    let mut found = Findings { site: None, notes: Vec::new(), code: None };
    let Some(site) =
        sites.list.first().or_else(|| sites.chained.iter().flat_map(|(list, _)| list).next())
    else {
        return found;
    };
    found.site = Some(site.clone());
    if !site.line_exists {
        return found;
    }
    match library.file(&site.path) {
        Some(Ok(file)) => {
            found.code = Some(Rc::new(read(&file, site, &subject.class.wanted, library)));
        }
        Some(Err(problem)) => {
            found.notes.push(format!("{} was not analysed further: {problem}.", site.path));
        }
        None => {}
    }
    found
}

/// Reads a failing place.
pub(super) fn read(
    file: &Rc<ScriptFile>,
    site: &Site,
    wanted: &Wanted,
    library: &Library<'_>,
) -> Code {
    let mut failing = find(file, site.line, site.column, wanted);
    if failing.is_empty() && *wanted != Wanted::Anything {
        failing = find(file, site.line, site.column, &Wanted::Anything);
    }
    let choices = failing.len();
    from_failing(file, site, failing.into_iter().next(), choices, library)
}

/// Reads the call in `site` that led to the place `inner`.
pub(super) fn read_call(
    file: &Rc<ScriptFile>,
    site: &Site,
    inner: Option<&Code>,
    library: &Library<'_>,
) -> Code {
    let called = inner.and_then(|inner| inner.function().map(|function| (inner, function)));
    let mut failing = Vec::new();
    if let Some((_, called)) = called {
        let named =
            |name: &str| find(file, site.line, site.column, &Wanted::Call(Some(name.to_owned())));
        failing = named(&called.short);
        if failing.is_empty()
            && called.is_constructor()
            && let Some(class) = &called.class
        {
            failing = named(class);
        }
    }
    if failing.is_empty() {
        failing = find(file, site.line, site.column, &Wanted::Anything);
    }
    let choices = failing.len();
    let mut first = failing.into_iter().next();
    let mut parts = Vec::new();
    if let Some(call) = &mut first {
        // Where all comes from parameters, what was given for these takes part.
        if let Some((inner, called)) = called.filter(|(inner, _)| inner.own_attributes().is_empty())
        {
            parts = given_for(file, &call.range, (&inner.file, called), &inner.given());
        }
        // Else all of the call: what it is called on, and what it is given.
        call.subject = call.range.clone();
    }
    from_parts(file, site, first, choices, &parts, library)
}

fn from_failing(
    file: &Rc<ScriptFile>,
    site: &Site,
    failing: Option<Failing>,
    choices: usize,
    library: &Library<'_>,
) -> Code {
    from_parts(file, site, failing, choices, &[], library)
}

/// `parts`: what of the failing expression takes part; its subject if that is not known.
fn from_parts(
    file: &Rc<ScriptFile>,
    site: &Site,
    failing: Option<Failing>,
    choices: usize,
    parts: &[Range<usize>],
    library: &Library<'_>,
) -> Code {
    let function = file.enclosing_line(site.line);
    let line = file.line_range(site.line).unwrap_or(0..0);
    let place = failing.as_ref().map_or(line.start, |failing| failing.range.start);
    let around = function.and_then(|index| file.functions().get(index));
    let range = around.map_or(0..file.text().len(), |function| function.range.clone());
    let guards = guards(file, &range, place);
    let mut used = match &failing {
        Some(failing) => uses(file, &failing.subject),
        None => uses(file, &line),
    };
    if !parts.is_empty() {
        used = Uses::default();
        for part in parts {
            used.merge(uses(file, part));
        }
    }
    if failing.as_ref().is_some_and(|failing| failing.raises) {
        // What is raised says little; the condition that led there looked at the values.
        let mut deciding = Uses::default();
        for guard in guards.iter().filter(|guard| guard.encloses).rev().take(2) {
            deciding.merge(uses(file, &guard.range));
        }
        if deciding.is_empty()
            && let Some(guard) = guards.last()
        {
            deciding.merge(uses(file, &guard.range));
        }
        deciding.merge(used);
        used = deciding;
    }
    let origins = origins(file, around, &used, place);
    let mut calls = used.calls.clone();
    for origin in &origins {
        if let Some(value) = &origin.binding.value {
            calls.extend(uses(file, value).calls);
        }
    }
    let callees = callees(&calls, &used, around, &site.path, library);
    let deciders = deciders(file, around, &guards, &site.path, &callees, library);
    Code {
        path: site.path.clone(),
        file: Rc::clone(file),
        function,
        failing,
        choices,
        uses: used,
        origins,
        callees,
        deciders,
        guards,
        follows: !parts.is_empty(),
    }
}

/// Whether every value that took part is a parameter, or an attribute of the object itself.
pub(super) fn only_given(code: &Code) -> bool {
    let direct: Vec<_> = code.origins.iter().filter(|origin| origin.distance == 0).collect();
    !direct.is_empty()
        && direct.iter().all(|origin| origin.binding.kind == BindingKind::Parameter)
        && code.callees.is_empty()
}
