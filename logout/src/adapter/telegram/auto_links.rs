//! The detection of texts that Telegram would turn into mentions, links and the like.
//!
//! Mentions, tags, commands, addresses, and numbers of cards and telephones are found in bold and
//! in plain text alike; only code prevents that. More is found here than by tdlib's
//! `find_entities`, so that no list of domains has to be kept.

use std::ops::Range;

use crate::text::sorted_map::sorted;
use crate::text::unicode::is_mark;

/// The most runs of code: beyond that, the line is easier to read in code as a whole.
pub(super) const MOST_RUNS: usize = 8;

/// The most times that a run is trimmed, so that the cost does not grow with the number of brackets.
const TRIMS: usize = 3;

/// The digits of a card's number (ISO/IEC 7812, as tdlib has it), and of the shortest telephone
/// number after its `+`.
const CARD: std::ops::RangeInclusive<usize> = 13..=19;
const TELEPHONE: usize = 7;

/// Punctuation that ends a word without being part of it.
const CLOSING: [char; 7] = [',', ';', ':', '!', '?', '.', '…'];

/// Pairs around a word that are not part of it: both or neither.
const PAIRS: [(char, char); 11] = [
    ('(', ')'),
    ('[', ']'),
    ('{', '}'),
    ('<', '>'),
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('«', '»'),
    ('“', '”'),
    ('„', '“'),
    ('‘', '’'),
];

/// Returns the byte ranges of a line that must be in code: in order, separate, none of them empty,
/// none with white space at an end.
pub(super) fn code_runs(line: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let numbers = numbers(line);
    if numbers.is_empty() {
        let live = live_words(line).map(|word| trimmed(line, word));
        return live.filter(|run| !run.is_empty()).collect();
    }
    let mut numbers = numbers.into_iter().peekable();
    for word in words(line) {
        let mut run = is_live(line.get(word.clone()).unwrap_or_default()).then_some(word.clone());
        // A number may span several words, and a word may hold several.
        while let Some(number) = numbers.next_if(|number| number.start < word.end) {
            let end = run.map_or(word.end, |run| run.end);
            run = Some(word.start..usize::max(end, number.end));
        }
        let continued = runs.last_mut().filter(|last| last.end > word.start);
        match (continued, run) {
            (Some(last), run) => {
                last.end = usize::max(last.end, run.map_or(word.end, |run| run.end));
            }
            (None, run) => runs.extend(run),
        }
    }
    runs.into_iter()
        .map(|run| trimmed(line, run))
        .filter(|run| !run.is_empty())
        .collect()
}

/// Returns the words that need code, preselected by the characters that all such words have.
fn live_words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let (before, rest) = line.split_at_checked(at)?;
            let sign = rest.bytes().position(is_marker)?;
            let (behind, word) = rest.split_at_checked(sign)?;
            let length = word.find(char::is_whitespace).unwrap_or(word.len());
            let begin = behind.rfind(char::is_whitespace).map_or(0, |space| {
                let word = behind.get(space..).unwrap_or_default().chars().next();
                space + word.map_or(0, char::len_utf8)
            });
            let word = before.len() + begin..before.len() + sign + length;
            at = word.end;
            if is_live(line.get(word.clone())?) {
                return Some(word);
            }
        }
    })
}

/// Returns the words of a line, separated by white space.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let pieces = line.split_inclusive(char::is_whitespace);
    pieces.filter_map(move |piece| {
        let start = at;
        at += piece.len();
        let end = start + piece.trim_end().len();
        (start < end).then_some(start..end)
    })
}

/// Returns whether the byte is one without which nothing is a mention, a tag, a command or an
/// address.
fn is_marker(byte: u8) -> bool {
    matches!(byte, b'@' | b'#' | b'$' | b'/' | b'.')
}

/// Returns whether something in a word is a mention, a tag, a command or an address.
fn is_live(word: &str) -> bool {
    if !word.bytes().any(is_marker) {
        return false;
    }
    let mut before = None;
    // The numbers read so far that a dot follows, as in a numeric address.
    let mut dotted = 0;
    for (at, sign) in word.char_indices() {
        let behind = word.get(at + sign.len_utf8()..).unwrap_or_default();
        let next = behind.chars().next();
        let is_before = |wanted: fn(char) -> bool| next.is_some_and(wanted);
        let is_live = match sign {
            ':' => behind.starts_with("//"),
            '@' => is_before(|c| c.is_alphanumeric() || c == '_'),
            '#' => is_tag(behind),
            '$' => is_before(|c| c.is_ascii_uppercase() || c == '1'),
            '/' => {
                is_before(|c| c.is_ascii_alphanumeric() || c == '_')
                    && before.is_none_or(|c| !matches!(c, '/' | '<' | '>') && !is_of_word(c))
            }
            '.' => before.is_some() && is_before(|c| c.is_alphabetic() || !c.is_ascii()),
            _ => false,
        };
        dotted = match (before, sign) {
            (Some('.'), '0'..='9') if dotted > 0 => dotted + 1,
            (Some('0'..='9'), '0'..='9' | '.') => dotted,
            (_, '0'..='9') => 1,
            _ => 0,
        };
        if is_live || dotted >= 4 {
            return true;
        }
        before = Some(sign);
    }
    false
}

/// Returns whether the text after a `#` makes it a tag: digits alone do not.
fn is_tag(behind: &str) -> bool {
    let is_part = |c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '\u{b7}' | '\u{200c}' | '\u{d80}'..='\u{dff}')
    };
    let mut parts = behind.chars().take_while(|c| is_part(*c));
    parts.any(|c| !c.is_ascii_digit())
}

/// Returns whether a slash after the character is in the middle of a word. Marks on letters count
/// as letters for Unicode, but not for tdlib (`is_word_character`).
fn is_of_word(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || (c.is_alphanumeric() && !is_mark(c))
}

/// Returns the possible numbers of cards or telephones, in order.
fn numbers(line: &str) -> Vec<Range<usize>> {
    let (cards, telephones) = (cards(line), telephones(line));
    if cards.is_empty() && telephones.is_empty() {
        return cards;
    }
    let numbers = cards.into_iter().chain(telephones);
    sorted(numbers, |a, b| a.start.cmp(&b.start))
}

/// Returns the numbers of cards. Digits are read in three ways: with any number of spaces and hyphens
/// between them, with one, and with none, since tdlib reads on over several separators but ends a
/// number without separators at the first space. A run of as many digits as a card has is a number;
/// the longest is returned.
fn cards(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if line.bytes().filter(u8::is_ascii_digit).count() < *CARD.start() {
        return found;
    }
    let (mut whole, mut single, mut joined) =
        (Digits::default(), Digits::default(), Digits::default());
    // Candidates inside a longer one, used if the longer one is no number of a card.
    let (mut in_whole, mut in_single) = (Vec::new(), Vec::new());
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if at > joined.end {
                    in_single.extend(joined.take());
                }
                if at > single.end + 1 {
                    take_longer(&mut single, &mut in_single, &mut in_whole);
                }
                for digits in [&mut whole, &mut single, &mut joined] {
                    digits.add(at);
                }
            }
            b' ' | b'-' => {}
            _ => {
                in_single.extend(joined.take());
                take_longer(&mut single, &mut in_single, &mut in_whole);
                take_longer(&mut whole, &mut in_whole, &mut found);
            }
        }
    }
    in_single.extend(joined.take());
    take_longer(&mut single, &mut in_single, &mut in_whole);
    take_longer(&mut whole, &mut in_whole, &mut found);
    found
}

/// Adds the longer number, or those inside it if it is none.
fn take_longer(longer: &mut Digits, inside: &mut Vec<Range<usize>>, found: &mut Vec<Range<usize>>) {
    match longer.take() {
        Some(longer) => {
            inside.clear();
            found.push(longer);
        }
        None => found.append(inside),
    }
}

/// Digits that may be a card's number.
#[derive(Default)]
struct Digits {
    start: usize,
    end: usize,
    count: usize,
}

impl Digits {
    fn add(&mut self, at: usize) {
        if self.count == 0 {
            self.start = at;
        }
        self.end = at + 1;
        self.count += 1;
    }

    /// Returns their range if they are as many as a card has, and starts again.
    fn take(&mut self) -> Option<Range<usize>> {
        let Self { start, end, count } = std::mem::take(self);
        CARD.contains(&count).then_some(start..end)
    }
}

/// Returns a `+` and digits, with common separators between them.
fn telephones(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !line.contains('+') {
        return found;
    }
    let mut begun: Option<Digits> = None;
    let mut take = |begun: &mut Option<Digits>| {
        let long = begun.take().filter(|digits| digits.count >= TELEPHONE);
        found.extend(long.map(|digits| digits.start..digits.end));
    };
    for (at, byte) in line.bytes().enumerate() {
        match (byte, &mut begun) {
            (b'+', _) => {
                take(&mut begun);
                begun = Some(Digits {
                    start: at,
                    end: at,
                    count: 0,
                });
            }
            (b'0'..=b'9', Some(digits)) => {
                digits.end = at + 1;
                digits.count += 1;
            }
            (b'(', Some(_)) | (b' ' | b'-' | b'.' | b')', Some(Digits { count: 1.., .. })) => {}
            _ => take(&mut begun),
        }
    }
    take(&mut begun);
    found
}

/// Removes closing punctuation, and brackets and quotes in pairs. An unpaired one stays, because the
/// address may continue after it.
fn trimmed(line: &str, run: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = run;
    for _ in 0..TRIMS {
        let text = line.get(start..end).unwrap_or_default();
        if let Some(rest) = text.strip_suffix(CLOSING) {
            end = start + rest.len();
            continue;
        }
        let pair = PAIRS.iter().find(|(open, close)| {
            let rest = text.strip_prefix(*open);
            rest.is_some_and(|rest| rest.ends_with(*close))
        });
        let Some((open, close)) = pair else { break };
        start += open.len_utf8();
        end -= close.len_utf8();
    }
    start..end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::code_runs;

    fn code(line: &str) -> Vec<&str> {
        let runs = code_runs(line).into_iter();
        runs.map(|run| line.get(run).unwrap()).collect()
    }

    #[test]
    fn ordinary_lines_have_no_code() {
        for line in [
            "payment failed: card declined",
            "panicked: index out of bounds: the len is 3 but the index is 7",
            "std::io::Error in step 3/4 of 1.10.2, 42 % and/or <b>bold</b>",
            "user_id=42 e-mail order ORD-4711 at 12:04:31, attempt #3, +5 more",
            "localhost:80 [::1]:80 2026-11-28 12:04:31 UTC took 1.5 s (5 of 5).",
            "1234 5678 9012, 12345678901234567890 rows, x = y + 1",
            "订单支付失败。 Заказ не оплачен... あ",
            "",
            "  ",
        ] {
            assert_eq!(code(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn what_telegram_would_link_or_call_is_code() {
        for (line, runs) in [
            (
                "see https://shop.example/a?b=c, then",
                &["https://shop.example/a?b=c"][..],
            ),
            ("ask @admin or a@b", &["@admin", "a@b"]),
            ("#hashtag #12 #1a #_", &["#hashtag", "#1a", "#_"]),
            ("$USD $1 $2 usd$", &["$USD", "$1"]),
            ("GET /health failed and/or 3/4 </b> a//b", &["/health"]),
            ("panicked at src/main.rs:41:9:", &["src/main.rs:41:9"]),
            ("10.0.0.12:5432 1.2.3 1.2.3.", &["10.0.0.12:5432"]),
            (
                "paid with 4111 1111 1111 1111 today",
                &["4111 1111 1111 1111"],
            ),
            (
                "4111-1111 1111-1111! 4111  1111  1111  1111",
                &["4111-1111 1111-1111", "4111  1111  1111  1111"],
            ),
            ("id=1763640271123: x", &["id=1763640271123"]),
            (
                "5555555555554444 5555555555554444 1, 5555555555554444 4",
                &["5555555555554444", "5555555555554444", "5555555555554444 4"],
            ),
            (
                "call +1 (650) 555-1234, x+1234567",
                &["+1 (650) 555-1234", "x+1234567"],
            ),
            ("пример.рф ｅxample．com x.ｙ", &["пример.рф", "x.ｙ"]),
            ("\u{93f}/start \u{438}/start", &["\u{93f}/start"]),
        ] {
            assert_eq!(code(line), runs, "{line}");
        }
    }

    #[test]
    fn punctuation_stays_outside_and_brackets_and_quotes_in_pairs() {
        for (line, runs) in [
            ("(main.rs).", &["main.rs"][..]),
            ("(\"a.rs\"),", &["a.rs"]),
            ("(see main.rs)", &["main.rs)"]),
            ("\"main.rs", &["\"main.rs"]),
            (
                "«a.rs» `b.rs` ‘c.rs’ <d.rs>",
                &["a.rs", "b.rs", "c.rs", "d.rs"],
            ),
            ("main.rs!!!!", &["main.rs!"]),
            ("..…", &[]),
        ] {
            assert_eq!(code(line), runs, "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn runs_are_in_order_apart_and_without_white_space_at_the_ends(
            line in "([ \u{a0}a-c1-9@#$/.:+()\"'…\u{438}\u{301}🔥-]|1234567 |\\PC){0,60}",
        ) {
            let mut end = 0;
            for run in code_runs(&line) {
                prop_assert!(run.start >= end && run.end > run.start);
                let text = line.get(run.clone()).unwrap();
                prop_assert_eq!(text.trim(), text);
                end = run.end;
            }
        }
    }

    #[cfg(all(feature = "discord", feature = "zulip"))]
    #[test]
    fn what_repeats_a_sign_many_times_is_read_at_once() {
        let signs = [
            "@",
            "#",
            "#1",
            "$",
            "/",
            "<",
            "(",
            "((",
            "\"",
            "`",
            ".",
            "..",
            "./",
            "1.",
            "a.b",
            "://",
            "+",
            "+1",
            "+1 ",
            "1",
            "1-",
            "1 ",
            "1  ",
            "12345678 ",
            "1234567890123 ",
            "\u{93f}/a ",
            "\u{301}",
        ];
        crate::adapter::inline::tests::assert_linear(code_runs, &signs);
    }
}
