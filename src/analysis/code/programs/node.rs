//! `node --check`: reads the code as Node would, and does not run it.

use super::super::own::Traits;
use super::super::request::CodeRequest;
use super::super::syntax::Mistake;
use super::{Silent, Words, finished, sentence};
use crate::checks::Programs;

pub(super) async fn check(
    request: &CodeRequest,
    traits: Traits,
    programs: &Programs,
) -> Result<Words, Silent> {
    if traits.has_jsx || request.file_path.ends_with(".jsx") {
        return Err(Silent::Skipped("node does not read JSX".into()));
    }
    let node = programs.node().await?;
    let name = name(&request.file_path, traits);
    let args = vec!["--check".into(), name.into()];
    let output = programs.run(node, args, &[(name, &request.code)], None).await?;
    finished("node", &output, &[0, 1])?;
    let version = node.version.clone();
    let mut words = Words {
        is_judge: true,
        version: version.map(|version| format!("Node {version}")),
        ..Words::default()
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let mistake = read(&said, name)
            .ok_or_else(|| Silent::Failed(format!("node said: {}", sentence(&said))))?;
        words.mistakes.push(mistake);
    }
    Ok(words)
}

/// A module or a script, by its name or by what stands in it.
fn name(path: &str, traits: Traits) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("mjs") => "code.mjs",
        Some("cjs") => "code.cjs",
        _ if traits.is_module => "code.mjs",
        _ => "code.cjs",
    }
}

/// `…/code.cjs:3`, the line, carets below, and `SyntaxError: …`.
fn read(said: &str, name: &str) -> Option<Mistake> {
    let mut lines = said.lines();
    let number = lines.find_map(|line| line.rsplit_once(&format!("{name}:")))?.1;
    let line = number.trim().parse().ok()?;
    let carets = lines.nth(1).unwrap_or_default();
    let column = carets.chars().position(|c| c == '^').map_or(1, |at| at + 1);
    let message = said.lines().find_map(|line| line.strip_prefix("SyntaxError: "))?;
    Some(Mistake {
        line,
        column: u32::try_from(column).unwrap_or(1),
        message: format!("Node says: {}.", sentence(message)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_node_says_is_read() {
        let said = "/tmp/x/code.mjs:2\nlet x = ;\n        ^\n\nSyntaxError: Unexpected token ';'\n    at checkSyntax (node:internal)\n\nNode.js v20.20.2\n";
        let mistake = read(said, "code.mjs").unwrap();
        assert_eq!((mistake.line, mistake.column), (2, 9));
        assert_eq!(mistake.message, "Node says: Unexpected token ';'.");
        assert_eq!(read("out of memory", "code.mjs"), None);
    }
}
