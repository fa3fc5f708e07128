//! `use` items, taken apart into what each of them binds.

use std::ops::Range;

use syn::{ItemUse, UseTree, Visibility};

/// One binding of a `use` item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The whole path, with its leading `::`; a path in braces that ends in `self` keeps that `self`.
    pub(super) path: String,
    /// The name after `as`.
    pub(super) alias: Option<String>,
    /// The bytes of its last segment, with the alias.
    pub(super) bytes: Range<usize>,
}

impl Leaf {
    /// The name that the leaf binds; `_`, `*` or empty where it binds none.
    pub(super) fn name(&self) -> &str {
        if let Some(alias) = &self.alias {
            return alias;
        }
        let path = self.path.strip_suffix("::{self}").unwrap_or(&self.path);
        path.rsplit("::").next().unwrap_or("")
    }

    /// Whether the leaf imports everything.
    pub(super) fn is_glob(&self) -> bool {
        self.path.ends_with('*')
    }

    /// What must be the same for two leaves to be the same import.
    pub(super) fn key(&self) -> (&str, Option<&str>) {
        (&self.path, self.alias.as_deref())
    }

    /// As a reader would write it.
    pub(super) fn shown(&self) -> String {
        match &self.alias {
            Some(alias) => format!("{} as {alias}", self.path),
            None => self.path.clone(),
        }
    }
}

/// One `use` item.
#[derive(Clone, Debug)]
pub(super) struct UseItem {
    /// Index of its scope.
    pub(super) scope: usize,
    /// Its tokens, with attributes and semicolon.
    pub(super) tokens: Range<usize>,
    /// Private and without attributes, so that its order and grouping mean nothing.
    pub(super) movable: bool,
    /// What it binds.
    pub(super) leaves: Vec<Leaf>,
}

/// Takes a `use` item apart, whose text was parsed from the byte `first_byte` on.
pub(super) fn read(
    item: &ItemUse,
    scope: usize,
    tokens: Range<usize>,
    first_byte: usize,
) -> UseItem {
    let mut leaves = Vec::new();
    let prefix = if item.leading_colon.is_some() { "::" } else { "" };
    walk(&item.tree, prefix, false, &mut leaves);
    for leaf in &mut leaves {
        leaf.bytes = leaf.bytes.start + first_byte..leaf.bytes.end + first_byte;
    }
    let movable = item.attrs.is_empty() && matches!(item.vis, Visibility::Inherited);
    UseItem { scope, tokens, movable, leaves }
}

fn walk(tree: &UseTree, prefix: &str, in_group: bool, leaves: &mut Vec<Leaf>) {
    match tree {
        UseTree::Path(path) => {
            walk(&path.tree, &format!("{prefix}{}::", path.ident), false, leaves);
        }
        UseTree::Name(name) => leaves.push(Leaf {
            path: joined(prefix, &name.ident.to_string(), in_group),
            alias: None,
            bytes: name.ident.span().byte_range(),
        }),
        UseTree::Rename(rename) => leaves.push(Leaf {
            path: joined(prefix, &rename.ident.to_string(), in_group),
            alias: Some(rename.rename.to_string()),
            bytes: rename.ident.span().byte_range().start..rename.rename.span().byte_range().end,
        }),
        UseTree::Glob(glob) => leaves.push(Leaf {
            path: format!("{prefix}*"),
            alias: None,
            bytes: glob.star_token.span.byte_range(),
        }),
        UseTree::Group(group) => {
            if group.items.is_empty() {
                let span = group.brace_token.span;
                leaves.push(Leaf {
                    path: format!("{prefix}{{}}"),
                    alias: None,
                    bytes: span.open().byte_range().start..span.close().byte_range().end,
                });
            }
            for inner in &group.items {
                walk(inner, prefix, true, leaves);
            }
        }
    }
}

fn joined(prefix: &str, name: &str, in_group: bool) -> String {
    match name {
        "self" if in_group && !prefix.is_empty() => format!("{prefix}{{self}}"),
        _ => format!("{prefix}{name}"),
    }
}
