//! Tests with credentials, of which nothing is shown, and with ordinary lines, which are shown as
//! they are.

use std::borrow::Cow;

use proptest::prelude::*;

use self::credentials::{CREDENTIALS, Form};
use self::systems::SYSTEMS;
use super::prefixes::{PREFIXES, known_prefix};
use super::{MASK, Scrubber};
use crate::block::Scrub;
use crate::event::encoding::TRUNCATED;
use crate::message::Mask;
use crate::text::linear_time::assert_linear;
use crate::transport::Secret;

mod credentials;
mod lookalikes;
mod ordinary;
mod systems;

fn shown(text: &str) -> String {
    Scrubber::new(&[], &[Scrub::Default]).shown(text, &Mask::default())
}

/// Returns every credential of both lists with its text.
fn credentials() -> impl Iterator<Item = (&'static str, &'static str)> {
    let forms = CREDENTIALS.iter().map(|(_, secret, text)| (*secret, *text));
    forms.chain(SYSTEMS.iter().map(|(_, secret, text)| (*secret, *text)))
}

/// The characters of a credential that may be left, as of a configured secret.
const SHORTEST: usize = 4;

#[test]
fn nothing_of_a_credential_survives() {
    assert!(CREDENTIALS.len() >= 200 && SYSTEMS.len() >= 200);
    for form in [
        Form::Debug,
        Form::Json,
        Form::Url,
        Form::Header,
        Form::Toml,
        Form::Sql,
    ] {
        let of_form = CREDENTIALS.iter().filter(|(of, ..)| *of == form);
        assert!(of_form.count() >= 25, "{form:?}");
    }
    let mut left = Vec::new();
    for (secret, text) in credentials() {
        assert!(text.contains(secret), "{text}");
        let shown = shown(text);
        let characters: Vec<char> = secret.chars().collect();
        // A PIN is no longer than that.
        let parts = characters.windows((SHORTEST + 1).min(characters.len()));
        let mut parts = parts.map(|part| part.iter().collect::<String>());
        if parts.any(|part| shown.contains(&part)) {
            left.push(format!("{text}\n    {shown}"));
        }
    }
    assert!(
        left.is_empty(),
        "{} are left:\n{}",
        left.len(),
        left.join("\n")
    );
}

#[test]
fn nothing_of_a_credential_survives_where_the_text_is_cut_in_it() {
    let mut left = Vec::new();
    for (secret, text) in credentials() {
        let start = text.find(secret).unwrap();
        let ends = secret.char_indices().skip(SHORTEST + 1).map(|(end, _)| end);
        for end in ends.chain([secret.len()]) {
            let begun = &text[..start + end];
            let least: String = secret.chars().take(SHORTEST + 1).collect();
            for cut in [TRUNCATED, "…"] {
                let shown = shown(&format!("{begun}{cut}"));
                if shown.contains(&least) {
                    left.push(format!("{begun}{cut}\n    {shown}"));
                }
            }
        }
    }
    let few: Vec<_> = left.iter().take(20).cloned().collect();
    assert!(
        left.is_empty(),
        "{} are left:\n{}",
        left.len(),
        few.join("\n")
    );
}

#[test]
fn ordinary_lines_are_shown_as_they_are() {
    let lines = ordinary::lines();
    assert!(lines.len() >= 2_000, "{}", lines.len());
    let distinct: std::collections::HashSet<_> = lines.iter().collect();
    assert_eq!(distinct.len(), lines.len());
    let masked = lines.iter().filter_map(|line| {
        let shown = shown(line);
        shown.contains(MASK).then(|| format!("{line}\n    {shown}"))
    });
    let masked: Vec<_> = masked.collect();
    assert!(
        masked.is_empty(),
        "{} are masked:\n{}",
        masked.len(),
        masked.join("\n")
    );
}

#[test]
fn what_is_left_still_says_what_it_was() {
    for (text, told) in [
        (
            "connecting to postgres://app:hunter2@db.acme.dev:5432/shop failed",
            "connecting to postgres://•••@db.acme.dev:5432/shop failed",
        ),
        (
            "Login { user: \"ada\", password: \"hunter2\", tries: 3 }",
            "Login { user: \"ada\", password: \"•••\", tries: 3 }",
        ),
        (
            "GET /v1/me?user=7&access_token=abc123&lang=de",
            "GET /v1/me?user=7&access_token=•••&lang=de",
        ),
        (
            "Authorization: Bearer abc.def-123, retried",
            "Authorization: Bearer •••, retried",
        ),
        ("card 4111 1111 1111 1111 declined", "card ••• declined"),
        (
            "login failed for token=abc, user=7",
            "login failed for token=•••, user=7",
        ),
        (
            "Some(\"x\"), token: Some(\"y\"))",
            "Some(\"x\"), token: Some(•••))",
        ),
    ] {
        assert_eq!(shown(text), told);
    }
}

#[test]
fn a_configured_secret_is_taken_out_though_nothing_else_is() {
    let secrets = [Secret::new("qZjXwVkQzJxWq".to_owned())];
    let off = Scrubber::new(&secrets, &[]);
    let text = "token=abc123 at https://a:b@c and qZjXwVkQzJxWq";
    let told = format!("token=abc123 at https://a:b@c and {MASK}");
    assert_eq!(off.shown(text, &Mask::default()), told);
}

#[test]
fn the_programs_function_sees_no_configured_secret_and_cannot_bring_one_back() {
    fn upper(text: &str) -> Cow<'_, str> {
        assert!(!text.contains("qZjX"), "{text}");
        Cow::Owned(format!("{text} qZjXwVkQzJxWq"))
    }
    let secrets = [Secret::new("qZjXwVkQzJxWq".to_owned())];
    let scrubber = Scrubber::new(&secrets, &[Scrub::Function(upper)]);
    let told = scrubber.shown("a qZjXwVkQzJxWq", &Mask::default());
    assert_eq!(told, format!("a {MASK} {MASK}"));
}

#[test]
fn colours_do_not_part_a_secret() {
    let secrets = [Secret::new("s3cret/key+1".to_owned())];
    let scrubber = Scrubber::new(&secrets, &[Scrub::Default]);
    let shown = |text| scrubber.shown(text, &Mask::default());
    assert_eq!(shown("s3cr\x1b[31met/key+1\x1b[0m!"), format!("{MASK}!"));
    assert_eq!(
        shown("pass\x1b[1mword\x1b[0m=hunter2"),
        format!("password={MASK}")
    );
    assert_eq!(shown("\x1b[31mred\x1b[0m\u{202e}"), "red⟨U+202E⟩");
}

/// Checks texts that would take quadratic time if anything were scanned again and again.
#[test]
fn no_text_takes_more_than_linear_time() {
    for piece in [
        "a://b:c",
        "xoxb-",
        "eyJ-",
        "basic%20",
        "bearer ",
        "token: ",
        "password=\"",
        "token: Some(",
        "token:",
        "authorization:",
        "token_ref: {",
        "token: {{.",
        "token_url: {/",
        "('",
        "(\\\"",
        "insert into t (",
        "-----BEGIN PRIVATE KEY-----",
        "4111 ",
        "cookie: x ",
        "--token ",
        "set password = '",
        "http://a:b/",
        "name: a, value: ",
        "?key=",
        "salt: \"",
        "salt: [",
        "token%3D",
        "%3A%2F%2Fa%3A",
        "token%3A%22",
        "token:&quot;",
        "curl -u ",
        "-u a:b ",
        "login -p",
        "[\"-p\", ",
        "ENV TOKEN ",
        "token ",
        "api key ",
        "basic",
        "machine login password ",
        "\"AUTH\" ",
        "requirepass",
        "Pwd={",
        "LS0t",
        "MII",
        "MTk4",
        "jdbc:oracle:thin:",
        "Private-Lines:",
        "authorization: Bot ",
        "stripe-signature: ",
        "password",
        "_",
        "\\",
    ] {
        let text = |length: usize| piece.repeat(length / piece.len());
        assert_linear(piece, 10_000, text, |text| {
            std::hint::black_box(shown(text));
        });
    }
}

proptest! {
    #[test]
    fn any_text_is_scrubbed(text in any::<String>()) {
        let _no_panic = shown(&text);
    }

    #[test]
    fn what_was_scrubbed_stays_as_it_is(
        text in "(password|token|auth|: |=|\"|'|\\\\|://|@|\\(|\\)|\\{|\\}|Bearer |Basic |eyJ|\\.|41111|11111111111| |…|,|&|--|a|7|é|INSERT INTO | VALUES ){0,24}"
    ) {
        let once = shown(&text);
        // What followed a name may now be read differently, but no more is shown.
        let twice = shown(&once);
        prop_assert!(twice.len() <= once.len() + MASK.len() * 8, "{} {}", once, twice);
    }
}

#[test]
fn each_beginning_of_a_token_is_found_among_those_of_its_letter() {
    assert!(PREFIXES.is_sorted_by_key(|(prefix, _)| prefix.bytes().next()));
    for (prefix, least) in PREFIXES {
        let (found, _) = known_prefix(&format!("{prefix}{}", "x".repeat(least))).unwrap();
        assert!(prefix.starts_with(found), "{prefix}");
    }
    assert_eq!(known_prefix("shop::pay"), None);
    assert_eq!(known_prefix(""), None);
}
