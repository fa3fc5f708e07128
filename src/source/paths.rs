//! Where a frame's path points in the repository. Frames carry paths of the machine that built the
//! program (`/build/shop/orders/src/cart.rs`, `C:\w\orders\src\cart.rs`, `./src/cart.rs`); the
//! repository knows its own.

/// More candidates than this are not worth ranking.
const MAX_CANDIDATES: usize = 16;

/// The repository's file that a frame's path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located<'a> {
    /// This one.
    One(&'a str),
    /// Any of these, equally well; in the order of the listing.
    Several(Vec<&'a str>),
    /// None.
    Nowhere,
}

impl<'a> Located<'a> {
    /// The file, if there is exactly one.
    pub fn one(&self) -> Option<&'a str> {
        match self {
            Located::One(path) => Some(path),
            _ => None,
        }
    }
}

/// Finds `frame_path` among `paths`: the listed path that is the longest tail of it; else the listed
/// path of which it is the tail; else the one that shares the longest tail (two names at least).
/// `krate`, the crate's name as the frame's function gives it, decides between equals.
pub fn locate<'a>(paths: &'a [String], frame_path: &str, krate: Option<&str>) -> Located<'a> {
    let wanted = names(frame_path);
    let Some(last) = wanted.last() else { return Located::Nowhere };
    let mut best_rank = (0, 0);
    let mut best: Vec<&'a str> = Vec::new();
    for path in paths {
        // Most paths differ in the last name; comparing it first keeps this cheap on big repositories.
        if !path.ends_with(last.as_str()) {
            continue;
        }
        let have: Vec<&str> = path.split('/').collect();
        let shared =
            have.iter().rev().zip(wanted.iter().rev()).take_while(|(a, b)| *a == b).count();
        let rank = match shared {
            0 => continue,
            n if n == have.len() => (3, n),
            n if n == wanted.len() => (2, n),
            1 => continue,
            n => (1, n),
        };
        if rank > best_rank {
            best_rank = rank;
            best.clear();
        }
        if rank == best_rank && best.len() < MAX_CANDIDATES {
            best.push(path);
        }
    }
    if best.len() > 1
        && let Some(krate) = krate
    {
        let of_crate: Vec<&str> =
            best.iter().copied().filter(|path| lies_in_crate(path, krate)).collect();
        if !of_crate.is_empty() {
            best = of_crate;
        }
    }
    match best.as_slice() {
        [] => Located::Nowhere,
        [one] => Located::One(one),
        _ => Located::Several(best),
    }
}

fn lies_in_crate(path: &str, krate: &str) -> bool {
    path.split('/').any(|name| name.replace('-', "_") == krate)
}

/// The names of a path, without `.`, with `..` taken back, drive letters and roots left out.
fn names(path: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in path.split(['/', '\\']) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            _ if name.ends_with(':') => {}
            _ => names.push(name.to_owned()),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn every_form_of_a_path_finds_its_file() {
        let paths = list(&["Cargo.toml", "desk/src/main.rs", "orders/src/cart.rs", "src/lib.rs"]);
        for path in [
            "orders/src/cart.rs",
            "./orders/src/cart.rs",
            "/build/shop/orders/src/cart.rs",
            "C:\\w\\shop\\orders\\src\\cart.rs",
            "orders\\src\\cart.rs",
            "/build/shop/desk/../orders/./src/cart.rs",
            "src/cart.rs",
            "/elsewhere/orders-1.0/src/cart.rs",
        ] {
            assert_eq!(locate(&paths, path, None), Located::One("orders/src/cart.rs"), "{path}");
        }
        assert_eq!(locate(&paths, "/a/src/lib.rs", None), Located::One("src/lib.rs"));
        assert_eq!(locate(&paths, "/a/other.rs", None), Located::Nowhere);
        assert_eq!(
            locate(&paths, "/x/y/cart.rs", None),
            Located::Nowhere,
            "only the name is shared"
        );
        assert_eq!(locate(&paths, "", None), Located::Nowhere);
        assert_eq!(locate(&paths, "../../..", None), Located::Nowhere);
    }

    #[test]
    fn equals_are_told_apart_by_the_crate_or_not_at_all() {
        let paths = list(&["crates/desk-app/src/main.rs", "crates/till/src/main.rs"]);
        assert_eq!(
            locate(&paths, "src/main.rs", Some("desk_app")),
            Located::One("crates/desk-app/src/main.rs")
        );
        assert!(
            matches!(locate(&paths, "src/main.rs", None), Located::Several(both) if both.len() == 2)
        );
        let nested = list(&["demo/src/lib.rs", "src/lib.rs"]);
        assert_eq!(locate(&nested, "/w/app/src/lib.rs", None), Located::One("src/lib.rs"));
        assert_eq!(
            locate(&nested, "/w/app/demo/src/lib.rs", None),
            Located::One("demo/src/lib.rs")
        );
    }
}
