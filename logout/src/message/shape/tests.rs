use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::families::Family;
use super::{KEPT, READ, Shape};

fn shape(text: &str) -> String {
    Shape::of(text).to_string()
}

#[test]
fn what_differs_between_two_tellings_is_folded() {
    for (text, expected) in [
        ("payment 4711 failed: timeout", "payment · failed: timeout"),
        ("took 1.5s, then 12µs and 42%", "took ·, then · and ·"),
        ("at 2026-11-28 12:04:31 UTC on", "at · on"),
        ("at 2026-11-28T12:04:31.120Z on", "at · on"),
        (
            "request 0199a1b2-5c3d-7e4f-8a9b-0c1d2e3f4a5b failed",
            "request · failed",
        ),
        (
            "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
            "commit ·",
        ),
        ("peer fe80::1 left", "peer · left"),
        ("no such user: alice@acme.io", "no such user: ·"),
        (
            "charge ch_Z4dktVHkRt6dLtyX9x9Slrt5 refused",
            "charge · refused",
        ),
        ("job HEWCPsmF4XSt5wKVcI-gp failed", "job · failed"),
        ("user42 and worker-86 of k8s", "user· and worker-· of k·s"),
        ("pod api-7d9f8b6c5d-xkcdq gone", "pod api-· gone"),
        (
            "get https://api.x.io/v1/items/17?q=3&t=a: timeout",
            "get https://api.x.io/v·/items/·: timeout",
        ),
        (
            "open /var/lib/acme/img_31.png",
            "open /var/lib/acme/img_·.png",
        ),
        ("lost [1, 2, 3] and [4]", "lost [·] and [·]"),
        ("no tenant 'hanna'", "no tenant '·'"),
        ("Benutzer „alice“ fehlt", "Benutzer „·“ fehlt"),
        ("it said \"no room for it\"", "it said \"no room for it\""),
        ("订单517支付失败", "订单·支付失败"),
        ("order ORD-4711 could not", "order ORD-· could not"),
        ("payment 404 failed", "payment · failed"),
        ("  two\t words \nand more", "two words"),
        ("", ""),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn what_differs_between_two_problems_is_kept() {
    for text in [
        "upstream answered with status 500",
        "answered status=404, again",
        "exit code: 137",
        "grpc code 14",
        "SQLSTATE[23505]",
        "killed by signal: 9 (SIGKILL)",
        "error[E0425]: cannot find value",
        "ORA-00942: table does not exist",
        "too many 5xx",
        "unique constraint \"orders_pkey\"",
        "missing field `total`",
        "unknown feature \"dark\"",
        "JsonWebTokenError of ConnectionRefused",
    ] {
        assert_eq!(shape(text), text);
    }
}

#[test]
fn the_coarse_shape_folds_what_was_kept() {
    for (text, expected) in [
        ("answered with status 500", "answered with status ·"),
        (
            "unique constraint \"orders_pkey\"",
            "unique constraint \"·\"",
        ),
        ("open /etc/acme/tls.key: denied", "open ·: denied"),
        ("user=alice action=login", "user=· action=·"),
        (
            "Err: Half { open: 5, rest: [1] } left",
            "Err: Half {·} left",
        ),
    ] {
        assert_eq!(Shape::of(text).coarse().to_string(), expected, "{text}");
    }
}

/// Labelled lines: `site`, `problem`, and what was said.
fn problems() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = include_str!("../../../../tests/problems.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut parts = line.splitn(3, '\t');
            Some((parts.next()?, parts.next()?, parts.next()?))
        })
}

#[test]
fn hardly_a_problem_is_hidden_and_hardly_one_has_many_shapes() {
    let mut shapes: HashMap<_, HashSet<u64>> = HashMap::new();
    let mut owners: HashMap<_, HashSet<&str>> = HashMap::new();
    for (site, problem, text) in problems() {
        let hash = Shape::of(text).hash();
        shapes.entry((site, problem)).or_default().insert(hash);
        owners.entry((site, hash)).or_default().insert(problem);
    }
    let problems = shapes.len();
    let hidden: usize = owners.values().map(|owners| owners.len() - 1).sum();
    let shapes: usize = shapes.values().map(HashSet::len).sum();
    assert!(problems > 100, "{problems} problems");
    assert!(
        hidden * 100 <= problems,
        "{hidden} of {problems} are hidden"
    );
    assert!(
        shapes <= problems * 2,
        "{shapes} shapes of {problems} problems"
    );
}

/// Texts as programs write them, and worse.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z]{1,14}",
        "[0-9a-fA-F-]{1,12}",
        "[0-9.:x,T/+-]{1,8}",
        "[\"'`„“«»(){}=\\[\\] ]{1,3}",
        "(https://|/|@|user|v|\\$|~|\\?|&|_|#)",
        "(UTC|HTTP/1.1|SQLSTATE|status|code|column|type|[A-Z]{2}-?[0-9]{3})",
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_has_a_shape_within_its_bounds(text in text()) {
        let shape = Shape::of(&text);
        prop_assert!(shape.bytes().len() <= KEPT);
        let (coarse, _) = (shape.coarse(), Family::of(&[shape]));
        prop_assert!(coarse.bytes().len() <= KEPT);
        let _never_panics = Family::of(&[coarse, shape]);
    }

    /// Digits change nothing but where they are kept, which the coarse shape does not do.
    #[test]
    fn other_digits_make_no_other_coarse_shape(text in text(), digits in "[0-9]{1,9}") {
        let mut digits = digits.chars().cycle();
        let other = |c: char| if c.is_ascii_digit() { digits.next().unwrap() } else { c };
        let other: String = text.chars().map(other).collect();
        prop_assert_eq!(Shape::of(&text).coarse(), Shape::of(&other).coarse());
    }

    /// The same of the shape itself, where no word before them asks to keep them.
    #[test]
    fn digits_that_are_not_kept_never_change_a_shape(
        words in prop::collection::vec("[a-z]{2,6}|[a-z]{0,3}[0-9]{1,6}[a-z]{0,2}|[0-9]{1,4}[.:/-][0-9]{1,4}", 1..9),
        digits in "[0-9]{1,9}",
    ) {
        const KEEP: [&str; 5] = ["code", "http", "errno", "signal", "exit"];
        let plain = words.iter().filter(|word| !KEEP.contains(&word.as_str()) && !word.ends_with("xx"));
        let text = plain.cloned().collect::<Vec<_>>().join(" ");
        let mut digits = digits.chars().cycle();
        let other = |c: char| if c.is_ascii_digit() { digits.next().unwrap() } else { c };
        let other: String = text.chars().map(other).collect();
        prop_assert_eq!(Shape::of(&text), Shape::of(&other));
    }

    /// Equal shapes have equal coarse ones: those are made of nothing else.
    #[test]
    fn equal_shapes_have_equal_coarse_ones(text in text(), number in any::<u32>()) {
        let with = |number: u32| Shape::of(&format!("{text} {number} of {number}"));
        let (one, other) = (with(number), with(number / 2 + 10));
        if one == other {
            prop_assert_eq!(one.coarse(), other.coarse());
            prop_assert_eq!(Family::of(&[one]), Family::of(&[other]));
        }
    }

    #[test]
    fn what_is_beyond_the_bounds_changes_nothing(text in "[a-z ]{0,40}", more in "[a-z]{1,40}") {
        let long = format!("{text}{}", " x1y".repeat(READ));
        prop_assert_eq!(Shape::of(&long), Shape::of(&format!("{long}{more}")));
    }
}
