//! The allowed dependencies between rooms: a `use` from one room of another must be in the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the library, in the order in which data flows. Each may use only the rooms that are
/// listed with it, and these only such as stand before it.
const ROOMS: &[(&str, &[&str])] = &[
    // Numbers, durations and times as a person reads them.
    ("text", &[]),
    // A request, and bytes over TLS.
    ("transport", &["text"]),
    // A fleet: many processes that send as one.
    ("fleet", &["transport"]),
    // A notice as a platform's request, and what its answer means.
    ("adapter", &["text", "transport"]),
    // What `logout!` fixes at compile time.
    ("block", &["text", "adapter"]),
    // An event in bytes.
    ("event", &["text", "block"]),
    // figment's sources to settings and adapters.
    (
        "config",
        &["text", "transport", "fleet", "adapter", "block", "event"],
    ),
    // One message's worth of text.
    (
        "message",
        &["text", "transport", "adapter", "block", "event", "config"],
    ),
    // The bounded queue with its three modes.
    ("queue", &["text", "block", "event"]),
    // What outlives a process, on disk.
    ("spool", &["text", "event"]),
    // On the caller's thread: judge, copy, encode.
    ("capture", &["block", "event", "queue"]),
    // On logout's thread: group, decide whose turn it is, send, account.
    (
        "worker",
        &[
            "text",
            "transport",
            "fleet",
            "adapter",
            "block",
            "event",
            "config",
            "message",
            "queue",
            "spool",
            "capture",
        ],
    ),
    // What a program does with a running logout.
    (
        "handle",
        &[
            "text",
            "transport",
            "fleet",
            "adapter",
            "event",
            "config",
            "queue",
            "capture",
            "worker",
        ],
    ),
    // It tests the adapters, so it knows nothing that they know.
    ("sandbox", &[]),
    // What it knows of adapters and brokers is what everybody sees, and how their settings are read.
    (
        "testing",
        &["text", "transport", "fleet", "adapter", "config"],
    ),
];

/// Modules that exist in tests only.
const TEST_MODULES: [&str; 3] = ["bench", "simulation", "tests"];

/// What re-exports, and what the generated code names: they may use every room.
const ROOTS: [&str; 2] = ["__private", "lib"];

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("logout/src")
}

/// Returns every source file with its text, without comments and tests.
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

/// Returns the room that this file belongs to.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(library()).unwrap();
    let first = inside.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Returns the first segment of every path that begins with `crate::`.
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
    // A macro of the library, which stands at its root wherever it is written.
    found.remove("adapter_contract");
    found.remove("broker_contract");
    found
}

/// Returns every arrow between rooms: the user, the used, and the file.
fn arrows() -> BTreeSet<(String, String, PathBuf)> {
    let mut arrows = BTreeSet::new();
    for (path, text) in sources(&library()) {
        let user = room(&path);
        if ROOTS.contains(&&*user) {
            continue;
        }
        for used in named(&text) {
            if used != user {
                arrows.insert((user.clone(), used, path.clone()));
            }
        }
    }
    arrows
}

#[test]
fn every_top_level_module_is_a_room() {
    let rooms: BTreeSet<_> = ROOMS.iter().map(|(room, _)| *room).collect();
    for entry in fs::read_dir(library()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(
            rooms.contains(module) || ROOTS.contains(&module),
            "`{module}` is in no room"
        );
        assert!(
            module == "lib" || !name.ends_with(".rs"),
            "{name} is no folder"
        );
    }
    for room in rooms {
        assert!(library().join(room).is_dir(), "the room `{room}` is gone");
    }
}

#[test]
fn every_arrow_between_rooms_is_in_the_table() {
    let table: BTreeMap<_, _> = ROOMS.iter().copied().collect();
    let wrong: Vec<_> = arrows()
        .into_iter()
        .filter(|(user, used, _)| !table[&**user].contains(&&**used))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_arrow_in_the_table_exists() {
    let drawn: BTreeSet<_> = arrows()
        .into_iter()
        .map(|(user, used, _)| (user, used))
        .collect();
    for (user, used) in ROOMS {
        for used in *used {
            let arrow = ((*user).to_owned(), (*used).to_owned());
            assert!(drawn.contains(&arrow), "{user} does not use {used}");
        }
    }
}

#[test]
fn no_circle_between_rooms_is_left() {
    for (place, (user, used)) in ROOMS.iter().enumerate() {
        let before: Vec<_> = ROOMS[..place].iter().map(|(room, _)| *room).collect();
        for room in *used {
            assert!(
                before.contains(room),
                "{user} uses {room}, which comes after it"
            );
        }
    }
}

/// Returns the modules whose files name one of these crates.
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
        .map(|(path, _)| room(path))
        .collect()
}

#[test]
fn what_is_foreign_stays_in_its_rooms() {
    for (crates, modules) in [
        (
            &["figment"][..],
            &["__private", "config", "handle", "sandbox"][..],
        ),
        (
            &["hyper", "smol_hyper", "surf", "rustls", "futures_rustls"],
            &["sandbox", "transport"],
        ),
        (&["tracing_subscriber"], &["capture", "handle"]),
        (&["secrecy"], &["transport"]),
        (&["redis"], &["fleet"]),
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

/// Types of one name that a user reaches by two modules: what an adapter remembers, and a broker.
const IN_TWO_MODULES: [&str; 1] = ["Memory"];

#[test]
fn no_two_types_of_a_crate_have_one_name() {
    for crate_of in ["logout/src", "logout-macros/src"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_of);
        let mut types: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
        for (path, text) in sources(&folder) {
            // What the macro writes is code of other crates.
            if path.iter().any(|folder| folder == "snapshots") {
                continue;
            }
            for name in text.lines().filter_map(type_name) {
                types
                    .entry(name.to_owned())
                    .or_default()
                    .insert(path.clone());
            }
        }
        types.retain(|name, places| places.len() > 1 && !IN_TWO_MODULES.contains(&&**name));
        assert!(types.is_empty(), "{types:#?}");
    }
}

/// Returns the name of the type that begins on this line.
fn type_name(line: &str) -> Option<&str> {
    let mut words = line
        .split_whitespace()
        .skip_while(|word| word.starts_with("pub"));
    matches!(words.next()?, "struct" | "enum" | "trait" | "union")
        .then(|| words.next())?
        .and_then(|name| {
            name.split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
        })
}

#[test]
fn both_crates_forbid_unsafe_code() {
    for crate_of in ["logout", "logout-macros"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(crate_of);
        let text = fs::read_to_string(root.join("src/lib.rs")).unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "{crate_of}");
    }
}
