//! Telegram's messages as tdlib reads them: texts with entities, and their limits.
#![allow(
    dead_code,
    reason = "every test is a crate of its own and uses its part of this"
)]

use logout::adapter::Request;
use serde_json::Value;

pub(crate) fn body(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// Cleans a text as the server does (tdlib, `clean_input_string` and the trimming after it).
fn cleaned(text: &str) -> String {
    let spaces = |c: char| {
        if c.is_ascii_control() && c != '\n' && c != '\x7f' {
            ' '
        } else {
            c
        }
    };
    let kept = |c: &char| {
        !matches!(
            c,
            '\r' | '\u{2028}'..='\u{202e}' | '\u{333}' | '\u{33f}' | '\u{30a}'
        )
    };
    let text: String = text.chars().filter(kept).map(spaces).collect();
    text.trim_matches([' ', '\n']).to_owned()
}

/// Returns the texts of all entities of one kind, cut out by UTF-16 offsets.
pub(crate) fn entities(message: &Value, kind: &str) -> Vec<String> {
    let units: Vec<u16> = message["text"].as_str().unwrap().encode_utf16().collect();
    let all = message["entities"].as_array().unwrap();
    all.iter()
        .filter(|entity| entity["type"] == kind)
        .map(|entity| {
            let offset = entity["offset"].as_u64().unwrap() as usize;
            let length = entity["length"].as_u64().unwrap() as usize;
            String::from_utf16(&units[offset..offset + length]).unwrap()
        })
        .collect()
}

/// Returns every character, and whether it is in code or in a link of the adapter's, where nothing is
/// detected.
fn signs(message: &Value) -> Vec<(char, bool)> {
    let text = message["text"].as_str().unwrap_or_default();
    let code: Vec<_> = message["entities"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|entity| ["code", "pre", "text_link"].contains(&entity["type"].as_str().unwrap()))
        .map(|entity| {
            let offset = entity["offset"].as_u64().unwrap() as usize;
            offset..offset + entity["length"].as_u64().unwrap() as usize
        })
        .collect();
    let mut unit = 0;
    let sign = |sign: char| {
        let at = unit;
        unit += sign.len_utf16();
        (sign, code.iter().any(|code| code.contains(&at)))
    };
    text.chars().map(sign).collect()
}

/// Returns what outside of code could begin a mention, a tag, a command or a link. It finds more than tdlib,
/// which knows the domains there are and checks the numbers of cards.
pub(crate) fn detected(message: &Value) -> Vec<String> {
    let signs = signs(message);
    let mut found = Vec::new();
    let begins =
        |(_, (sign, is_code)): &(usize, &(char, bool))| !is_code && "@#$/:.".contains(*sign);
    for (at, (sign, _)) in signs.iter().enumerate().filter(begins) {
        let behind = || signs[at + 1..].iter().map(|(c, _)| *c);
        let next = behind().next().unwrap_or(' ');
        let before = at.checked_sub(1).map_or(' ', |before| signs[before].0);
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let is_alive = match sign {
            '@' => is_name(next),
            '#' => {
                let mut tag = behind().take_while(|c| is_name(*c) || "\u{b7}\u{200c}".contains(*c));
                tag.any(|c| !c.is_ascii_digit())
            }
            '$' => next.is_ascii_uppercase(),
            '/' => {
                (next.is_ascii_alphanumeric() || next == '_')
                    && !is_name(before)
                    && !"/<>".contains(before)
            }
            ':' => behind().take(2).eq("//".chars()),
            '.' => !before.is_whitespace() && next.is_alphabetic(),
            _ => false,
        };
        if is_alive {
            let begin: String = behind().take(40).collect();
            found.push(format!("{sign}{begin}"));
        }
    }
    found.extend(numbers(&signs));
    found
}

/// Collects the numbers of cards, telephones and machines that are outside of code at least in part.
fn numbers(signs: &[(char, bool)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut runs = |is_part: fn(char) -> bool, is_number: fn(&str) -> bool| {
        let runs = signs.split(|(sign, _)| !is_part(*sign));
        for run in runs.filter(|run| run.len() >= "1.1.1.1".len()) {
            let blank = |(sign, _): &&(char, bool)| *sign == ' ' || *sign == '-';
            let inside = &run[run.iter().take_while(blank).count()..];
            let inside = &inside[..inside.len() - inside.iter().rev().take_while(blank).count()];
            let text: String = inside.iter().map(|(sign, _)| *sign).collect();
            // What stands between the digits makes no number.
            let mut digits = inside.iter().filter(|(sign, _)| sign.is_ascii_digit());
            if is_number(&text) && !digits.all(|(_, is_code)| *is_code) {
                found.push(text);
            }
        }
    };
    fn digits(text: &str) -> usize {
        text.chars().filter(char::is_ascii_digit).count()
    }
    runs(
        |c| c.is_ascii_digit() || c == ' ' || c == '-',
        |text| (13..=19).contains(&digits(text)),
    );
    // A number without any sign between ends at a space.
    runs(
        |c| c.is_ascii_digit(),
        |text| (13..=19).contains(&digits(text)),
    );
    runs(
        |c| c.is_ascii_digit() || c == '.',
        |text| text.split('.').filter(|part| !part.is_empty()).count() == 4 && !text.contains(".."),
    );
    // A telephone number begins with its `+`, whatever stands before.
    for (at, _) in signs.iter().enumerate().filter(|(_, sign)| sign.0 == '+') {
        let is_part = |(sign, _): &&(char, bool)| sign.is_ascii_digit() || " -().".contains(*sign);
        let rest: Vec<_> = signs[at + 1..].iter().take_while(is_part).collect();
        let digits: Vec<_> = rest.iter().filter(|sign| sign.0.is_ascii_digit()).collect();
        let is_number = digits.len() >= 7 && rest[0].0 != ' ';
        if is_number && !digits.iter().all(|(_, is_code)| *is_code) {
            found.push(rest.iter().map(|(sign, _)| sign).collect());
        }
    }
    found
}

/// Fails if the server detects anything in text of the log, or a part exceeds a limit.
pub(crate) fn judge(message: &Value) {
    let text = message["text"].as_str().unwrap();
    assert!(text.chars().count() <= 4_096);
    assert_eq!(cleaned(text), text, "the server would shift the entities");
    assert_eq!(message["link_preview_options"]["is_disabled"], true);
    assert!(message.get("parse_mode").is_none());

    let units: Vec<u16> = text.encode_utf16().collect();
    let entities = message["entities"].as_array().unwrap();
    let is_counted = |entity: &&Value| entity["type"] != "bold" && entity["type"] != "date_time";
    let counted = entities.iter().filter(is_counted).count();
    assert!(
        counted <= 90,
        "past the hundredth the server drops them: {counted}"
    );
    let mut end = 0;
    let mut quote = 0..0;
    for entity in entities {
        let offset = entity["offset"].as_u64().unwrap() as usize;
        let length = entity["length"].as_u64().unwrap() as usize;
        assert!(offset >= end && length > 0 && offset + length <= units.len());
        if entity["type"] == "expandable_blockquote" {
            // Mentions work in a quote, so all of it must be code; nothing else may contain any.
            quote = offset..offset + length;
            continue;
        }
        end = offset + length;
        let is_quoted = quote.contains(&offset) || quote.contains(&(end - 1));
        assert!(!is_quoted || (entity["type"] == "code" && quote == (offset..end)));
        let covered = String::from_utf16(&units[offset..end]).unwrap();
        assert_eq!(covered.trim_end(), covered, "an entity ends in white space");
        let is_block = is_quoted || entity["type"] == "pre";
        assert!(
            is_block || covered.trim_start() == covered,
            "an entity begins with white space: {covered:?}"
        );
        if entity["type"] == "date_time" {
            assert_eq!(entity["date_time_format"], "dT");
            assert!(entity["unix_time"].is_u64() && covered.ends_with(" UTC"));
        }
    }
    assert!(quote.end <= end, "a quote without code");
    let found = detected(message);
    assert!(found.is_empty(), "would come alive: {found:?} in {text}");
}
