//! The path of a source file without what is of no use to a reader.

/// Returns the path from its package's folder on: without the folder of cargo's registry, of a git
/// checkout, of the toolchain or of the machine that built the program, which an absolute path has.
pub(super) fn within_package(file: &str) -> &str {
    let is_separator = |c| matches!(c, '/' | '\\');
    let is_absolute = file.starts_with(is_separator) || file.get(1..2) == Some(":");
    if !is_absolute {
        return file;
    }
    let before = |end: usize| file.get(..end).and_then(|path| path.rfind(is_separator));
    let folder = match file.rfind("/src/").max(file.rfind("\\src\\")) {
        Some(sources) => before(sources).or(Some(sources)),
        // Where there are no sources by that name, the folder and the file.
        None => before(file.len()).and_then(before),
    };
    folder.and_then(|at| file.get(at + 1..)).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::within_package;

    #[test]
    fn an_absolute_path_begins_with_its_package() {
        for (file, shown) in [
            ("src/pay.rs", "src/pay.rs"),
            ("crates/shop/src/pay.rs", "crates/shop/src/pay.rs"),
            ("/home/ci/build/shop/src/pay.rs", "shop/src/pay.rs"),
            (
                "/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/hyper-1.12.0/src/client/conn.rs",
                "hyper-1.12.0/src/client/conn.rs",
            ),
            (
                "/root/.cargo/git/checkouts/shop-0a1b/3c4d/src/pay.rs",
                "3c4d/src/pay.rs",
            ),
            (
                "/rustc/59807616e1fa/library/core/src/option.rs",
                "core/src/option.rs",
            ),
            ("C:\\ci\\shop\\src\\pay.rs", "shop\\src\\pay.rs"),
            ("/home/ci/shop/tests/pay.rs", "tests/pay.rs"),
            ("/src/pay/card.rs", "src/pay/card.rs"),
            ("/pay.rs", "/pay.rs"),
            ("", ""),
        ] {
            assert_eq!(within_package(file), shown, "{file}");
        }
    }

    proptest! {
        #[test]
        fn it_is_an_end_of_the_path(file in "[/\\\\]?([a-z.]{0,4}[/\\\\:]|src/){0,8}") {
            prop_assert!(file.ends_with(within_package(&file)));
        }

        #[test]
        fn any_text_is_a_path(file in any::<String>()) {
            let _path = within_package(&file);
        }
    }
}
