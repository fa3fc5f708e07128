//! What the code says about an exception's place: the function, the failing expression, where its values
//! come from, what guards them, what it calls.

use std::rc::Rc;

use super::sites::{Site, Sites};
use super::subject::Subject;
use crate::source::script::failing::{Failing, Wanted, find};
use crate::source::script::file::ScriptFile;
use crate::source::script::flow::{Guard, Origin, guards, origins, returns};
use crate::source::script::functions::Function;
use crate::source::script::library::{Found, Library};
use crate::source::script::uses::{Call, Uses, uses};

/// Callees looked up.
const MAX_CALLEES: usize = 8;

/// Callees of callees looked up.
const MAX_FURTHER: usize = 4;

/// A function that the failing value went through.
#[derive(Clone)]
pub(super) struct Callee {
    /// Where it is.
    pub(super) found: Found,
    /// The line of what it returns, else of its head.
    pub(super) line: u32,
    /// 1 if it was called where it failed, 2 if it was called by such a one.
    pub(super) hop: u8,
    /// How many functions the call may mean.
    pub(super) choices: usize,
}

impl Callee {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.found.function().name
    }
}

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
    /// The conditions on the way.
    pub(super) guards: Vec<Guard>,
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
    pub(super) code: Option<Code>,
}

/// Reads the failing place of `subject`.
pub(super) fn findings(subject: &Subject, sites: &Sites, library: &Library<'_>) -> Findings {
    let mut found = Findings { site: None, notes: Vec::new(), code: None };
    let Some(site) = sites.list.first().or_else(|| sites.chained.iter().flatten().next()) else {
        return found;
    };
    found.site = Some(site.clone());
    if !site.line_exists {
        return found;
    }
    match library.file(&site.path) {
        Some(Ok(file)) => found.code = Some(read(&file, site, &subject.class.wanted, library)),
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

/// Reads the call in `site` that led to `inner`.
pub(super) fn read_call(
    file: &Rc<ScriptFile>,
    site: &Site,
    inner: Option<&Function>,
    library: &Library<'_>,
) -> Code {
    let mut failing = Vec::new();
    if let Some(inner) = inner {
        let named =
            |name: &str| find(file, site.line, site.column, &Wanted::Call(Some(name.to_owned())));
        failing = named(&inner.short);
        if failing.is_empty()
            && inner.is_constructor()
            && let Some(class) = &inner.class
        {
            failing = named(class);
        }
    }
    if failing.is_empty() {
        failing = find(file, site.line, site.column, &Wanted::Anything);
    }
    let choices = failing.len();
    let mut first = failing.into_iter().next();
    // Of a call, all of it takes part: what it is called on, and what it is given.
    if let Some(call) = &mut first {
        call.subject = call.range.clone();
    }
    from_failing(file, site, first, choices, library)
}

fn from_failing(
    file: &Rc<ScriptFile>,
    site: &Site,
    failing: Option<Failing>,
    choices: usize,
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
    let callees = callees(&calls, around, &site.path, library);
    Code {
        path: site.path.clone(),
        file: Rc::clone(file),
        function,
        failing,
        choices,
        uses: used,
        origins,
        callees,
        guards,
    }
}

fn callees(
    calls: &[Call],
    around: Option<&Function>,
    path: &str,
    library: &Library<'_>,
) -> Vec<Callee> {
    let mut found: Vec<Callee> = Vec::new();
    let class = around.and_then(|function| function.class.as_deref());
    add_callees(&mut found, calls, class, path, 1, MAX_CALLEES, library);
    let direct = found.len();
    for index in 0..direct {
        let inner = found[index].found.clone();
        let mut calls = Vec::new();
        for value in returns(&inner.file, inner.function()) {
            calls.extend(uses(&inner.file, &value).calls);
        }
        let class = inner.function().class.clone();
        let most = direct + MAX_FURTHER;
        add_callees(&mut found, &calls, class.as_deref(), &inner.path, 2, most, library);
    }
    if let Some(around) = around {
        found.retain(|callee| {
            callee.found.path != path || callee.found.function().range != around.range
        });
    }
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
        let meant = library.callees(call, class, path);
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
            found.push(Callee { line, hop, choices, found: one });
        }
    }
}

/// Whether every value that took part is a parameter, or an attribute of the object itself.
pub(super) fn only_given(code: &Code) -> bool {
    use crate::source::script::flow::BindingKind;
    let direct: Vec<_> = code.origins.iter().filter(|origin| origin.distance == 0).collect();
    !direct.is_empty()
        && direct.iter().all(|origin| origin.binding.kind == BindingKind::Parameter)
        && code.callees.is_empty()
}
