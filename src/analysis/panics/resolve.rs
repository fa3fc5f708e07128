//! Frames whose line leads to the wrong place, and whose function still has its name: code that a macro wrote
//! stands at the macro's definition or call, in no function at all; and in a revision that is not quite the
//! one that was built, the line may have come to stand in the function before or after.

use super::sites::{Site, Sites};
use crate::source::rust::callees::Library;
use crate::source::rust::functions::{Function, enclosing_line, functions};

/// Files looked through for a name.
const MAX_FILES: usize = 12;

/// Moves such sites to the function that their name means; leaves out those that mean none, if any other is
/// left.
pub(super) fn resolve(sites: &mut Sites, library: &Library<'_>) {
    let mut kept = Vec::with_capacity(sites.list.len());
    let mut unknown = Vec::new();
    let mut moved = false;
    for site in sites.list.drain(..) {
        if !site.line_exists || is_in_function(&site, library) {
            let other = in_other_function(&site, library);
            moved |= other.is_some();
            kept.push(other.unwrap_or(site));
        } else if let Some(found) = by_name(&site, library) {
            kept.push(found);
        } else {
            unknown.push(site);
        }
    }
    if moved {
        sites.notes.push(
            "Some frames' lines stand in other functions here than the frames name; the names were believed: the program was built from another revision.".to_owned(),
        );
    }
    sites.list = if kept.is_empty() { unknown } else { kept };
}

fn is_in_function(site: &Site, library: &Library<'_>) -> bool {
    match library.file(&site.path) {
        Some(Ok(file)) => enclosing_line(&file, site.line).is_some(),
        // What cannot be parsed is judged by nobody.
        _ => true,
    }
}

/// The one function of the same file that a frame names, where its line stands in another one.
fn in_other_function(site: &Site, library: &Library<'_>) -> Option<Site> {
    let (owner, name) = shown_name(site)?;
    let file = library.file(&site.path)?.ok()?;
    let here = enclosing_line(&file, site.line)?;
    let agrees = |function: &Function<'_>| {
        function.signature.ident == name.as_str()
            && fit(&owner, &site.path, function) > 1
            && trait_of(function).is_none_or(|of| words(&owner).any(|word| word == of))
    };
    let same_name = here.signature.ident == name.as_str();
    if agrees(&here) || same_name && trait_of(&here).is_none() {
        return None;
    }
    let all = functions(&file);
    let mut fitting = all.iter().filter(|function| agrees(function));
    let found = fitting.next().filter(|_| fitting.next().is_none())?;
    // A function inside another one is part of both.
    let is_around = found.range.start <= here.range.start && here.range.end <= found.range.end;
    (!is_around).then(|| Site { line: found.line, column: None, ..site.clone() })
}

/// What stands before a frame's function's last name, and that name; closures are their function's.
fn shown_name(site: &Site) -> Option<(String, String)> {
    let shown = site.function.as_deref()?.replace("::{{closure}}", "");
    let shown = match shown.strip_suffix('>').and_then(|cut| cut.rsplit_once("::<")) {
        Some((before, _)) => before.to_owned(),
        None => shown,
    };
    let (owner, name) = shown.rsplit_once("::")?;
    Some((owner.to_owned(), name.to_owned()))
}

/// `Debug` of `<Cart as Debug>::fmt`.
fn trait_of<'f>(function: &'f Function<'_>) -> Option<&'f str> {
    function.name.split_once(" as ")?.1.split('>').next()
}

fn words(owner: &str) -> impl Iterator<Item = &str> {
    owner.split(|c: char| !c.is_alphanumeric() && c != '_')
}

fn by_name(site: &Site, library: &Library<'_>) -> Option<Site> {
    let (owner, name) = shown_name(site)?;
    let mut best: Option<(usize, Site)> = None;
    for path in library.files_with(&format!("fn {name}"), &site.path).into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(path) else { continue };
        for function in functions(&file).iter().filter(|one| one.signature.ident == name.as_str()) {
            let fit = fit(&owner, path, function);
            if fit > best.as_ref().map_or(0, |best| best.0) {
                let site = Site {
                    path: path.to_owned(),
                    line: function.line,
                    column: None,
                    function: site.function.clone(),
                    line_exists: true,
                };
                best = Some((fit, site));
            }
        }
    }
    best.map(|(_, site)| site)
}

/// How well `<shop::cart::Cart as Add>` or `shop::cart` stands for where a function is; 0: not at all.
fn fit(owner: &str, path: &str, function: &Function<'_>) -> usize {
    let words: Vec<&str> = words(owner).collect();
    let file =
        path.rsplit('/').next().and_then(|file| file.strip_suffix(".rs")).unwrap_or_default();
    let in_file = usize::from(words.contains(&file) || matches!(file, "lib" | "main" | "mod"));
    match function.self_type.as_deref() {
        Some(ty) if words.contains(&ty) => 2 + in_file,
        Some(_) => 0,
        None => in_file,
    }
}
