//! JavaScript's exceptions, in the words of V8, Firefox and Safari.

use super::Class;
use super::words::{before, between, last, shown};
use crate::source::script::failing::Wanted as W;

const NOTHING: &str = "A value is undefined or null where an object was expected: a function returned nothing, a lookup found nothing, a property was never set, or data came in another shape.";

pub(super) fn classify(ty: &str, value: &str) -> Class {
    // Safari says what it evaluated behind its message, and ends with a full stop.
    let value = value.trim().trim_start_matches("Uncaught ").trim_start_matches("TypeError: ");
    if let Some(class) = of_nothing(value).or_else(|| not_a(value)).or_else(|| names(value)) {
        return class;
    }
    let short = ty.rsplit('.').next().unwrap_or(ty);
    if value.contains("call stack") || value.contains("too much recursion") {
        return Class::new("recursion", "the functions call each other without end", "The condition that ends the recursion is never met, or the value never comes nearer to it.").wants(W::Call(None));
    }
    if value.contains("JSON")
        || short == "SyntaxError"
            && (value.contains("Unexpected token") || value.contains("Unexpected end"))
    {
        return Class::new("json_parse", format!("a text is not JSON ({})", shown(value)), "What was read is empty, cut off, or something else: an error page in HTML, `undefined` as a text. Look at where it comes from.")
            .wants(W::CallOf(&["parse", "json", "stringify"]));
    }
    if value.contains("circular structure") || value.contains("cyclic object") {
        return Class::new(
            "circular_json",
            "an object that holds itself cannot be written as JSON",
            "Leave the reference out where the object is put together.",
        )
        .wants(W::CallOf(&["stringify"]));
    }
    if value.contains("Assignment to constant") || value.contains("invalid assignment to const") {
        return Class::new(
            "constant",
            "a constant is assigned to",
            "Declare it with `let`, or use another name.",
        )
        .here();
    }
    if value.contains("Reduce of empty array") || value.contains("reduce of empty array") {
        return Class::new(
            "empty",
            "an empty list is reduced without a first value",
            "Give `reduce` a first value, or look at why the list is empty.",
        )
        .wants(W::CallOf(&["reduce", "reduceRight"]));
    }
    if value.contains("array length") || short == "RangeError" {
        return Class::new(
            "range",
            format!("a number is out of range ({})", shown(value)),
            "The number is negative, too large or none at all; look at where it is reckoned.",
        )
        .wants(W::CallOf(&[
            "Array",
            "repeat",
            "toFixed",
            "toPrecision",
            "toString",
            "fill",
            "toISOString",
            "padStart",
            "padEnd",
            "alloc",
            "normalize",
            "fromCodePoint",
        ]));
    }
    if value.contains("Invalid time value") || value.contains("invalid date") {
        return Class::new(
            "date",
            "a date is none",
            "It was made from a text or number that is no date; look at where that comes from.",
        )
        .wants(W::CallOf(&["toISOString", "format", "toJSON"]));
    }
    if value.contains("Failed to fetch")
        || value.contains("NetworkError")
        || value.contains("Load failed")
        || value.contains("ECONN")
        || value.contains("ETIMEDOUT")
        || value.contains("ENOTFOUND")
    {
        return Class::new("connection", format!("another service could not be reached ({})", shown(value)), "The other side, the network or the address is to be looked at first; the code only if it does not bear this.").wants(W::CallOf(&["fetch", "request", "get", "post", "connect"]));
    }
    if value.starts_with("ENOENT") {
        return Class::new(
            "file_not_found",
            format!("a file is not there ({})", shown(value)),
            "A path is wrong, relative to another folder than thought, or was not made yet.",
        )
        .wants(W::Anything);
    }
    if value.contains("Cannot find module") {
        return Class::new(
            "module_not_found",
            format!("a module is not there ({})", shown(value)),
            "The package is not installed here, or the path is wrong.",
        )
        .wants(W::CallOf(&["require", "import"]))
        .here();
    }
    if value.contains("Invalid regular expression") || value.contains("invalid regexp") {
        return Class::new(
            "regular_expression",
            format!("a pattern cannot be read ({})", shown(value)),
            "The pattern is put together from a text that is to be escaped first.",
        )
        .wants(W::CallOf(&["RegExp", "match", "replace", "search", "split"]));
    }
    if short == "AssertionError" || value.starts_with("Assertion failed") {
        return Class::new("assertion", format!("an assertion does not hold ({})", shown(value)), "The assertion states what its author took for granted; whoever made the values broke it.").wants(W::Anything);
    }
    if short == "UnhandledRejection"
        || value.contains("non-Error")
        || value.contains("Object captured as promise rejection")
    {
        return Class::new("rejection", format!("a promise was refused and nobody listened ({})", shown(value)), "Await the promise within `try`, or give it a `catch`; and reject with an Error, so that there is a stack.").wants(W::Anything);
    }
    if short == "URIError" {
        return Class::new(
            "uri",
            format!("a text is no part of an address ({})", shown(value)),
            "A percent sign stands alone or bytes are no UTF-8; look at where the text comes from.",
        )
        .wants(W::CallOf(&[
            "decodeURIComponent",
            "decodeURI",
            "encodeURIComponent",
            "encodeURI",
        ]));
    }
    if short == "TypeError" {
        return Class::new(
            "type_error",
            format!("a value is of the wrong type ({})", shown(value)),
            "A value is of another type than the code expects; where it was made is what matters.",
        )
        .wants(W::Anything);
    }
    Class::new(
        "raised",
        match value.is_empty() {
            true => format!("`{}` was thrown", shown(ty)),
            false => format!("`{}` was thrown: {}", shown(ty), shown(value)),
        },
        "It was thrown on purpose: the condition that led there says what was expected.",
    )
    .wants(W::Anything)
}

/// A property of undefined or null.
fn of_nothing(value: &str) -> Option<Class> {
    let set = value.contains("(setting '") || value.starts_with("Cannot set propert");
    let property = between(value, "(reading '", "'")
        .or_else(|| between(value, "(setting '", "'"))
        .or_else(|| between(value, "Cannot read property '", "'"))
        .or_else(|| between(value, "Cannot set property '", "'"))
        .or_else(|| between(value, "can't access property \"", "\""))
        .or_else(|| between(value, "Cannot destructure property '", "'"))
        .or_else(|| between(value, "(evaluating '", "'").map(|path| last(&path)));
    let is_nothing = ["undefined", "null"].iter().any(|nothing| {
        value.contains(&format!("of {nothing}"))
            || value.contains(&format!("is {nothing}"))
            || value.contains(&format!("{nothing} is not an object"))
    });
    if value.starts_with("Cannot convert undefined or null")
        || value.contains("can't convert") && value.contains("to object")
    {
        return Some(
            Class::new(
                "nothing_to_object",
                "the keys or entries are taken of undefined or null",
                NOTHING,
            )
            .wants(W::CallOf(&[
                "keys",
                "values",
                "entries",
                "assign",
                "from",
                "getOwnPropertyNames",
                "setPrototypeOf",
                "getPrototypeOf",
            ])),
        );
    }
    if !is_nothing
        || property.is_none() && !value.ends_with("is undefined") && !value.ends_with("is null")
    {
        return None;
    }
    // Firefox: `order is undefined`
    if property.is_none() {
        let name = before(value, " is ").filter(|name| !name.contains(' '))?;
        return Some(
            Class::new(
                "property_of_nothing",
                format!("`{name}` is undefined or null where an object was expected"),
                NOTHING,
            )
            .wants(W::Name(Some(last(&name)))),
        );
    }
    let name = property.clone().unwrap_or_default();
    let nothing = if value.contains("null") { "null" } else { "undefined" };
    let verb = if set { "set on" } else { "read of" };
    Some(
        Class::new(
            "property_of_nothing",
            format!("`{name}` is {verb} something that is {nothing}"),
            NOTHING,
        )
        .wants(W::Attribute(property)),
    )
}

/// Something that is not what it should be.
fn not_a(value: &str) -> Option<Class> {
    let named = |mark: &str| {
        before(value, mark).map(|path| path.trim_start_matches("TypeError").trim().to_owned())
    };
    if value.contains(" is not a function") {
        let path = named(" is not a function");
        let path = between(value, "(In '", "(").or(path)?;
        let name = last(&path);
        return Some(Class::new("not_a_function", format!("`{path}` is called and is no function"), "The name is misspelt, the object is of another type than thought, an import gives something else, or the property was never set.")
            .wants(W::Call(Some(name.clone())))
            .lacks(Some(name)));
    }
    if value.contains(" is not a constructor") {
        let name = named(" is not a constructor").map(|path| last(&path));
        return Some(Class::new("not_a_constructor", format!("something is made with `new` that cannot be ({})", shown(value)), "An import gives something else than the class: its default, its namespace, or nothing.").wants(W::Call(name)));
    }
    if value.contains("is not iterable")
        || value.contains("undefined is not a function (near")
        || value.contains("object is not iterable")
    {
        return Some(
            Class::new(
                "not_iterable",
                format!("something is run over or taken apart that cannot be ({})", shown(value)),
                NOTHING,
            )
            .wants(W::Iterate),
        );
    }
    if value.contains("Cannot use 'in' operator") {
        return Some(
            Class::new("operand_types", "`in` looks into something that is no object", NOTHING)
                .wants(W::Operator(vec!["in".to_owned()])),
        );
    }
    if value.contains("instanceof") {
        return Some(
            Class::new(
                "operand_types",
                "the right side of `instanceof` is no class",
                "An import gives something else than the class.",
            )
            .wants(W::Operator(vec!["instanceof".to_owned()])),
        );
    }
    if value.contains("Cannot mix BigInt") {
        return Some(
            Class::new(
                "operand_types",
                "a BigInt and a number are mixed",
                "Turn one of them into the other.",
            )
            .wants(W::Operator(Vec::new())),
        );
    }
    None
}

/// Names that are not there.
fn names(value: &str) -> Option<Class> {
    let undefined = value
        .contains(" is not defined")
        .then(|| before(value, " is not defined"))
        .flatten()
        .or_else(|| between(&format!("{value}\n"), "Can't find variable: ", "\n"));
    if let Some(name) = undefined {
        return Some(Class::new("undefined_name", format!("the name `{name}` is not defined"), "It is misspelt, not imported, or belongs to another environment (a browser's in Node, or the other way round).").wants(W::Name(Some(name))).here());
    }
    let early = between(value, "Cannot access '", "' before")
        .or_else(|| between(value, "lexical declaration '", "'"))?;
    Some(
        Class::new(
            "used_before_declared",
            format!("`{early}` is used before its declaration has run"),
            "Move the declaration up; with modules, look for imports that go in a circle.",
        )
        .wants(W::Name(Some(early)))
        .here(),
    )
}
