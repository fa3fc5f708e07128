//! Which language a frame is written in: by the event's platform, else by the file's ending.

use super::Dialect;
use super::{dotnet, generic, go, java, javascript, native, php, python, ruby, rust};
use crate::domain::event::Frame;

/// A family of languages whose frames look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// JavaScript and TypeScript, in a browser or on a server.
    JavaScript,
    /// Java, Kotlin, Scala, Groovy.
    Java,
    /// C#, F#, Visual Basic.
    DotNet,
    /// Go.
    Go,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
    /// C, C++, Objective-C, Swift.
    Native,
    /// Everything else: Elixir, Dart, Lua, Perl, …
    Generic,
}

impl Language {
    /// The language of a platform as senders name it; `None` for `other` and what is not known.
    pub fn of_platform(platform: &str) -> Option<Self> {
        // `javascript-react` and the like are the same language.
        let family = platform.split('-').next().unwrap_or_default();
        Some(match family {
            "rust" => Self::Rust,
            "python" => Self::Python,
            "javascript" | "node" | "typescript" | "deno" | "bun" => Self::JavaScript,
            "java" | "kotlin" | "scala" | "groovy" | "android" => Self::Java,
            "csharp" | "dotnet" | "fsharp" | "vb" | "powershell" => Self::DotNet,
            "go" => Self::Go,
            "php" => Self::Php,
            "ruby" => Self::Ruby,
            "native" | "c" | "cpp" | "objc" | "cocoa" | "swift" | "apple" => Self::Native,
            "elixir" | "erlang" | "dart" | "lua" | "perl" | "haskell" => Self::Generic,
            _ => return None,
        })
    }

    /// The language of the frame's file, by its ending.
    pub(super) fn of_file(frame: &Frame) -> Option<Self> {
        let path = frame.filename.as_deref().or(frame.abs_path.as_deref())?;
        let path = path.split('?').next().unwrap_or_default();
        Some(match path.rsplit_once('.')?.1 {
            "rs" => Self::Rust,
            "py" | "pyx" | "pyc" => Self::Python,
            "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "tsx" | "vue" | "svelte" | "jsbundle" => {
                Self::JavaScript
            }
            "java" | "kt" | "kts" | "scala" | "groovy" => Self::Java,
            "cs" | "fs" | "vb" => Self::DotNet,
            "go" => Self::Go,
            "php" => Self::Php,
            "rb" | "erb" | "rake" => Self::Ruby,
            "c" | "cc" | "cpp" | "cxx" | "h" | "hpp" | "m" | "mm" | "swift" => Self::Native,
            _ => return None,
        })
    }

    pub(super) fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::Rust => &rust::Rust,
            Self::Python => &python::Python,
            Self::JavaScript => &javascript::JavaScript,
            Self::Java => &java::Java,
            Self::DotNet => &dotnet::DotNet,
            Self::Go => &go::Go,
            Self::Php => &php::Php,
            Self::Ruby => &ruby::Ruby,
            Self::Native => &native::Native,
            Self::Generic => &generic::Generic,
        }
    }
}
