//! The stylesheet, the script and the icons, compiled into the binary.

use std::borrow::Cow;

use rust_embed::RustEmbed;

/// Hexadecimal digits of a file's hash in its address and its `ETag`.
const HASH_DIGITS: usize = 16;

#[derive(RustEmbed)]
#[folder = "web/static/"]
struct Static;

/// A file to serve under `/gui/static/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The file's bytes.
    pub bytes: Cow<'static, [u8]>,
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// Hexadecimal digits that change when the bytes do: for the `ETag` header (in quotes) and `?v=`.
    pub hash: String,
}

/// The file with this name, e.g. `style.css`. `None` if there is none, or none of a kind that is served.
pub fn asset(path: &str) -> Option<Asset> {
    let content_type = content_type(path)?;
    let file = Static::get(path)?;
    let hash = short_hash(&file.metadata);
    Some(Asset { bytes: file.data, content_type, hash })
}

/// The address of a file, with its hash, so that it can be cached for ever:
/// `/gui/static/style.css?v=0123456789abcdef`. Without a hash if there is no such file.
pub fn url(path: &str) -> String {
    match Static::get(path) {
        Some(file) => format!("/gui/static/{path}?v={}", short_hash(&file.metadata)),
        None => format!("/gui/static/{path}"),
    }
}

fn short_hash(metadata: &rust_embed::Metadata) -> String {
    let mut digits = hex::encode(metadata.sha256_hash());
    digits.truncate(HASH_DIGITS);
    digits
}

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_the_script_and_the_icon_are_in_the_binary() {
        for (name, kind) in
            [("style.css", "text/css"), ("app.js", "text/javascript"), ("icon.svg", "image/svg")]
        {
            let asset = asset(name).unwrap_or_else(|| panic!("{name} is missing"));
            assert!(asset.content_type.starts_with(kind), "{name}: {}", asset.content_type);
            assert!(!asset.bytes.is_empty());
            assert_eq!(url(name), format!("/gui/static/{name}?v={}", asset.hash));
            assert_eq!(asset.hash.len(), HASH_DIGITS);
        }
    }

    #[test]
    fn what_is_not_there_is_not_served() {
        for name in ["", "..", "../../Cargo.toml", "/etc/passwd", "style", "none.css"] {
            assert_eq!(asset(name), None, "{name}");
        }
    }
}
