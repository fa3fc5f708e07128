use super::Expected::Other;
use super::check;

#[test]
fn white_space_that_a_macro_may_see_is_not_style() {
    let name = "macro_rules! name { ($($t:tt)*) => { stringify!($($t)*) } }\n";
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let with = |call: &str| leak(format!("{name}fn a() {{ b({call}); }}"));
    check(&[
        ("stringify", "fn a() { b(stringify!(a+b)); }", "fn a() { b(stringify!(a + b)); }", Other),
        (
            "stringify, more blanks",
            "fn a() { b(stringify!(a  b)); }",
            "fn a() { b(stringify!(a b)); }",
            Other,
        ),
        (
            "stringify by path",
            "fn a() { b(core::stringify!(a+b)); }",
            "fn a() { b(core::stringify!(a + b)); }",
            Other,
        ),
        (
            "stringify inside println",
            "fn a() { println!(\"{}\", stringify!(a+b)); }",
            "fn a() { println!(\"{}\", stringify!(a + b)); }",
            Other,
        ),
        (
            "stringify in a macro's body",
            "macro_rules! m { () => { stringify!(a+b) } }",
            "macro_rules! m { () => { stringify!(a + b) } }",
            Other,
        ),
        ("own macro that prints", with("name!(a+b)"), with("name!(a + b)"), Other),
        ("own macro's last gap", with("name!(a+b)"), with("name!(a+b )"), Other),
        ("arrow split in input", "fn a() { m!(= >); }", "fn a() { m!(=>); }", Other),
        (
            "arrow split in a matcher",
            "macro_rules! m { (= >) => {1}; (=>) => {2}; }",
            "macro_rules! m { (=>) => {1}; (= >) => {2}; }",
            Other,
        ),
        (
            "and split in println",
            "fn a() { println!(\"{}\", b && c); }",
            "fn a() { println!(\"{}\", b & &c); }",
            Other,
        ),
        ("dbg prints", "fn a() { dbg!(b+c); }", "fn a() { dbg!(b + c); }", Other),
        ("assert prints", "fn a() { assert!(b==c); }", "fn a() { assert!(b == c); }", Other),
        (
            "println of one's own",
            "macro_rules! println { ($($t:tt)*) => { std::print!(stringify!($($t)*)) } }\nfn a() { println!(a+b); }",
            "macro_rules! println { ($($t:tt)*) => { std::print!(stringify!($($t)*)) } }\nfn a() { println!(a + b); }",
            Other,
        ),
        (
            "println imported",
            "use my::println;\nfn a() { println!(a+b); }",
            "use my::println;\nfn a() { println!(a + b); }",
            Other,
        ),
        (
            "println by alias",
            "use my::show as println;\nfn a() { println!(a+b); }",
            "use my::show as println;\nfn a() { println!(a + b); }",
            Other,
        ),
        (
            "println by an unknown glob",
            "use my::*;\nfn a() { println!(a+b); }",
            "use my::*;\nfn a() { println!(a + b); }",
            Other,
        ),
        (
            "println by macro_use",
            "#[macro_use] mod m;\nfn a() { println!(a+b); }",
            "#[macro_use] mod m;\nfn a() { println!(a + b); }",
            Other,
        ),
        (
            "println of a crate",
            "fn a() { my::println!(a+b); }",
            "fn a() { my::println!(a + b); }",
            Other,
        ),
        (
            "std of one's own",
            "use my as std;\nfn a() { std::println!(a+b); }",
            "use my as std;\nfn a() { std::println!(a + b); }",
            Other,
        ),
        (
            "included macros",
            "include!(\"m.rs\");\nfn a() { println!(a+b); }",
            "include!(\"m.rs\");\nfn a() { println!(a + b); }",
            Other,
        ),
        (
            "info of one's own",
            "mod log;\nfn a() { log::info!(\"x\", a+b); }",
            "mod log;\nfn a() { log::info!(\"x\", a + b); }",
            Other,
        ),
        (
            "fields of tracing",
            "use tracing::info;\nfn a() { info!(a.b=1); }",
            "use tracing::info;\nfn a() { info!(a.b = 1); }",
            Other,
        ),
        ("trailing comma for a macro", "fn a() { m!(1, 2); }", "fn a() { m!(1, 2,); }", Other),
        (
            "trailing comma in a tuple for println",
            "fn a() { println!(\"{:?}\", (b,)); }",
            "fn a() { println!(\"{:?}\", (b)); }",
            Other,
        ),
        (
            "trailing comma under an attribute macro",
            "#[my::attr] fn a() { b(1) }",
            "#[my::attr] fn a() { b(1,) }",
            Other,
        ),
        ("unknown attribute", "#[my(a+b)] fn a() {}", "#[my(a + b)] fn a() {}", Other),
        (
            "attribute added by cfg_attr",
            "#[cfg_attr(x, my(a+b))] fn a() {}",
            "#[cfg_attr(x, my(a + b))] fn a() {}",
            Other,
        ),
        ("sensitive to places", "python! {\n  a\n}", "python! {\n    a\n}", Other),
        ("line! moves", "fn a() { b(line!()); }", "\nfn a() { b(line!()); }", Other),
        ("column! moves", "fn a() { b(column!()); }", "fn a() {  b(column!()); }", Other),
        (
            "line! in a macro's body",
            "macro_rules! m { () => { line!() } }\nfn a() { m!(); }",
            "macro_rules! m { () => { line!() } }\n\nfn a() { m!(); }",
            Other,
        ),
        (
            "line! by alias",
            "use std::line as l;\nfn a() { l!(); }",
            "use std::line as l;\n\nfn a() { l!(); }",
            Other,
        ),
        (
            "line! inside a macro",
            "fn a() {\nprintln!(\"{}\", line!()); }",
            "fn a() {\n\nprintln!(\"{}\", line!()); }",
            Other,
        ),
        ("include changed", "include!(\"a.rs\");", "include!(\"b.rs\");", Other),
        (
            "reads itself",
            "const A: &str = include_str!(\"x.rs\");",
            "const A: &str  = include_str!(\"x.rs\");",
            Other,
        ),
        (
            "reads itself by file!",
            "const A: &str = include_str!(file!());",
            "const A: &str  = include_str!(file!());",
            Other,
        ),
    ]);
}
