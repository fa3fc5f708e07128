//! Languages without a file of their own here, and frames of no known language: Elixir, Erlang, Dart,
//! Lua, Perl, …

use std::borrow::Cow;

use super::text::{components, without_count};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Generic;

/// Names that say that there is none.
const NAMELESS: &[&str] =
    &["?", "??", "<unknown>", "unknown", "<anonymous>", "anonymous", "__ANON__", "main chunk"];

/// Folders that hold what others wrote, in some language or other.
const FOREIGN: &[&str] =
    &["node_modules", "site-packages", "dist-packages", ".pub-cache", "vendor", "gems", "deps"];

impl Dialect for Generic {
    fn by_path(&self, path: &str) -> Option<Origin> {
        // `dart:async`, `package:flutter/src/widgets/framework.dart`, `(elixir 1.15.7) lib/enum.ex`
        if path.starts_with("dart:") || path.starts_with("(elixir ") || path.starts_with("(stdlib ")
        {
            return Some(Origin::Machinery);
        }
        if path.starts_with("package:flutter/")
            || path.starts_with("/usr/share/lua/")
            || path.starts_with("/usr/share/perl")
        {
            return Some(Origin::Library);
        }
        components(path).any(|part| FOREIGN.contains(&part)).then_some(Origin::Library)
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let name = frame.function.as_deref()?;
        matches!(name, "<asynchronous suspension>" | "<fn>" | "[C]").then_some(Origin::Machinery)
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let mut name = name;
        // Elixir: `anonymous fn/1 in Shop.Cart.total/2`; Dart: `Cart.total.<anonymous closure>`
        if name.starts_with("anonymous fn/")
            && let Some((_, outer)) = name.split_once(" in ")
        {
            name = outer;
        }
        while let Some(outer) = name.strip_suffix(".<anonymous closure>") {
            name = outer;
        }
        // Erlang: `-total/2-fun-0-`
        if let Some((outer, _)) = name.strip_prefix('-').and_then(|rest| rest.split_once("-fun-")) {
            name = outer;
        }
        // Lua: `in upvalue 'total'`, `function 'total'`
        if let Some((_, quoted)) = name.split_once(" '")
            && let Some((inner, "")) = quoted.rsplit_once('\'')
        {
            name = inner;
        }
        // Perl: `Shop::Cart::__ANON__`
        name = name.strip_suffix("::__ANON__").unwrap_or(name);
        for mark in ["$", "@", "#"] {
            name = without_count(name, mark);
        }
        if NAMELESS.contains(&name) || name.starts_with("0x") {
            return Cow::Borrowed("");
        }
        // `function <cart.lua:12>` has no name but a line.
        if name.contains(['<', '(']) && name.contains(':') && !name.contains("::") {
            return Cow::Owned(without_line_number(name));
        }
        Cow::Borrowed(name)
    }

    fn is_qualified(&self, function: &str) -> bool {
        function.contains("::") || function.contains('.')
    }
}

/// `function <cart.lua>` of `function <cart.lua:12>`.
fn without_line_number(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut digits_of_line = false;
    for (at, c) in name.char_indices() {
        if c == ':' && name[at + 1..].starts_with(|next: char| next.is_ascii_digit()) {
            digits_of_line = true;
        } else if !(digits_of_line && c.is_ascii_digit()) {
            digits_of_line = false;
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, origins, same};

    #[test]
    fn names_lose_what_was_made_up() {
        functions(
            &Generic,
            &[
                ("Shop.Cart.total/2", "Shop.Cart.total/2"),
                ("anonymous fn/1 in Shop.Cart.total/2", "Shop.Cart.total/2"),
                ("-total/2-fun-0-", "total/2"),
                ("Cart.total.<anonymous closure>.<anonymous closure>", "Cart.total"),
                ("in upvalue 'total'", "total"),
                ("function <cart.lua:12>", "function <cart.lua>"),
                ("Shop::Cart::__ANON__", "Shop::Cart"),
                ("_Cart@12345", "_Cart"),
                ("??", ""),
                ("0x7fff1234", ""),
            ],
        );
    }

    #[test]
    fn the_place_tells_whose_code_it_is() {
        origins(
            "elixir",
            &[
                (frame("Shop.Cart.total/2", "Shop.Cart", "lib/shop/cart.ex"), Origin::App),
                (
                    frame("Ecto.Repo.one/2", "Ecto.Repo", "deps/ecto/lib/ecto/repo.ex"),
                    Origin::Library,
                ),
                (frame("Enum.map/2", "Enum", "(elixir 1.15.7) lib/enum.ex"), Origin::Machinery),
                (frame("run", "", "dart:async/zone.dart"), Origin::Machinery),
            ],
        );
        same("other", &[frame("total", "", "/a/cart.x"), frame("total", "", "/b/cart.x")]);
        differ("other", &frame("total", "", "/a/cart.x"), &frame("total", "", "/a/tax.x"));
        differ("other", &frame("load", "", "cart.x"), &frame("save", "", "cart.x"));
    }
}
