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

/// What the server makes of a text (tdlib, `clean_input_string` and the trimming after it).
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

/// The texts of all entities of one kind, cut out by UTF-16 offsets.
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

/// Fails where text of the log stands outside of code, or a part not within a limit.
pub(crate) fn judge(message: &Value) {
    let text = message["text"].as_str().unwrap();
    assert!(text.chars().count() <= 4_096);
    assert_eq!(cleaned(text), text, "the server would shift the entities");
    assert_eq!(message["link_preview_options"]["is_disabled"], true);
    assert!(message.get("parse_mode").is_none());

    let mut units: Vec<u16> = text.encode_utf16().collect();
    let entities = message["entities"].as_array().unwrap();
    assert!(entities.len() < 100);
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
        assert!(
            !covered.trim().is_empty(),
            "the server drops an entity of white space"
        );
        if entity["type"] != "bold" {
            units[offset..end].fill(u16::from(b'_'));
        }
    }
    assert!(quote.end <= end, "a quote without code");
    let bare = String::from_utf16(&units).unwrap();
    let linkable = |c: char| c.is_ascii_punctuation() && !matches!(c, '_' | '-');
    assert!(!bare.contains(linkable), "could be linked: {bare}");
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    assert!(digits < 7, "could be a number to call: {bare}");
}
