//! The mentions, commands, tags, links and numbers that Telegram finds in a text by itself.
//!
//! They are looked for in the whole text, bold or not, and dropped where a `pre` or a `code` stands
//! (tdlib's `find_entities` and `fix_entities`).

use std::ops::Range;

use super::super::bare_urls;
use super::styled::Styled;

mod numbers;

/// Names shorter than this are not matched (tdlib's `find_mentions`).
const SHORTEST_NAME: usize = 4;

/// A few of the endings after which a bare word becomes a link; `.rs` is one, so every file name
/// of a Rust program is.
const ENDINGS: [&str; 15] = [
    "com", "org", "net", "io", "rs", "dev", "me", "de", "app", "sh", "py", "pl", "cc", "info", "рф",
];

/// Returns the ranges of code, in bytes of the text, where nothing is detected.
fn code_ranges(styled: &Styled) -> Vec<Range<usize>> {
    let mut places = Vec::with_capacity(styled.text.len() + 1);
    for (at, sign) in styled.text.char_indices() {
        places.extend(std::iter::repeat_n(at, sign.len_utf16()));
    }
    places.push(styled.text.len());
    let byte = |unit: usize| places.get(unit).copied().unwrap_or(styled.text.len());
    let code = styled
        .entities
        .iter()
        .filter(|entity| ["pre", "code"].contains(&entity.kind.as_str()));
    code.map(|entity| byte(entity.offset)..byte(entity.offset + entity.length))
        .collect()
}

/// Returns the texts of those ranges that touch no code.
fn texts_outside_code(styled: &Styled, found: Vec<Range<usize>>) -> Vec<String> {
    let code = code_ranges(styled);
    let touches =
        |one: &Range<usize>, other: &Range<usize>| one.start < other.end && other.start < one.end;
    found
        .into_iter()
        .filter(|one| !code.iter().any(|range| touches(one, range)))
        .filter_map(|one| styled.text.get(one).map(str::to_owned))
        .collect()
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// Returns where something begins with `mark` at the beginning of a word; none of `unless` may stand before
/// it.
fn find_marked(
    text: &str,
    mark: char,
    unless: &[char],
    fits: impl Fn(char) -> bool,
) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut before = ' ';
    for (start, sign) in text.char_indices() {
        if sign == mark && !is_word(before) && before != mark && !unless.contains(&before) {
            let behind = text.get(start + mark.len_utf8()..).unwrap_or_default();
            let name = behind.chars().take_while(|sign| fits(*sign));
            let length: usize = name.map(char::len_utf8).sum();
            found.push(start..start + mark.len_utf8() + length);
        }
        before = sign;
    }
    found
}

/// Returns the mentions that notify a member.
pub(super) fn mentions(styled: &Styled) -> Vec<String> {
    let name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let mut found = find_marked(&styled.text, '@', &[], name);
    found.retain(|mention| mention.len() > SHORTEST_NAME);
    let mut mentions = texts_outside_code(styled, found);
    let by_id = styled
        .entities
        .iter()
        .filter(|entity| entity.kind == "text_mention");
    mentions.extend(by_id.map(|_| "text_mention".to_owned()));
    mentions
}

/// Returns URLs, bare host names and mail addresses, commands, tags, and numbers of cards and telephones.
pub(super) fn links(styled: &Styled) -> Vec<String> {
    let text = styled.text.as_str();
    let mut found = find_urls_with_scheme(text);
    let command = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let is_tag = |sign: char| is_word(sign) || matches!(sign, '\u{b7}' | '\u{200c}');
    for mut marked in [
        find_marked(text, '/', &['<', '>'], command),
        find_marked(text, '#', &[], is_tag),
        find_marked(text, '$', &[], |sign| sign.is_ascii_uppercase()),
    ] {
        let is_named = |place: &Range<usize>| {
            let name = text.get(place.clone()).unwrap_or_default();
            name.chars().any(char::is_alphabetic)
        };
        marked.retain(is_named);
        found.extend(marked);
    }
    for host in find_hosts(text) {
        let is_part = |one: &Range<usize>| one.start <= host.start && host.end <= one.end;
        if !found.iter().any(is_part) {
            found.push(host);
        }
    }
    found.extend(numbers::find_card_numbers(text));
    found.extend(numbers::find_phone_numbers(text));
    let mut links = texts_outside_code(styled, found);
    links.extend(
        styled
            .entities
            .iter()
            .filter_map(|entity| entity.url.clone()),
    );
    links
}

/// Finds URLs with a scheme.
fn find_urls_with_scheme(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    for url in bare_urls::find_urls(text) {
        let Some(index) = text.get(at..).and_then(|rest| rest.find(&url)) else {
            continue;
        };
        found.push(at + index..at + index + url.len());
        at += index + url.len();
    }
    for scheme in ["tg://", "ton://"] {
        for (start, _) in text.match_indices(scheme) {
            let rest = text.get(start + scheme.len()..).unwrap_or_default();
            let length = rest.find(|sign: char| !sign.is_ascii_alphanumeric());
            let length = length.unwrap_or(rest.len());
            if length > 0 {
                found.push(start..start + scheme.len() + length);
            }
        }
    }
    found
}

/// Finds host names without a scheme, with the user before an `@`, and IP addresses.
fn find_hosts(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    let ends = |sign: char| !(sign.is_alphanumeric() || "@.-_".contains(sign));
    for piece in text.split_inclusive(ends) {
        let start = at;
        at += piece.len();
        let word = piece.trim_end_matches(ends);
        let host = word.trim_start_matches(['.', '-']);
        let start = start + word.len() - host.len();
        let host = host.trim_end_matches(['.', '-']);
        let name = host.rsplit('@').next().unwrap_or_default();
        let is_host = name.rsplit_once('.').is_some_and(|(host, ending)| {
            !host.is_empty() && ENDINGS.contains(&ending.to_lowercase().as_str())
        });
        if is_host || numbers::is_ipv4(name) {
            found.push(start..start + host.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn styled(text: &str, kind: &str, length: usize) -> Styled {
        let entities = json!([{ "type": kind, "offset": 0, "length": length }]);
        Styled::with_entities(text, &entities).unwrap()
    }

    #[test]
    fn nothing_is_found_in_code() {
        let text = "@channel #tag /cmd src/main.rs https://x.org";
        let quiet = styled(text, "pre", text.len());
        assert!(mentions(&quiet).is_empty() && links(&quiet).is_empty());
        let loud = styled(text, "bold", text.len());
        assert_eq!(mentions(&loud), ["@channel"]);
        assert_eq!(links(&loud), ["https://x.org", "/cmd", "#tag", "main.rs"]);
    }

    #[test]
    fn what_reaches_into_code_is_not_found() {
        let text = "main.rs and lib.rs";
        assert_eq!(links(&styled(text, "code", 5)), ["lib.rs"]);
    }

    #[test]
    fn a_short_name_and_a_mail_address_are_no_mentions() {
        assert!(mentions(&Styled::plain("@bob a@example @@")).is_empty());
    }

    #[test]
    fn words_with_a_meaning_and_numbers_are_found_in_text() {
        for text in [
            "10.0.0.12",
            "a@example.com",
            "пример.рф",
            "EXAMPLE.COM",
            "$USD",
            "#1a",
            "tg://user",
            "4111 1111 1111 1111",
            "+1 (650) 555-1234",
        ] {
            assert_eq!(links(&Styled::plain(&format!("see {text} now"))), [text]);
        }
    }

    #[test]
    fn a_card_number_without_blanks_ends_at_one() {
        // Seen of tdlib 1.8.67.
        let card = "5555555555554444";
        let found = |text: &str| links(&Styled::plain(text)).len();
        assert_eq!(found(&format!("{card} {card}")), 2);
        assert_eq!(found(&format!("{card} 5")), 1);
        assert_eq!(found(&format!("1 {card}")), 0);
        assert_eq!(found(&format!("{card}-{card}")), 0);
        assert_eq!(found("4222222222222 1234567"), 0);
    }

    #[test]
    fn what_is_no_link_is_text() {
        for text in [
            "std::io::Error",
            "1.10.2",
            "config.toml",
            "localhost:80",
            "[::1]",
            "#1234",
            "</b>",
            "and/or",
            "12:04:31",
            "4111 1111 1111 1112",
            "256.1.1.1",
        ] {
            let plain = Styled::plain(text);
            assert!(links(&plain).is_empty(), "{text}: {:?}", links(&plain));
        }
    }
}
