//! The sandbox's independence from the adapters: a limit, an escape or a parser that they shared would hide
//! its mistakes from every test.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_sandbox_uses_nothing_of_the_library_it_tests() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("logout/src");
    let mut files = Vec::new();
    sources(&source.join("sandbox"), &mut files);
    assert!(files.len() > 15, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let outside = ["crate::", "logout::"]
                .iter()
                .any(|path| code.contains(path));
            assert!(!outside, "{}:{}: {line}", file.display(), number + 1);
        }
    }
}
