//! Python's exceptions.

mod types;

use self::types::type_error;
use super::Class;
use super::words::{between, shown};
use crate::source::script::failing::Wanted as W;

pub(super) fn classify(ty: &str, value: &str) -> Class {
    let short = ty.rsplit('.').next().unwrap_or(ty);
    match short {
        "KeyError" => {
            let key = value.trim().trim_matches(['\'', '"']).to_owned();
            let key = (!key.is_empty() && key.len() < 120).then_some(key);
            let what = match &key {
                Some(key) => format!("the key `{key}` is not in the mapping"),
                None => "a key is not in the mapping".to_owned(),
            };
            Class::new("key_error", what, "Either whoever fills the mapping left the key out or wrote it differently, or the key that is looked up is a wrong one.")
                .wants(W::Subscript(key.clone()))
                .lacks(key)
        }
        "IndexError" => index_error(value),
        "AttributeError" => attribute_error(value),
        "TypeError" => type_error(value),
        "ValueError" => value_error(value),
        "ZeroDivisionError" => Class::new("zero_division", "something is divided by zero", "The divisor was 0: look at where it is counted or measured, and at what an empty input makes of it.")
            .wants(operators(&["/", "//", "%"])),
        "FloatingPointError" | "OverflowError" => Class::new("overflow", format!("a number is out of range ({})", shown(value)), "The value grew beyond what the operation can take; its origin is what matters.").wants(W::Anything),
        "UnboundLocalError" => {
            let name = between(value, "variable '", "'");
            Class::new("unbound_local", match &name {
                Some(name) => format!("the local variable `{name}` is read before anything was assigned to it"),
                None => "a local variable is read before anything was assigned to it".to_owned(),
            }, "Some way through the function assigns nothing to it: a branch, a loop that never ran, or an exception that was caught.").wants(W::Name(name)).here()
        }
        "NameError" => {
            let name = between(value, "name '", "'");
            Class::new("undefined_name", match &name {
                Some(name) => format!("the name `{name}` is not defined"),
                None => "a name is not defined".to_owned(),
            }, "It is misspelt, not imported, or defined only later or elsewhere.").wants(W::Name(name)).here()
        }
        "RecursionError" => Class::new("recursion", "the functions call each other without end", "The condition that ends the recursion is never met, or the value never comes nearer to it.").wants(W::Call(None)),
        "ModuleNotFoundError" | "ImportError" => import_error(short, value),
        "UnicodeDecodeError" | "UnicodeEncodeError" | "UnicodeError" => Class::new("unicode", format!("a text is not in the encoding that is assumed ({})", shown(value)), "The bytes come from something that uses another encoding, or were cut in the middle of a character; name the encoding where they are read.")
            .wants(W::CallOf(&["decode", "encode", "read", "open", "write", "readlines", "read_text", "str"])),
        "AssertionError" => Class::new("assertion", match value.is_empty() {
            true => "an assertion does not hold".to_owned(),
            false => format!("an assertion does not hold ({})", shown(value)),
        }, "The assertion states what its author took for granted; whoever made the values broke it.").wants(W::Assert),
        "StopIteration" | "StopAsyncIteration" => Class::new("stop_iteration", "`next` was called on something that has no more elements", "Give `next` a default, or look at why there were fewer elements than expected.").wants(W::CallOf(&["next"])),
        "JSONDecodeError" => Class::new("json_decode", format!("a text is not JSON ({})", shown(value)), "What was read is empty, cut off, or something else: an error page, another format. Look at where it comes from.")
            .wants(W::CallOf(&["loads", "load", "json", "decode"])),
        "FileNotFoundError" => io("file_not_found", value, "A path is wrong, relative to another folder than thought, or was not made yet."),
        "PermissionError" => io("permission", value, "The process may not do that to this path; look at whom it runs as and at where the path comes from."),
        "IsADirectoryError" | "NotADirectoryError" | "FileExistsError" => io("path", value, "The path is not of the kind that the code expects."),
        "ConnectionError" | "ConnectionRefusedError" | "ConnectionResetError" | "BrokenPipeError" | "ConnectTimeout" | "ReadTimeout" | "HTTPError" | "URLError" | "SSLError" => {
            Class::new("connection", format!("another service could not be reached or did not answer as hoped ({})", shown(value)), "The other side, the network or the address is to be looked at first; the code only if it does not bear this.").wants(W::Anything)
        }
        "TimeoutError" | "Timeout" => Class::new("timeout", format!("something took too long ({})", shown(value)), "The other side was slow or never answered; look at what is waited for.").wants(W::Anything),
        "OSError" | "IOError" => io("os_error", value, "The operating system refused; the message says why."),
        "NotImplementedError" => Class::new("not_implemented", "something is called that was never written for this case", "A subclass lacks the method, or the wrong class is used.").wants(W::Anything),
        "MemoryError" => Class::new("memory", "there was no memory left", "Something is read or built whole that should be taken in parts, or never ends.").wants(W::Anything),
        "RuntimeError" => runtime_error(value),
        "SyntaxError" | "IndentationError" | "TabError" => Class::new("syntax", format!("the code cannot be read ({})", shown(value)), "The file has a mistake in this line or just before it, or is meant for another version of Python.").wants(W::Anything).here(),
        "LookupError" => Class::new("lookup", format!("something was looked up that is not there ({})", shown(value)), "Look at what is looked up and at who was to put it there.").wants(W::Subscript(None)),
        "BufferError" | "EOFError" => Class::new("end_of_input", "the input ended early", "Less was read than the code expects.").wants(W::Anything),
        "KeyboardInterrupt" | "SystemExit" | "GeneratorExit" | "CancelledError" => Class::new("ended", "the program or task was ended from outside", "This is no fault of the code that was running.").here(),
        "ValidationError" => Class::new("validation", format!("data was refused ({})", shown(value)), "What was given does not fit the rules; look at who made it and at the rules.").wants(W::Anything),
        _ => Class::new("raised", match value.is_empty() {
            true => format!("`{}` was raised", shown(ty)),
            false => format!("`{}` was raised: {}", shown(ty), shown(value)),
        }, "It was raised on purpose: the condition that led there says what was expected.").wants(W::Anything),
    }
}

fn operators(list: &[&str]) -> W {
    W::Operator(list.iter().map(|one| (*one).to_owned()).collect())
}

fn io(word: &'static str, value: &str, why: &'static str) -> Class {
    Class::new(word, format!("the system refused an operation ({})", shown(value)), why).wants(
        W::CallOf(&[
            "open",
            "read",
            "write",
            "stat",
            "listdir",
            "remove",
            "rename",
            "mkdir",
            "makedirs",
            "read_text",
            "read_bytes",
            "write_text",
            "exists",
            "connect",
            "scandir",
        ]),
    )
}

fn index_error(value: &str) -> Class {
    let what = if value.starts_with("pop from") {
        "something is taken out of an empty list"
    } else {
        "an index is outside of the sequence"
    };
    Class::new("index_error", what, "The sequence has fewer elements than the code takes for granted, or the index is counted wrongly.")
        .wants(W::Subscript(None))
}

fn attribute_error(value: &str) -> Class {
    let name = between(value, "has no attribute '", "'");
    let of = between(value, "'", "' object has no");
    let shown_name = name.as_deref().unwrap_or("?").to_owned();
    let wanted = W::Attribute(name.clone());
    match of.as_deref() {
        Some("NoneType") => Class::new("attribute_of_none", format!("`.{shown_name}` is taken of something that is None"), "A value is None where an object was expected: a function returned nothing, a lookup found nothing, or an attribute was never set.").wants(wanted),
        _ if value.contains("partially initialized module") => Class::new("circular_import", format!("`{shown_name}` is not in its module yet"), "Two modules import each other; the second sees the first half made. Import within the function, or move what both need.").wants(wanted).here(),
        _ if value.starts_with("module ") => Class::new("attribute_of_module", format!("the module has no `{shown_name}`"), "It is misspelt, of another version of the package, or a file of the same name hides the module.").wants(wanted).here(),
        Some(class) => Class::new("attribute_error", format!("a `{class}` has no attribute `{shown_name}`"), "Either the value is of another type than expected, or its class never sets the attribute on the way it was made.")
            .wants(wanted)
            .lacks(name)
            .of(Some(class.to_owned())),
        None => {
            let of = between(value, "type object '", "'");
            Class::new("attribute_error", format!("there is no attribute `{shown_name}`"), "The name is misspelt, or the value is of another type than expected.").wants(wanted).lacks(name).of(of)
        }
    }
}

fn value_error(value: &str) -> Class {
    if value.starts_with("invalid literal for") || value.starts_with("could not convert") {
        return Class::new("conversion", format!("a text is no number ({})", shown(value)), "The text comes from outside or from a cut that went wrong; check it where it is read, or say what is to be done with others.")
            .wants(W::CallOf(&["int", "float", "complex", "Decimal", "astype"]));
    }
    if value.contains("values to unpack") {
        return Class::new("unpack", format!("something has more or fewer parts than it is taken apart into ({})", shown(value)), "Look at who makes the value and at how many parts it gives: a split without its separator, a return of another shape.").wants(W::Iterate);
    }
    if value.contains("is not in list")
        || value.contains("not in tuple")
        || value == "substring not found"
        || value.contains("x not in")
    {
        return Class::new(
            "not_found",
            format!("something is looked for that is not there ({})", shown(value)),
            "Look at what was to put it there, and at what is looked for.",
        )
        .wants(W::CallOf(&["index", "remove", "rindex"]));
    }
    if value.contains("empty sequence") || value.contains("iterable argument is empty") {
        return Class::new(
            "empty",
            format!("something is taken of nothing ({})", shown(value)),
            "The collection is empty; say what is to come then, or look at why it is.",
        )
        .wants(W::CallOf(&["min", "max", "reduce", "choice", "mean"]));
    }
    if value.contains("does not match format")
        || value.contains("unconverted data")
        || value.contains("isoformat")
    {
        return Class::new(
            "date_format",
            format!("a text is no date of the given form ({})", shown(value)),
            "The text comes in another form than the code expects.",
        )
        .wants(W::CallOf(&["strptime", "fromisoformat"]));
    }
    if value.contains("math domain") {
        return Class::new(
            "math_domain",
            "a function of mathematics got a number that it is not defined for",
            "Look at where the number comes from and at what may make it negative or zero.",
        )
        .wants(W::CallOf(&["sqrt", "log", "log10", "log2", "acos", "asin", "pow"]));
    }
    Class::new("value_error", format!("a value is refused ({})", shown(value)), "The value has the right type and a wrong content; whoever made it or passed it on is to be looked at.").wants(W::Anything)
}

fn import_error(short: &str, value: &str) -> Class {
    let name = between(value, "named '", "'").or_else(|| between(value, "import name '", "'"));
    let shown_name = name.as_deref().unwrap_or("?").to_owned();
    if value.contains("partially initialized") || value.contains("circular import") {
        return Class::new(
            "circular_import",
            format!("`{shown_name}` is not in its module yet"),
            "Two modules import each other; the second sees the first half made.",
        )
        .wants(W::Import)
        .here();
    }
    match short {
        "ModuleNotFoundError" => Class::new("module_not_found", format!("the module `{shown_name}` is not there"), "The package is not installed here, the name is wrong, or the program was started from another folder.").wants(W::Import).here(),
        _ => Class::new("import_error", format!("`{shown_name}` cannot be imported"), "The name is misspelt, or the installed version of the package has it elsewhere.").wants(W::Import).here(),
    }
}

fn runtime_error(value: &str) -> Class {
    if value.contains("changed size during iteration") || value.contains("mutated during iteration")
    {
        return Class::new(
            "changed_while_iterated",
            format!("a collection is changed while it is run over ({})", shown(value)),
            "Run over a copy, or collect the changes and make them afterwards.",
        )
        .wants(W::Iterate);
    }
    if value.contains("generator raised StopIteration") {
        return Class::new(
            "stop_iteration",
            "`next` within a generator found nothing more",
            "Give `next` a default, or end the generator with `return`.",
        )
        .wants(W::CallOf(&["next"]));
    }
    if value.contains("event loop") {
        return Class::new("event_loop", format!("something asynchronous runs where it cannot ({})", shown(value)), "There is no running loop here, or one runs already; await instead of starting another one.").wants(W::Anything);
    }
    Class::new(
        "runtime_error",
        format!("the code gave up: {}", shown(value)),
        "It was raised on purpose: the condition that led there says what was expected.",
    )
    .wants(W::Anything)
}
