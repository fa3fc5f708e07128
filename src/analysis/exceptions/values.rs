//! What local variables held, as the sender wrote them out.

use super::findings::Code;
use super::sites::Site;

/// Variables told of.
const MAX_TOLD: usize = 3;

/// Bytes of a value that are told.
const MAX_VALUE_BYTES: usize = 80;

/// `` `order` was None ``, for the variables that took part.
pub(super) fn told(site: &Site, code: &Code) -> Vec<String> {
    let vars = &site.frame.vars;
    let mut names: Vec<&str> = code.uses.names.iter().map(String::as_str).collect();
    names.extend(code.origins.iter().map(|origin| origin.binding.name.as_str()));
    let mut told = Vec::new();
    for name in names {
        let Some(value) = vars.get(name) else { continue };
        let line = value.lines().next().unwrap_or_default();
        let cut = &line[..line.floor_char_boundary(MAX_VALUE_BYTES)];
        let sentence = format!("`{name}` was {cut}");
        if !told.contains(&sentence) {
            told.push(sentence);
        }
        if told.len() == MAX_TOLD {
            break;
        }
    }
    told
}
