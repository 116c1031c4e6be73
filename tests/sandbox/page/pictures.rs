//! Screenshots of the page for the documentation.

use std::path::PathBuf;

use super::Shop;
use super::browser::Browser;

/// Takes pictures, each with its name, what it shows of the page, and its width and height, and writes them
/// to the folder that `LOGOUT_PICTURES` names.
pub(super) fn take_pictures<D: logout::Dispatch>(
    browser: &Browser,
    shop: &Shop<D>,
    views: impl IntoIterator<Item = (String, String, (u32, u32))>,
) {
    let kept = std::env::var_os("LOGOUT_PICTURES").map(PathBuf::from);
    let folder = kept
        .clone()
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures"));
    std::fs::create_dir_all(&folder).unwrap();
    let seen = shop.sandbox.requests().len();
    for (name, query, size) in views {
        let file = folder.join(format!("{name}.png"));
        browser.screenshot(&shop.url(&query), size, seen, &file);
        let picture = std::fs::read(&file).unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
        // One colour alone would make a file far smaller than this.
        assert!(picture.len() > 8_000, "{name}: {} bytes", picture.len());
        if kept.is_none() {
            std::fs::remove_file(&file).unwrap();
        }
    }
}
