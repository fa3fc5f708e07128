//! Tells cargo which folders are embedded in the binary, so that a file added to one rebuilds it.

fn main() {
    for folder in ["agents", "demo", "migrations", "web/static"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
