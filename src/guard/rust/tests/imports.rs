use super::Expected::{Import, Other, Style};
use super::check;

#[test]
fn imports_that_only_move_are_proved() {
    check(&[
        ("reorder", "use b::B;\nuse a::A;\nfn f() {}", "use a::A;\nuse b::B;\nfn f() {}", Import),
        ("merge", "use a::B;\nuse a::C;\n", "use a::{B, C};\n", Import),
        ("split", "use a::{B, c::{D, E}};\n", "use a::B;\nuse a::c::D;\nuse a::c::E;\n", Import),
        ("order in a group", "use a::{C, B};\n", "use a::{B, C};\n", Import),
        ("needless braces", "use a::{B};\n", "use a::B;\n", Import),
        ("with self", "use a::{B, self};\n", "use a::{self, B};\n", Import),
        ("with an alias", "use b::B;\nuse a::A as C;\n", "use a::A as C;\nuse b::B;\n", Import),
        ("past a glob", "use super::*;\nuse a::A;\n", "use a::A;\nuse super::*;\n", Import),
        ("past an item", "fn f() {}\nuse a::A;\n", "use a::A;\nfn f() {}\n", Import),
        ("past a public one", "pub use b::B;\nuse a::A;\n", "use a::A;\npub use b::B;\n", Import),
        (
            "in an inline module",
            "mod m {\n    use b::B;\n    use a::A;\n}",
            "mod m {\n    use a::A;\n    use b::B;\n}",
            Import,
        ),
        (
            "in a block",
            "fn f() {\n    use b::B;\n    use a::A;\n    A + B\n}",
            "fn f() {\n    use a::A;\n    use b::B;\n    A + B\n}",
            Import,
        ),
        (
            "with layout",
            "use b::B;\nuse a::A;\nfn f(){}",
            "use a::A;\nuse b::B;\n\nfn f() {}\n",
            Import,
        ),
        (
            "trait without a name",
            "use b::B;\nuse a::A as _;\n",
            "use a::A as _;\nuse b::B;\n",
            Import,
        ),
        ("only white space", "use  a::A;\n", "use a::A;\n", Style),
        ("raw name", "use b::r#type;\nuse a::A;\n", "use a::A;\nuse b::r#type;\n", Import),
        ("leading colons", "use b::B;\nuse ::a::A;\n", "use ::a::A;\nuse b::B;\n", Import),
    ]);
}

#[test]
fn imports_that_may_mean_something_else_are_not_proved() {
    check(&[
        ("prelude name", "fn f() {}", "use my::Vec as Vec;\nfn f() {}", Other),
        ("prelude function", "fn f() {}", "use std::mem::forget as drop;\nfn f() {}", Other),
        ("glob added", "fn f() {}", "use my::*;\nfn f() {}", Other),
        ("glob removed", "use my::*;\nfn f() {}", "fn f() {}", Other),
        ("globs swapped", "use a::*;\nuse b::*;\n", "use b::*;\nuse a::*;\n", Other),
        ("glob to list", "use a::*;\n", "use a::{B, C};\n", Other),
        ("list to glob", "use a::{B, C};\n", "use a::*;\n", Other),
        ("macro named println", "fn f() {}", "use my::println;\nfn f() {}", Other),
        ("trait without a name added", "fn f() {}", "use my::Trait as _;\nfn f() {}", Other),
        ("trait without a name removed", "use my::Trait as _;\nfn f() {}", "fn f() {}", Other),
        ("used trait removed", "use my::Trait;\nfn f() { 1.go() }", "fn f() { 1.go() }", Other),
        ("unused one removed without facts", "use std::fmt;\nfn f() {}", "fn f() {}", Other),
        (
            "one added without facts",
            "fn f() { HashMap::new() }",
            "use std::collections::HashMap;\nfn f() { HashMap::new() }",
            Other,
        ),
        ("aliases swapped", "use a::{B as C, D as E};\n", "use a::{B as E, D as C};\n", Other),
        ("alias added", "use a::B;\n", "use a::B as C;\n", Other),
        ("alias to nothing", "use a::B;\n", "use a::B as _;\n", Other),
        ("crate to self", "use crate::a::B;\n", "use self::a::B;\n", Other),
        ("crate to super", "use crate::a::B;\n", "use super::a::B;\n", Other),
        ("leading colons away", "use ::a::B;\n", "use a::B;\n", Other),
        ("core to std", "use core::fmt;\n", "use std::fmt;\n", Other),
        ("self in braces", "use a::f::{self};\n", "use a::f;\n", Other),
        ("self in braces merged", "use a::f;\nuse a::f::B;\n", "use a::f::{self, B};\n", Other),
        ("from module to block", "use a::B;\nfn f() { B }\n", "fn f() { use a::B; B }\n", Other),
        (
            "from one block to another",
            "fn f() { use a::B; B } fn g() { use c::B; B }",
            "fn f() { use c::B; B } fn g() { use a::B; B }",
            Other,
        ),
        (
            "from a module to its child",
            "use a::B;\nmod m { use c::D; }",
            "use c::D;\nmod m { use a::B; }",
            Other,
        ),
        (
            "split by cfg",
            "#[cfg(a)]\nuse a::B;\n#[cfg(not(a))]\nuse c::B;\n",
            "#[cfg(a)]\nuse c::B;\n#[cfg(not(a))]\nuse a::B;\n",
            Other,
        ),
        ("cfg removed", "#[cfg(a)]\nuse a::B;\n", "use a::B;\n", Other),
        ("public order", "pub use b::B;\npub use a::A;\n", "pub use a::A;\npub use b::B;\n", Other),
        ("public to private", "pub use b::B;\n", "use b::B;\n", Other),
        ("private to public", "use b::B;\n", "pub use b::B;\n", Other),
        ("public removed", "pub(crate) use b::B;\nfn f() {}", "fn f() {}", Other),
        ("links a crate", "use panic_abort as _;\nfn f() {}", "fn f() {}", Other),
        (
            "derive macro swapped",
            "use a::Derive;\n#[derive(Derive)] struct S;",
            "use b::Derive;\n#[derive(Derive)] struct S;",
            Other,
        ),
        (
            "inside a macro's body",
            "macro_rules! m { () => { use b::B; use a::A; } }",
            "macro_rules! m { () => { use a::A; use b::B; } }",
            Other,
        ),
        (
            "inside a macro's input",
            "m! { use b::B; use a::A; }",
            "m! { use a::A; use b::B; }",
            Other,
        ),
        (
            "under an attribute macro",
            "#[my::attr] mod m { use b::B; use a::A; }",
            "#[my::attr] mod m { use a::A; use b::B; }",
            Other,
        ),
        ("orphaned attribute", "#[cfg(x)]\nuse a::A;\nfn f() {}", "#[cfg(x)]\nfn f() {}", Other),
        (
            "orphaned allow",
            "#[allow(unused)]\nuse a::A;\nuse b::B;\n",
            "#[allow(unused)]\nuse b::B;\nuse a::A;\n",
            Other,
        ),
        (
            "order of extern crates",
            "extern crate a;\nextern crate b;\n",
            "extern crate b;\nextern crate a;\n",
            Other,
        ),
        ("empty group", "use a::{};\nfn f() {}", "fn f() {}", Other),
        (
            "a move with a change of code",
            "use b::B;\nuse a::A;\nfn f() { 1 }",
            "use a::A;\nuse b::B;\nfn f() { 2 }",
            Other,
        ),
        ("twice against once", "use a::A;\nuse a::A;\n", "use a::A;\n", Other),
        (
            "line! moves with imports",
            "use b::B;\nuse a::A;\nfn f() { g(line!()) }",
            "use a::A; use b::B;\nfn f() { g(line!()) }",
            Other,
        ),
    ]);
}
