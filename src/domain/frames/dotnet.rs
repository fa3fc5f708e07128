//! .NET: C#, F#, Visual Basic, Unity.
//!
//! The compiler turns lambdas, iterators and `async` methods into classes of their own:
//! `Cart+<TotalAsync>d__4.MoveNext` is `Cart.TotalAsync`.

use std::borrow::Cow;

use super::text::{is_number, is_within};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct DotNet;

/// Namespaces of widely used libraries.
const LIBRARIES: &[&str] = &[
    "Microsoft",
    "Newtonsoft",
    "Npgsql",
    "Dapper",
    "Serilog",
    "NLog",
    "Polly",
    "MediatR",
    "AutoMapper",
    "FluentValidation",
    "Grpc",
    "Xunit",
    "NUnit",
    "Castle",
    "Autofac",
    "Hangfire",
    "MassTransit",
    "MySqlConnector",
    "StackExchange",
    "UnityEngine",
    "UnityEditor",
    "Cysharp",
];

/// Namespaces of the runtime and of the reporting SDK.
const MACHINERY: &[&str] = &["System", "Sentry", "Mono", "mscorlib", "MS.Internal", "Internal"];

/// The method that runs the body of an iterator or an `async` method.
const STEP: &str = "MoveNext";

impl Dialect for DotNet {
    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let module = frame.module.as_deref().filter(|name| !name.is_empty());
        let name = module.or(frame.function.as_deref())?;
        if MACHINERY.iter().any(|root| is_within(name, root, ".")) {
            return Some(Origin::Machinery);
        }
        LIBRARIES.iter().any(|root| is_within(name, root, ".")).then_some(Origin::Library)
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if matches!(name, "<unknown>" | "?") {
            return Cow::Borrowed("");
        }
        if name == STEP {
            // The class has the name; see `module`.
            return Cow::Borrowed("");
        }
        if !name.contains(['<', '(', '[', '`', '+', ' ', '|']) {
            let counted = name.strip_prefix("lambda_method").is_some_and(is_number);
            return Cow::Borrowed(if counted { "lambda_method" } else { name });
        }
        let own = clean(name);
        let own = own.strip_suffix(STEP).map_or(&*own, |rest| rest.trim_end_matches('.'));
        Cow::Owned(own.to_owned())
    }

    fn module<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.contains(['<', '[', '`', '+', ',']) {
            Cow::Owned(clean(name.split(", ").next().unwrap_or_default()))
        } else {
            Cow::Borrowed(name)
        }
    }

    fn error_type<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.module(name)
    }

    fn is_named_by_class(&self, function: &str) -> bool {
        function == STEP
    }

    fn is_qualified(&self, function: &str) -> bool {
        function.contains('.')
    }
}

/// A name of classes and methods with what the compiler made up taken out or replaced by the name of
/// the method that it was made from.
fn clean(name: &str) -> String {
    let name = signature(name);
    let mut out = String::with_capacity(name.len());
    for part in split_classes(name) {
        let (mark, part) = part;
        let Some(own) = own_name(part) else { continue };
        if out.ends_with(own) && mark.is_some() && is_made_up(part) {
            // `<Total>g__Round|0_0` within `<Total>d__4`: the same method once.
            continue;
        }
        if !out.is_empty() && !out.ends_with('.') {
            out.push('.');
        }
        out.push_str(own);
    }
    if out.is_empty() { "lambda".to_owned() } else { out }
}

/// `OrderService.Load` of `async Task<int> OrderService.Load(int id)+(x) => { }`.
fn signature(name: &str) -> &str {
    let end = match name.find('(') {
        Some(0) | None => name.len(),
        Some(at) => at,
    };
    let name = name[..end].trim_end();
    let mut depth = 0usize;
    let mut start = 0;
    for (at, c) in name.char_indices() {
        match c {
            '<' | '[' => depth += 1,
            '>' | ']' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => start = at + 1,
            _ => {}
        }
    }
    &name[start..]
}

/// Splits at `.` and `+` outside brackets; gives what stands before each part.
fn split_classes(name: &str) -> Vec<(Option<char>, &str)> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut mark) = (0usize, 0, None);
    for (at, c) in name.char_indices() {
        match c {
            '<' | '[' => depth += 1,
            '>' | ']' => depth = depth.saturating_sub(1),
            '.' | '+' if depth == 0 => {
                parts.push((mark, &name[start..at]));
                (start, mark) = (at + 1, Some(c));
            }
            _ => {}
        }
    }
    parts.push((mark, &name[start..]));
    parts
}

fn is_made_up(part: &str) -> bool {
    part.starts_with('<')
}

/// The name that somebody wrote, of one part; `None` if nobody did.
fn own_name(part: &str) -> Option<&str> {
    if !is_made_up(part) {
        // `List`1`, `Get[T]`, `ctor`
        let part = part.split(['`', '[', '<']).next().unwrap_or_default();
        return (!part.is_empty()).then_some(part);
    }
    // `<Total>b__0_1`, `<Total>d__4`, `<>c__DisplayClass3_0`, `<Main>$`, `<<Total>b__0>d`,
    // `<Total>g__Round|3_0`
    if let Some((_, local)) = part.split_once(">g__") {
        let local = local.split(['|', '>']).next().unwrap_or_default();
        return (!local.is_empty()).then_some(local);
    }
    let inner = part.trim_start_matches('<');
    let own = inner.split('>').next().unwrap_or_default();
    (!own.is_empty()).then_some(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, modules, origins, same};

    #[test]
    fn methods_lose_what_the_compiler_made_up() {
        functions(
            &DotNet,
            &[
                ("Total", "Total"),
                (".ctor", ".ctor"),
                ("MoveNext", ""),
                ("<Total>b__0", "Total"),
                ("<Total>b__0_1", "Total"),
                ("<Total>g__Round|3_0", "Round"),
                ("<Main>$", "Main"),
                ("<>c__DisplayClass3_0.<Total>b__0", "Total"),
                ("<TotalAsync>d__4.MoveNext", "TotalAsync"),
                ("Get[T]", "Get"),
                ("Get`1", "Get"),
                ("Cart.Total(Int32 id)", "Cart.Total"),
                ("async Task<int> Cart.TotalAsync(int id)+(x) => { }", "Cart.TotalAsync"),
                ("lambda_method123", "lambda_method"),
            ],
        );
    }

    #[test]
    fn classes_lose_what_the_compiler_made_up() {
        modules(
            &DotNet,
            &[
                ("Shop.Cart", "Shop.Cart"),
                ("Shop.Cart+Line", "Shop.Cart.Line"),
                ("Shop.Cart+<TotalAsync>d__4", "Shop.Cart.TotalAsync"),
                ("Shop.Cart+<>c", "Shop.Cart"),
                ("Shop.Cart+<>c__DisplayClass3_0", "Shop.Cart"),
                ("Shop.Cart+<>c__DisplayClass3_0+<<Total>b__0>d", "Shop.Cart.Total"),
                ("Shop.Repository`1", "Shop.Repository"),
                ("Shop.Repository`1[[Shop.Cart, Shop, Version=1.0.0.0]]", "Shop.Repository"),
                ("Shop.Cart, Shop, Version=1.2.3.4", "Shop.Cart"),
            ],
        );
    }

    #[test]
    fn namespaces_tell_whose_code_it_is() {
        origins(
            "csharp",
            &[
                (frame("Total", "Shop.Cart", "C:\\agent\\_work\\1\\s\\Cart.cs"), Origin::App),
                (frame("Total", "Systematic.Cart", ""), Origin::App),
                (frame("Invoke", "System.Threading.Tasks.Task", ""), Origin::Machinery),
                (frame("System.Linq.Enumerable.First", "", ""), Origin::Machinery),
                (frame("Capture", "Sentry.Hub", ""), Origin::Machinery),
                (
                    frame("Invoke", "Microsoft.AspNetCore.Routing.EndpointMiddleware", ""),
                    Origin::Library,
                ),
            ],
        );
    }

    #[test]
    fn what_async_methods_are_compiled_to_makes_no_difference() {
        same(
            "csharp",
            &[
                frame("MoveNext", "Shop.Cart+<TotalAsync>d__4", "Cart.cs"),
                frame("MoveNext", "Shop.Cart+<TotalAsync>d__11", "Cart.cs"),
                frame("TotalAsync", "Shop.Cart", "Cart.cs"),
                frame("<TotalAsync>b__0_1", "Shop.Cart+<>c", "Cart.cs"),
            ],
        );
        differ(
            "csharp",
            &frame("MoveNext", "Shop.Cart+<LoadAsync>d__4", ""),
            &frame("MoveNext", "Shop.Cart+<SaveAsync>d__4", ""),
        );
        differ("csharp", &frame("Get", "Shop.Cart", ""), &frame("Get", "Shop.Tax", ""));
    }
}
