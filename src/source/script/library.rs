//! All files of a repository in these languages, read and parsed when they are needed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::classes;
use super::file::ScriptFile;
use super::functions::Function;
use super::uses::{Call, Receiver};
use crate::source::Sources;
use crate::source::tree::{Grammar, TreeProblem};

/// Files that are searched for a name; further ones, by their distance, are not.
const MAX_SEARCHED: usize = 1_500;

/// Files parsed for one analysis.
const MAX_PARSED: usize = 200;

/// Bytes of text held for one analysis.
const MAX_HELD_BYTES: usize = 48 * 1024 * 1024;

/// Classes of one family.
const MAX_FAMILY: usize = 12;

/// Functions found for one call.
const MAX_FOUND: usize = 4;

/// Folders that hold no code that somebody would mend here.
const FOREIGN: &[&str] = &[
    "node_modules",
    "site-packages",
    "dist-packages",
    "bower_components",
    ".git",
    ".tox",
    ".venv",
];

/// Folders of what only runs in tests.
const TESTS: &[&str] = &["test", "tests", "__tests__", "spec", "testing", "__mocks__", "fixtures"];

type Parsed = Option<Result<Rc<ScriptFile>, TreeProblem>>;

/// A function that was found.
#[derive(Clone)]
pub struct Found {
    /// Its file's path.
    pub path: String,
    /// Its file.
    pub file: Rc<ScriptFile>,
    /// Its position among the file's functions.
    pub index: usize,
}

impl Found {
    /// The function.
    pub fn function(&self) -> &Function {
        &self.file.functions()[self.index]
    }
}

/// The files.
pub struct Library<'s> {
    sources: &'s dyn Sources,
    parsed: RefCell<BTreeMap<String, Parsed>>,
    texts: RefCell<BTreeMap<String, Option<Arc<str>>>>,
    /// The files of a language by their distance from one, as asked for last.
    near: RefCell<Option<(String, Rc<Vec<String>>)>>,
    /// What was found for words that were looked for.
    words: RefCell<BTreeMap<(String, String), Vec<String>>>,
    families: RefCell<BTreeMap<String, Rc<Vec<String>>>>,
    held: RefCell<usize>,
}

impl<'s> Library<'s> {
    /// Over these sources.
    pub fn new(sources: &'s dyn Sources) -> Self {
        Self {
            sources,
            parsed: RefCell::default(),
            texts: RefCell::default(),
            near: RefCell::default(),
            words: RefCell::default(),
            families: RefCell::default(),
            held: RefCell::new(0),
        }
    }

    /// What it reads from.
    pub fn sources(&self) -> &'s dyn Sources {
        self.sources
    }

    /// A file, parsed. `None` if it cannot be read or is in another language.
    pub fn file(&self, path: &str) -> Parsed {
        if let Some(known) = self.parsed.borrow().get(path) {
            return known.clone();
        }
        if self.parsed.borrow().len() >= MAX_PARSED {
            return None;
        }
        let parsed = self
            .text(path)
            .and_then(|text| ScriptFile::parse(path, &text))
            .map(|result| result.map(Rc::new));
        self.parsed.borrow_mut().insert(path.to_owned(), parsed.clone());
        parsed
    }

    fn text(&self, path: &str) -> Option<Arc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        if *self.held.borrow() > MAX_HELD_BYTES {
            return None;
        }
        let text = self.sources.read(path);
        *self.held.borrow_mut() += text.as_ref().map_or(0, |text| text.len());
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }

    /// The files of the language of `near` that hold `word`, the nearest first. No tests, no
    /// dependencies.
    pub fn files_with(&self, word: &str, near: &str) -> Vec<String> {
        let key = (near.to_owned(), word.to_owned());
        if let Some(known) = self.words.borrow().get(&key) {
            return known.clone();
        }
        let found: Vec<String> = self
            .by_distance(near)
            .iter()
            .filter(|path| self.text(path).is_some_and(|text| text.contains(word)))
            .cloned()
            .collect();
        self.words.borrow_mut().insert(key, found.clone());
        found
    }

    /// The files of the language of `near`, the nearest first.
    fn by_distance(&self, near: &str) -> Rc<Vec<String>> {
        if let Some((_, known)) = self.near.borrow().as_ref().filter(|(path, _)| path == near) {
            return Rc::clone(known);
        }
        let python = Grammar::of_path(near) == Some(Grammar::Python);
        let mut paths: Vec<(usize, &String)> = self
            .sources
            .paths()
            .iter()
            .filter(|path| {
                Grammar::of_path(path).is_some_and(|g| (g == Grammar::Python) == python)
                    && (path.as_str() == near || !is_foreign(path) && !is_test(path))
            })
            .map(|path| (distance(path, near), path))
            .collect();
        paths.sort();
        let paths = paths.into_iter().take(MAX_SEARCHED).map(|(_, path)| path.clone());
        let sorted: Rc<Vec<String>> = Rc::new(paths.collect());
        *self.near.borrow_mut() = Some((near.to_owned(), Rc::clone(&sorted)));
        sorted
    }

    /// A class and what it is made from, itself first.
    pub fn family(&self, class: &str, near: &str) -> Rc<Vec<String>> {
        if let Some(known) = self.families.borrow().get(class) {
            return Rc::clone(known);
        }
        let mut family = vec![class.to_owned()];
        let mut next = 0;
        while let Some(one) = family.get(next).cloned().filter(|_| family.len() < MAX_FAMILY) {
            next += 1;
            let paths = self.files_with(&format!("class {one}"), near);
            let bases = paths.iter().take(4).find_map(|path| {
                let file = self.file(path)?.ok()?;
                Some(classes::bases(&file, &one)).filter(|bases| !bases.is_empty())
            });
            for base in bases.unwrap_or_default() {
                if family.len() < MAX_FAMILY && !family.contains(&base) {
                    family.push(base);
                }
            }
        }
        let family = Rc::new(family);
        self.families.borrow_mut().insert(class.to_owned(), Rc::clone(&family));
        family
    }

    /// The functions that reading an attribute calls.
    pub fn getters(&self, name: &str, own: bool, class: Option<&str>, near: &str) -> Vec<Found> {
        let receiver = if own { Receiver::Itself } else { Receiver::Other };
        let call = Call { name: name.to_owned(), receiver, range: 0..0 };
        let mut found = self.callees(&call, class, near);
        found.retain(|one| classes::is_getter(&one.file, one.function()));
        found
    }

    /// The functions that a call in a function of `near` may call, the likeliest first.
    pub fn callees(&self, call: &Call, class: Option<&str>, near: &str) -> Vec<Found> {
        let mut found: Vec<(u8, Found)> = Vec::new();
        let family = class.map(|class| self.family(class, near));
        let named = |function: &Function| match call.receiver {
            Receiver::Above => {
                (function.short == call.name
                    || call.name == "constructor" && function.is_constructor())
                    && function.class.as_deref() != class
            }
            // `Cart(…)` and `new Cart(…)` make a cart.
            _ => {
                function.short == call.name
                    || function.is_constructor() && function.class.as_deref() == Some(&call.name)
            }
        };
        for path in self.files_with(&call.name, near).into_iter().take(40) {
            let Some(Ok(file)) = self.file(&path) else { continue };
            for (index, function) in file.functions().iter().enumerate() {
                if !named(function) {
                    continue;
                }
                let same_class = class.is_some() && function.class.as_deref() == class;
                let same_file = path == near;
                let fits = match (call.receiver, &function.class) {
                    (Receiver::Itself, Some(_)) if same_class => 0,
                    (Receiver::Itself, Some(of))
                        if family.as_ref().is_some_and(|family| family.contains(of)) =>
                    {
                        1
                    }
                    (Receiver::Itself, Some(_)) => 3,
                    (Receiver::Plain, None) if same_file => 0,
                    (Receiver::Plain, _) if same_file => 1,
                    (Receiver::Plain, None) => 2,
                    (Receiver::Other | Receiver::Above, Some(_)) => 1,
                    (Receiver::Other, None) => 3,
                    (Receiver::Plain, Some(_)) if function.is_constructor() => 2,
                    _ => 4,
                };
                found.push((fits, Found { path: path.clone(), file: Rc::clone(&file), index }));
            }
        }
        found.sort_by_key(|(fits, _)| *fits);
        let best = found.first().map_or(0, |(fits, _)| *fits);
        // Where one fits well, those that fit badly are others of the same name.
        found.retain(|(fits, _)| *fits <= best + 1);
        found.into_iter().map(|(_, found)| found).take(MAX_FOUND).collect()
    }
}

/// Whether a file is a dependency's, or was made by a machine.
pub fn is_foreign(path: &str) -> bool {
    path.ends_with(".min.js") || path.split('/').any(|part| FOREIGN.contains(&part))
}

/// Whether a file only serves tests.
pub fn is_test(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    folder.split('/').any(|part| TESTS.contains(&part))
        || name.starts_with("test_")
        || name == "conftest.py"
        || [".test.", ".spec.", "_test."].iter().any(|mark| name.contains(mark))
}

/// How far two paths are apart: the names that they do not share.
fn distance(path: &str, near: &str) -> usize {
    let shared = path.split('/').zip(near.split('/')).take_while(|(a, b)| a == b).count();
    path.split('/').count() + near.split('/').count() - 2 * shared
}
