//! Paths of source files without what only the build machine knows.

use std::borrow::Cow;

/// Folders in which cargo keeps the sources of dependencies, and how many segments after them name
/// the copy and not the package.
const COPIES: [(&str, usize); 2] = [("/registry/src/", 1), ("/git/checkouts/", 2)];

/// Returns the path of a file in its repository. A relative one is returned as it is, since cargo
/// gives those of a workspace from its root; of others, what follows the registry's or the build
/// machine's folders. `\` counts as `/`.
pub(crate) fn in_repository(path: &str) -> Cow<'_, str> {
    if path.contains('\\') {
        Cow::Owned(without_build_folders(&path.replace('\\', "/")).to_owned())
    } else {
        Cow::Borrowed(without_build_folders(path))
    }
}

fn without_build_folders(path: &str) -> &str {
    // Only at slashes, of which there are few: setting up a search for the whole folder costs more.
    let behind = |folder: &str| {
        let mut slashes = path.rmatch_indices('/');
        slashes.find_map(|(at, _)| path.get(at..)?.strip_prefix(folder))
    };
    let copied = COPIES
        .iter()
        .find_map(|(folder, names)| behind(folder)?.splitn(names + 1, '/').nth(*names));
    // The standard library's, after the hash of its commit.
    let of_std = || path.strip_prefix("/rustc/")?.split_once('/');
    if let Some(without_build_folders) =
        copied.or_else(|| of_std().map(|(_, without_build_folders)| without_build_folders))
    {
        return without_build_folders;
    }
    let is_absolute = path.starts_with('/') || path.get(1..3) == Some(":/");
    if !is_absolute {
        return path.strip_prefix("./").unwrap_or(path);
    }
    // From the folder of the package, which holds `src`; else the folder and the file.
    let folder = path.rfind("/src/").or_else(|| path.rfind('/'));
    let before = path.get(..folder.unwrap_or_default()).unwrap_or_default();
    let start = before.rfind('/').map_or(0, |slash| slash + 1);
    let without_build_folders = path.get(start..).unwrap_or_default();
    without_build_folders.trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::in_repository;

    #[test]
    fn what_only_the_build_machine_knows_goes() {
        for (path, file) in [
            ("src/pay.rs", "src/pay.rs"),
            ("crates/pay/src/lib.rs", "crates/pay/src/lib.rs"),
            ("./tests/pay.rs", "tests/pay.rs"),
            (r"crates\pay\src\lib.rs", "crates/pay/src/lib.rs"),
            (
                "/home/ada/code/shop/src/pay/card.rs",
                "shop/src/pay/card.rs",
            ),
            (r"C:\work\shop\src\pay.rs", "shop/src/pay.rs"),
            ("/home/ada/shop/tests/pay.rs", "tests/pay.rs"),
            ("/pay.rs", "pay.rs"),
            ("/src/pay.rs", "src/pay.rs"),
            ("compiler/rustc/src/main.rs", "compiler/rustc/src/main.rs"),
            (
                "/home/ada/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/hyper-1.7.0/src/client/conn.rs",
                "hyper-1.7.0/src/client/conn.rs",
            ),
            (
                "/home/ada/.cargo/git/checkouts/till-4f1c/9ab31f0/crates/drawer/src/lib.rs",
                "crates/drawer/src/lib.rs",
            ),
            (
                "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/thread.rs",
                "library/std/src/thread.rs",
            ),
            ("", ""),
        ] {
            assert_eq!(in_repository(path), file, "{path}");
        }
    }

    proptest! {
        #[test]
        fn it_is_an_end_of_the_path(file in "[/\\\\]?([a-z.]{0,4}[/\\\\:]|src/){0,8}") {
            let slashes = file.replace('\\', "/");
            prop_assert!(slashes.ends_with(&*in_repository(&file)));
        }
    }
}
