//! Phrases that a reader had to read twice, and that must not come back: in README, in the guide, in the
//! documentation of the sources, and in what the library says.

use std::fs;
use std::path::{Path, PathBuf};

/// Each with what to write instead.
const PHRASES: &[(&str, &str)] = &[
    ("what is left", "what waits, or the rest"),
    ("from so many", "from this many"),
    ("so many events", "this many events"),
    ("so many bytes", "this many bytes"),
    ("so many waiting", "this many queued"),
    ("for so long", "for this long"),
    ("so long at", "for this long at"),
    ("so long after", "this long after"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("one's own", "your own"),
    ("lets no", "never"),
    ("tells that", "says that"),
    ("at the most", "at most"),
    ("at the least", "at least"),
    ("graver", "more severe"),
    ("gravest", "most severe"),
    ("for want of", "because there is no"),
    ("whose it is", "project and host"),
    ("whose doing", "cause"),
    ("is told at once", "is sent at once"),
    ("is none that", "is not one that"),
    ("refusals to wait", "pauses"),
];

/// A text that people read, with its lines' numbers.
struct Text {
    place: String,
    text: String,
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, ending, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md")];
    for folder in ["logout/docs", "logout/fuzz", "logout/benches"] {
        files(Path::new(folder), "md", &mut pages);
    }
    for page in ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"] {
        pages.push(Path::new("logout").join(page));
    }
    pages
}

fn sources() -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for folder in ["logout/src", "logout-macros/src", "examples"] {
        files(Path::new(folder), "rs", &mut sources);
    }
    sources
}

fn place(path: &Path, line: usize) -> String {
    format!("{}:{}", path.display(), line + 1)
}

/// Returns the paragraphs of a page, each as one line.
fn paragraphs(path: &Path) -> Vec<Text> {
    let page = fs::read_to_string(path).unwrap();
    let lines: Vec<_> = page.lines().map(|line| Some(line.trim())).collect();
    joined(path, &lines)
}

/// Returns the paragraphs of the documentation in a source.
fn documentation(path: &Path) -> Vec<Text> {
    let source = fs::read_to_string(path).unwrap();
    let lines = source.lines().map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("///").or(line.strip_prefix("//!"))?;
        Some(line.trim())
    });
    joined(path, &lines.collect::<Vec<_>>())
}

/// Joins lines into paragraphs, which end at an empty line or at one that is no text.
fn joined(path: &Path, lines: &[Option<&str>]) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let mut open = false;
    for (number, line) in lines.iter().enumerate() {
        match line.filter(|line| !line.is_empty()) {
            None => open = false,
            Some(line) => match texts.last_mut().filter(|_| open) {
                Some(text) => {
                    text.text.push(' ');
                    text.text.push_str(line);
                }
                None => {
                    open = true;
                    texts.push(Text {
                        place: place(path, number),
                        text: line.to_owned(),
                    });
                }
            },
        }
    }
    texts
}

/// Returns the string literals of a source without its tests. A literal that a backslash continues on the
/// next line counts as one.
fn literals(path: &Path) -> Vec<Text> {
    let name = path.to_string_lossy();
    if name.contains("tests") || name.contains("simulation") || name.contains("snapshots") {
        return Vec::new();
    }
    let source = fs::read_to_string(path).unwrap();
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut texts = Vec::new();
    let mut number = 0;
    let mut literal: Option<(usize, String)> = None;
    for line in source.lines() {
        let trimmed = line.trim_start();
        if literal.is_none() && trimmed.starts_with("//") {
            number += 1;
            continue;
        }
        let mut rest = if literal.is_some() { trimmed } else { line };
        loop {
            match literal.take() {
                None => match rest.split_once('"') {
                    // A quotation mark as a character is no beginning.
                    Some((before, after)) if !before.ends_with('\'') => {
                        literal = Some((number, String::new()));
                        rest = after;
                    }
                    Some((_, after)) => rest = after,
                    None => break,
                },
                Some((start, mut text)) => match rest.find(['"', '\\']) {
                    Some(at) if rest[at..].starts_with('"') => {
                        text.push_str(&rest[..at]);
                        texts.push(Text {
                            place: place(path, start),
                            text,
                        });
                        rest = &rest[at + 1..];
                    }
                    Some(at) => {
                        text.push_str(&rest[..at]);
                        let escaped = rest[at + 1..].chars().next();
                        rest = &rest[at + 1 + escaped.map_or(0, char::len_utf8)..];
                        literal = Some((start, text));
                        if escaped.is_none() {
                            break;
                        }
                    }
                    None => {
                        text.push_str(rest);
                        text.push(' ');
                        literal = Some((start, text));
                        break;
                    }
                },
            }
        }
        number += 1;
    }
    texts
}

/// A documented item of a source: its first line of code, and the first line of its documentation.
struct Documented {
    place: String,
    item: String,
    comment: String,
}

/// Returns the documented items of a source; the item of `//!` has no line.
fn documented(path: &Path) -> Vec<Documented> {
    let source = fs::read_to_string(path).unwrap();
    let mut found = Vec::new();
    let mut open: Option<Documented> = None;
    for (number, line) in source.lines().enumerate() {
        let line = line.trim_start();
        if let Some(comment) = line.strip_prefix("//! ").filter(|_| number == 0) {
            found.push(Documented {
                place: place(path, number),
                item: String::new(),
                comment: comment.to_owned(),
            });
        } else if let Some(comment) = line.strip_prefix("///") {
            open.get_or_insert_with(|| Documented {
                place: place(path, number),
                item: String::new(),
                comment: comment.trim().to_owned(),
            });
        } else if let Some(documented) = open.take() {
            // An attribute of several lines ends before the item begins.
            if line.starts_with("#[") || line.ends_with(")]") {
                open = Some(documented);
            } else {
                found.push(Documented {
                    item: line.to_owned(),
                    ..documented
                });
            }
        }
    }
    found
}

/// Returns why a comment does not begin as those of std do, if so: with a verb for a function, with a noun
/// for a module or a type.
fn odd_beginning(item: &str, comment: &str) -> Option<&'static str> {
    const NO_NOUN: [&str; 16] = [
        "As", "By", "From", "How", "If", "In", "Of", "That", "Those", "What", "When", "Where",
        "Whether", "Who", "Whose", "Why",
    ];
    const NO_VERB: [&str; 8] = ["Always", "As", "Does", "Has", "Is", "Its", "Those", "This"];
    let mut words = item.split(|c: char| !c.is_alphanumeric() && c != '_');
    let kind = words.find(|word| {
        let before = ["", "pub", "crate", "super", "const", "async", "in"];
        !before.contains(word)
    });
    let letters = comment.trim_start_matches(['`', '[']);
    let end = letters.find(|c: char| !c.is_alphanumeric());
    let first = &letters[..end.unwrap_or(letters.len())];
    match kind {
        Some("fn") => {
            let is_verb = first.starts_with(char::is_uppercase) && first.ends_with('s');
            (!is_verb || NO_VERB.contains(&first)).then_some("a verb, such as “Returns”")
        }
        None | Some("struct" | "enum" | "trait" | "union" | "type") => {
            NO_NOUN.contains(&first).then_some("a noun")
        }
        Some(_) => None,
    }
}

/// Returns whether `text` has `phrase` in it as words of its own.
fn has(text: &str, phrase: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        ![before, after]
            .into_iter()
            .flatten()
            .any(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

#[track_caller]
fn assert_plain(texts: impl IntoIterator<Item = Text>) {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for Text { place, text } in texts {
        seen += 1;
        for (phrase, instead) in PHRASES {
            if has(&text, phrase) {
                wrong.push(format!("{place}: “{phrase}”; write {instead}"));
            }
        }
    }
    assert!(seen > 100, "hardly anything was read: {seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pages_have_no_phrase_that_is_read_twice() {
    assert_plain(pages().iter().flat_map(|path| paragraphs(path)));
}

#[test]
fn the_documentation_of_the_sources_has_no_phrase_that_is_read_twice() {
    assert_plain(sources().iter().flat_map(|path| documentation(path)));
}

#[test]
fn nothing_that_the_library_says_has_a_phrase_that_is_read_twice() {
    assert_plain(sources().iter().flat_map(|path| literals(path)));
}

#[test]
fn comments_begin_with_a_verb_for_functions_and_a_noun_for_modules_and_types() {
    let mut paths = sources();
    files(Path::new("tests"), "rs", &mut paths);
    files(Path::new("logout/benches"), "rs", &mut paths);
    let (mut seen, mut wrong) = (0, Vec::new());
    // A macro's function has its first line from whoever calls the macro.
    let has_comment = |documented: &Documented| !documented.comment.is_empty();
    for Documented {
        place,
        item,
        comment,
    } in paths
        .iter()
        .flat_map(|path| documented(path))
        .filter(has_comment)
    {
        seen += 1;
        if let Some(first) = odd_beginning(&item, &comment) {
            wrong.push(format!("{place}: begin with {first}: {comment}"));
        }
    }
    assert!(seen > 5_000, "hardly anything was read: {seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn beginnings_are_told_apart() {
    for (item, comment, is_odd) in [
        (
            "pub(crate) const fn len(&self)",
            "Returns the length.",
            false,
        ),
        ("fn len(&self)", "The length.", true),
        ("fn is_on(&self)", "Whether it is on.", true),
        ("", "The queue.", false),
        ("", "What waits.", true),
        ("pub struct Queue {", "What waits.", true),
        ("is_on: bool,", "Whether it is on.", false),
    ] {
        assert_eq!(
            odd_beginning(item, comment).is_some(),
            is_odd,
            "{item} {comment}"
        );
    }
}

#[test]
fn a_phrase_is_found_over_lines_and_not_inside_of_words() {
    assert!(has("Waits for a second at the most.", "at the most"));
    assert!(!has("It recommends mending.", "mend"));
    let lines = ["a second at the", "most, then", "", "next"];
    let texts = joined(Path::new("x"), &lines.map(Some));
    assert_eq!(texts.len(), 2);
    assert!(has(&texts[0].text, "at the most"));
}
