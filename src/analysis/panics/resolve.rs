//! Frames whose line is in no function: code that a macro wrote stands at the macro's definition or call,
//! but the frame's function still has its name.

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
    for site in sites.list.drain(..) {
        if !site.line_exists || is_in_function(&site, library) {
            kept.push(site);
        } else if let Some(found) = by_name(&site, library) {
            kept.push(found);
        } else {
            unknown.push(site);
        }
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

fn by_name(site: &Site, library: &Library<'_>) -> Option<Site> {
    let shown = site.function.as_deref()?.replace("::{{closure}}", "");
    let (owner, name) = shown.rsplit_once("::")?;
    let mut best: Option<(usize, Site)> = None;
    for path in library.files_with(&format!("fn {name}"), &site.path).into_iter().take(MAX_FILES) {
        let Some(Ok(file)) = library.file(path) else { continue };
        for function in functions(&file).iter().filter(|one| one.signature.ident == name) {
            let fit = fit(owner, path, function);
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
    let words: Vec<&str> = owner.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let file =
        path.rsplit('/').next().and_then(|file| file.strip_suffix(".rs")).unwrap_or_default();
    let in_file = usize::from(words.contains(&file) || matches!(file, "lib" | "main" | "mod"));
    match function.self_type.as_deref() {
        Some(ty) if words.contains(&ty) => 2 + in_file,
        Some(_) => 0,
        None => in_file,
    }
}
