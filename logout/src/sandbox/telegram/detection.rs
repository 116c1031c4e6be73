//! The mentions, commands, tags and links that Telegram finds in a text by itself.

use super::super::bare_urls;
use super::styled::Styled;

/// Names shorter than this are not matched (tdlib's `find_mentions`).
const SHORTEST_NAME: usize = 4;

/// A few of the endings after which a bare word becomes a link; `.rs` is one, so every file name
/// of a Rust program is.
const ENDINGS: [&str; 14] = [
    "com", "org", "net", "io", "rs", "dev", "me", "de", "app", "sh", "py", "pl", "cc", "info",
];

/// Returns the text with everything blanked out where nothing is detected: `pre` and `code`.
fn detectable(styled: &Styled) -> String {
    let mut at = 0;
    let mut text = String::new();
    for sign in styled.text.chars() {
        let quiet = styled.entities.iter().any(|entity| {
            ["pre", "code"].contains(&entity.kind.as_str())
                && (entity.offset..entity.offset + entity.length).contains(&at)
        });
        text.push(if quiet { ' ' } else { sign });
        at += sign.len_utf16();
    }
    text
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// Returns what begins with `mark` and stands at a word's beginning.
fn marked(text: &str, mark: char, fits: impl Fn(char) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = ' ';
    for (index, sign) in text.char_indices() {
        if sign == mark && !is_word(before) && before != mark {
            let name: String = text
                .get(index + mark.len_utf8()..)
                .unwrap_or_default()
                .chars()
                .take_while(|sign| fits(*sign))
                .collect();
            found.push(format!("{mark}{name}"));
        }
        before = sign;
    }
    found
}

/// Returns the mentions that notify a member.
pub(super) fn mentions(styled: &Styled) -> Vec<String> {
    let name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let mut mentions = marked(&detectable(styled), '@', name);
    mentions.retain(|mention| mention.len() > SHORTEST_NAME);
    let by_id = styled
        .entities
        .iter()
        .filter(|entity| entity.kind == "text_mention");
    mentions.extend(by_id.map(|_| "text_mention".to_owned()));
    mentions
}

/// Addresses, bare host names, commands and tags.
pub(super) fn links(styled: &Styled) -> Vec<String> {
    let text = detectable(styled);
    let mut links = bare_urls::find_urls(&text);
    let command = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    for mut found in [marked(&text, '/', command), marked(&text, '#', is_word)] {
        found.retain(|link| link.chars().any(char::is_alphabetic));
        links.extend(found);
    }
    let word = |sign: char| !(sign.is_ascii_alphanumeric() || ".-".contains(sign));
    for word in text.split(word).map(|word| word.trim_matches(['.', '-'])) {
        let is_host = word
            .rsplit_once('.')
            .is_some_and(|(host, ending)| !host.is_empty() && ENDINGS.contains(&ending));
        if is_host && !links.iter().any(|link| link.contains(word)) {
            links.push(word.to_owned());
        }
    }
    links.extend(
        styled
            .entities
            .iter()
            .filter_map(|entity| entity.url.clone()),
    );
    links
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
    fn a_short_name_and_a_mail_address_are_no_mentions() {
        assert!(mentions(&Styled::plain("@bob a@example @@")).is_empty());
    }
}
