//! Who may use whom: an arrow between modules is a `use`, and it is in the table or it is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the ones it may name. What assembles everything (`builder`, `handle`,
/// `rehearsal`, `running`, `__private`, `lib`) is left out.
const USES: &[(&str, &[&str])] = &[
    // Leaves.
    ("backoff", &[]),
    ("bounds", &[]),
    ("moment", &[]),
    ("order", &[]),
    ("pace", &["order"]),
    ("response", &["words"]),
    ("secret", &[]),
    ("words", &[]),
    ("stats", &["words"]),
    ("url", &["secret"]),
    // What an adapter sees, and nothing of what carries it.
    ("notice", &["words"]),
    ("request", &["secret", "url"]),
    ("reading", &["request", "words"]),
    ("verify", &["response"]),
    ("transport", &["request", "response", "url"]),
    (
        "adapter",
        &[
            // The conversion of a block's options, for types of its own.
            "config",
            "moment",
            "notice",
            "pace",
            "reading",
            "request",
            "response",
            "secret",
            "transport",
            "url",
            "verify",
            "words",
        ],
    ),
    // From tracing to the intake: no adapter, no worker, no transport.
    ("block", &["bounds", "notice"]),
    ("event", &["words"]),
    ("capture", &["event"]),
    ("filter", &["block", "dispatch", "event", "layer"]),
    ("intake", &["bounds", "event", "filter"]),
    (
        "layer",
        &["capture", "dispatch", "event", "filter", "intake"],
    ),
    // From the configuration to the adapters.
    ("error", &["config"]),
    (
        "config",
        &[
            // `event` is for what a fingerprint is.
            "adapter", "block", "bounds", "dispatch", "error", "event", "keys", "order", "secret",
            "url", "words",
        ],
    ),
    ("keys", &[]),
    (
        "dispatch",
        &["adapter", "block", "config", "lane", "transport"],
    ),
    ("change", &["compose", "config", "error"]),
    // From the intake to the transport.
    (
        "compose",
        &[
            "block", "config", "event", "lane", "moment", "notice", "order", "secret", "url",
            "words",
        ],
    ),
    ("control", &["event", "verify", "worker"]),
    ("stderr", &["lane", "reading", "words"]),
    (
        "lane",
        &[
            "adapter",
            "backoff",
            "bounds",
            "compose",
            // The variables that set a key, for whoever is told to set it.
            "config",
            "control",
            "dispatch",
            "event",
            "intake",
            "notice",
            "order",
            "pace",
            "reading",
            "request",
            "response",
            "secret",
            "stats",
            "stderr",
            "transport",
            "verify",
            "words",
            "worker",
        ],
    ),
    (
        "worker",
        &[
            "backoff",
            "block",
            "bounds",
            "change",
            "compose",
            "config",
            "control",
            "dispatch",
            "event",
            "filter",
            "intake",
            "lane",
            "pace",
            "reading",
            "stats",
            "stderr",
            "transport",
        ],
    ),
    (
        "panics",
        &[
            "capture", "control", "dispatch", "event", "filter", "handle", "words",
        ],
    ),
    ("signals", &["dispatch", "error", "filter", "handle"]),
    // It tests the adapters, so it knows nothing that they know.
    ("sandbox", &[]),
    // What it knows of an adapter is what everybody sees, and how its settings are read.
    (
        "testing",
        &[
            "adapter", "config", "notice", "pace", "request", "response", "secret", "verify",
            "words",
        ],
    ),
];

/// Modules that exist in tests only.
const TEST_MODULES: [&str; 2] = ["bench", "tests"];

/// Those that put everything together.
const ASSEMBLERS: [&str; 6] = [
    "__private",
    "builder",
    "handle",
    "lib",
    "rehearsal",
    "running",
];

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("logout/src")
}

/// Every source file with its text, without comments and tests.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .file_stem()
            .is_some_and(|name| TEST_MODULES.iter().any(|test| name == *test))
        {
            continue;
        }
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
            let lines = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let text = lines.collect::<Vec<_>>().join("\n");
            found.push((path, text));
        }
    }
    found
}

/// The module at the top of the library that this file belongs to.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(library()).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The first segment of every path that begins with `crate::`.
fn named(text: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let mut found = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => {
                found.insert(word(rest));
            }
            Some(list) => {
                // Names and paths, separated by commas outside inner braces.
                let mut depth = 0;
                let end = list.find(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    depth < 0
                });
                found.extend(list[..end.unwrap()].split(',').map(word));
            }
        }
    }
    found.remove("");
    found
}

/// The module behind every name that the library shows at its root.
fn shown() -> BTreeMap<String, String> {
    let text = fs::read_to_string(library().join("lib.rs")).unwrap();
    let mut modules = BTreeMap::new();
    for item in text.split("pub use crate::").skip(1) {
        let (path, _) = item.split_once(';').unwrap();
        let (module, names) = path.split_once("::").unwrap();
        for name in names.trim_matches(['{', '}']).split(',') {
            modules.insert(name.trim().to_owned(), module.to_owned());
        }
    }
    // A macro is shown at the root wherever it stands.
    for (path, text) in sources(&library()) {
        for item in text.split("#[macro_export]\nmacro_rules! ").skip(1) {
            let name = item.split_whitespace().next().unwrap();
            modules.insert(name.to_owned(), module(&path));
        }
    }
    modules
}

#[test]
fn every_use_between_modules_is_in_the_table() {
    let shown = shown();
    let table: BTreeMap<_, _> = USES.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources(&library()) {
        let user = module(&path);
        if ASSEMBLERS.contains(&&*user) {
            continue;
        }
        let Some(allowed) = table.get(&*user) else {
            wrong.push(format!("{user} is not in the table"));
            continue;
        };
        for name in named(&text) {
            let used = shown.get(&name).unwrap_or(&name);
            if *used != user && !allowed.contains(&&**used) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_names_no_module_that_is_gone() {
    let modules: BTreeSet<_> = sources(&library())
        .iter()
        .map(|(path, _)| module(path))
        .collect();
    for (user, used) in USES {
        for name in used.iter().chain([user]) {
            assert!(modules.contains(*name), "{name}");
        }
    }
}

/// The modules whose files name one of these crates.
fn naming(crates: &[&str]) -> BTreeSet<String> {
    let names = |text: &str| {
        crates.iter().any(|name| {
            text.match_indices(&format!("{name}::"))
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    };
    sources(&library())
        .iter()
        .filter(|(_, text)| names(text))
        .map(|(path, _)| module(path))
        .collect()
}

#[test]
fn what_is_foreign_stays_behind_its_module() {
    for (crates, modules) in [
        (
            &["figment"][..],
            &["__private", "builder", "config", "handle", "sandbox"][..],
        ),
        (
            &["hyper", "smol_hyper", "surf", "rustls", "futures_rustls"],
            &["sandbox", "transport"],
        ),
        (
            &["tracing_subscriber"],
            &["capture", "filter", "layer", "panics", "rehearsal"],
        ),
        (&["secrecy"], &["secret"]),
    ] {
        let expected: BTreeSet<_> = modules.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(naming(crates), expected, "{crates:?}");
    }
}

#[test]
fn nothing_is_dispatched_dynamically_but_what_others_signatures_force() {
    // `Visit` and `Error` of std and tracing, and the future that surf's trait boxes.
    let forced = ["&dyn Debug", "&dyn fmt::Debug", "&(dyn Error + 'static)"];
    for crate_of in ["logout/src", "logout-macros/src"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_of);
        for (path, text) in sources(&folder) {
            for line in text.lines() {
                let line = line.replace("\"dyn\"", "");
                let is_word = |word: &str| {
                    line.split(|c: char| !c.is_alphanumeric() && c != '_')
                        .any(|other| other == word)
                };
                let is_free = forced.iter().any(|form| line.contains(form))
                    || path.ends_with("transport/surf.rs");
                assert!(!is_word("dyn") || is_free, "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn both_crates_forbid_unsafe_code() {
    for crate_of in ["logout", "logout-macros"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_of);
        let text = fs::read_to_string(root.join("src/lib.rs")).unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "{crate_of}");
    }
}
