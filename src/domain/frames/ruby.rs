//! Ruby.
//!
//! Since Ruby 3.4 a frame's label has its class (`Cart#total`), before it had not (`total`): the file
//! and the bare name count, so that the language may be upgraded.

use std::borrow::Cow;

use super::text::{components, is_number};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Ruby;

/// What stands before the name of the method around.
const WITHIN: &[&str] = &["block", "rescue", "ensure"];

impl Dialect for Ruby {
    fn by_path(&self, path: &str) -> Option<Origin> {
        if path.starts_with("<internal:") {
            return Some(Origin::Machinery);
        }
        let mut place = None;
        let mut before = "";
        for part in components(path) {
            if part.starts_with("sentry-") && place.is_some() {
                return Some(Origin::Machinery);
            }
            match (before, part) {
                (_, "gems" | "rubygems" | ".bundle") | ("lib", "ruby") | ("vendor", "bundle") => {
                    place = Some(Origin::Library);
                }
                _ => {}
            }
            before = part;
        }
        place
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let module = frame.module.as_deref()?;
        module.starts_with("Sentry::").then_some(Origin::Machinery)
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let mut name = name;
        'around: loop {
            for word in WITHIN {
                let Some(rest) = name.strip_prefix(word).and_then(|rest| rest.strip_prefix(' '))
                else {
                    continue;
                };
                // `block (2 levels) in total`
                let rest = match rest.starts_with('(') {
                    true => rest.split_once(") ").map_or(rest, |(_, rest)| rest),
                    false => rest,
                };
                if let Some(inner) = rest.strip_prefix("in ") {
                    name = inner;
                    continue 'around;
                }
            }
            break;
        }
        if matches!(name, "<unknown>" | "?" | "block") {
            return Cow::Borrowed("");
        }
        if name.starts_with('<') {
            return Cow::Borrowed(name);
        }
        // `Shop::Cart#total`, `Shop::Cart.find`
        if let Some(at) = name.rfind(['#', '.'])
            && at + 1 < name.len()
        {
            name = &name[at + 1..];
        }
        Cow::Borrowed(without_template_numbers(name))
    }

    fn prefers_file(&self) -> bool {
        true
    }
}

/// `_app_views_cart_html_erb` of `_app_views_cart_html_erb___4567_890`.
fn without_template_numbers(name: &str) -> &str {
    let mut short = name;
    while let Some((rest, last)) = short.rsplit_once('_')
        && (is_number(last) || last.is_empty())
        && name.starts_with('_')
    {
        short = rest;
    }
    if short.is_empty() { name } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, origins, same};

    #[test]
    fn methods_lose_what_the_interpreter_made_up() {
        functions(
            &Ruby,
            &[
                ("total", "total"),
                ("block in total", "total"),
                ("block (2 levels) in total", "total"),
                ("rescue in block in total", "total"),
                ("ensure in total", "total"),
                ("Shop::Cart#total", "total"),
                ("block in Shop::Cart#total", "total"),
                ("Shop::Cart.find", "find"),
                ("block in <class:Cart>", "<class:Cart>"),
                ("<top (required)>", "<top (required)>"),
                ("<main>", "<main>"),
                ("_app_views_cart_show_html_erb___4567_890", "_app_views_cart_show_html_erb"),
                ("valid?", "valid?"),
                ("step_2", "step_2"),
            ],
        );
    }

    #[test]
    fn the_place_tells_whose_code_it_is() {
        origins(
            "ruby",
            &[
                (frame("total", "", "/srv/shop/app/models/cart.rb"), Origin::App),
                (frame("total", "", "/srv/lib/rubyshop/cart.rb"), Origin::App),
                (
                    frame("call", "", "/usr/lib/ruby/gems/3.3.0/gems/rack-3.0/lib/rack.rb"),
                    Origin::Library,
                ),
                (frame("call", "", "/srv/shop/vendor/bundle/ruby/3.3.0/x.rb"), Origin::Library),
                (frame("each", "", "/usr/lib/ruby/3.3.0/set.rb"), Origin::Library),
                (frame("tap", "", "<internal:kernel>"), Origin::Machinery),
                (frame("capture", "", "/x/gems/sentry-ruby-5.17/lib/hub.rb"), Origin::Machinery),
            ],
        );
    }

    #[test]
    fn versions_of_ruby_and_deploys_make_no_difference() {
        same(
            "ruby",
            &[
                frame("block in total", "", "/srv/releases/20261121/app/models/cart.rb"),
                frame("Shop::Cart#total", "", "/app/app/models/cart.rb"),
                frame("total", "Shop::Cart", "/home/a/shop/app/models/cart.rb"),
            ],
        );
        differ(
            "ruby",
            &frame("show", "", "app/a_controller.rb"),
            &frame("show", "", "app/b_controller.rb"),
        );
        differ("ruby", &frame("load", "", "cart.rb"), &frame("save", "", "cart.rb"));
    }
}
