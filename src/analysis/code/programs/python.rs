//! Python's own parser and compiler. It compiles the text and throws the result away; nothing is run.

use serde::Deserialize;

use super::super::request::CodeRequest;
use super::super::syntax::Mistake;
use super::{Silent, Words, finished, sentence};
use crate::checks::Programs;

/// Compiles standard input and prints what is wrong as one JSON object.
const SCRIPT: &str = "\
import json, sys, warnings
warnings.simplefilter('ignore')
source = sys.stdin.buffer.read()
answer = {}
try:
    compile(source, 'code.py', 'exec', dont_inherit=True)
except SyntaxError as error:
    answer = {'line': error.lineno or 1, 'column': max(error.offset or 1, 1), 'message': error.msg}
except (ValueError, MemoryError, RecursionError, OverflowError) as error:
    answer = {'refused': type(error).__name__}
print(json.dumps(answer))
";

#[derive(Deserialize)]
struct Answer {
    line: Option<u32>,
    column: Option<u32>,
    message: Option<String>,
    refused: Option<String>,
}

pub(super) async fn check(request: &CodeRequest, programs: &Programs) -> Result<Words, Silent> {
    let python = programs.python().await?;
    let args = ["-I", "-S", "-c", SCRIPT].map(Into::into).to_vec();
    let output = programs.run(python, args, &[], Some(request.code.clone().into_bytes())).await?;
    finished("python3", &output, &[0])?;
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|error| Silent::Failed(format!("python3 answered something else: {error}")))?;
    if let Some(kind) = answer.refused {
        return Err(Silent::Failed(format!("python3 could not compile it ({})", sentence(&kind))));
    }
    let version = python.version.clone();
    let mistakes = answer.message.map(|message| Mistake {
        line: answer.line.unwrap_or(1).max(1),
        column: answer.column.unwrap_or(1).max(1),
        message: format!(
            "Python {} says: {}.",
            version.as_deref().unwrap_or("3"),
            sentence(&message)
        ),
    });
    Ok(Words {
        is_judge: true,
        mistakes: mistakes.into_iter().collect(),
        version: version.map(|version| format!("Python {version}")),
        ..Words::default()
    })
}
