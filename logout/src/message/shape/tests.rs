use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::families::ShapeFamily;
use super::{Hash, KEPT, READ, Shape};

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
        // Values, with their signs, zones and separators.
        ("moved +5 of -3, $4 and ~2", "moved · of · and ·"),
        ("size 1024 x 768 px", "size · px"),
        ("from 5 PM to 6 AM and 7 GMT", "from · to · and ·"),
        ("at 5, UTC", "at ·, UTC"),
        ("limit=5=6", "limit=·"),
        ("retry (3) of {4}", "retry (·) of {·}"),
        ("lost 1;2 of 3|4", "lost · of ·"),
        ("on a1-2, b1+2, c1/2, d1.2, e1:2", "on a·, b·, c·, d·, e·"),
        // Units, of which time is one and size another.
        ("lags by 3 hours 12 minutes", "lags by ·"),
        (
            "again in 1 second, then 5 µs later",
            "again in ·, then · later",
        ),
        ("holds 1.5 GiB of 80 bytes", "holds · B of · B"),
        ("seconds of 5, seconds", "seconds of ·, seconds"),
        // Ids: as random as one can be, or hexadecimal.
        ("ticket hQzXpLmTrWbK gone", "ticket · gone"),
        ("ticket hQz7pLm9rWb_K-x gone", "ticket · gone"),
        (
            "token eyJhbGciOiJSUzUxMiJ9.eyJpYXQiOjE3MDAwMDB9.dGhpc2lzYXNpZwK",
            "token ·",
        ),
        (
            "pods shop/api-5c4d3b2a1f-zz8k2 and shop/web-7d9f8b6c5d-xkcdq",
            "pods shop/api-· and shop/web-·",
        ),
        ("ticket AdEFGHIJdKLM or ABCdefGHijKL", "ticket · or ·"),
        (
            "id x2.hQzXpLmTrWbK of notification-queue2",
            "id x· of notification-queue·",
        ),
        ("job -K7dX9fB2aQ8zW and x-K7dX9fB2aQ8zW", "job · and ·"),
        (
            "signed hQz7pLm9+rWbKxQ and Q7z/pLm9rWbKx8Q",
            "signed · and ·",
        ),
        (
            "from ::ffff:10.0.0.1 in shop::v2::pay",
            "from · in shop::v·::pay",
        ),
        ("blob abcdef12 and abcd-ef12-99", "blob · and ·"),
        ("blob abcdef1 and abcdefgh1", "blob abcdef· and abcdefgh·"),
        ("from fe80:0:1 and fe80:1 to ::1", "from · and fe· to ·"),
        // Mixtures of up to four characters, and longer ones with what is joined to them.
        ("on a1b2 and a1b2c-d-e.f left", "on a·b· and ·.f left"),
        ("用户5a6b7c失败", "用户·a·b·c失败"),
        // Addresses.
        ("mail for a.b@c.de: full", "mail for ·: full"),
        (
            "key a@b of user@host and a@b@c.de",
            "key a@b of user@host and a@b@c.de",
        ),
        ("open C:\\Users\\al1\\x.log", "open C:/Users/al·/x.log"),
        ("open ~/x1, ./y2 and \\z3", "open ~/x·, ./y· and /z·"),
        ("rate 5/s or a1/b2", "rate · or a·/b·"),
        ("get /items?page=2&sort=a. Then /x", "get /items. Then /x"),
        ("get /items?q, again", "get /items, again"),
        ("job/abcdef12/x gone", "job/·/x gone"),
        ("is it /items?a=b? no", "is it /items? no"),
        ("open C:\\x1", "open C:/x·"),
        (
            "open /t/7f3a.tmp and /t/a8f1c.tmp",
            "open /t/·.tmp and /t/·.tmp",
        ),
        (
            "open /t/abcdef12.c and /v1.5/a.mp4",
            "open /t/·.c and /v·/a.mp·",
        ),
        ("dial ws://h1.x/a", "dial ws://h·.x/a"),
        ("get https://h17.acme.io/a", "get https://h·.acme.io/a"),
        // Quotes.
        ("user 'o'neil' has \"two words\"", "user '·' has \"·\""),
        (
            "said \"one two three\" and \"x\"",
            "said \"one two three\" and \"·\"",
        ),
        ("thing \"orders\" and `5a`", "thing \"·\" and `·`"),
        (
            "column \"a b\" of type \"A.b\" \"c\"",
            "column \"·\" of type \"A.b\" \"·\"",
        ),
        ("订单「甲乙」失败", "订单「·」失败"),
        ("Feld »a« in «b» ‘c’ “d”", "Feld »·« in «·» ‘·’ “·”"),
        (
            "said \"no room for it.\" and \"x\"",
            "said \"no room for it.\" and \"·\"",
        ),
        (
            "Get \"https://api.x.io/users/17?q=3&t=a\": EOF",
            "Get \"https://api.x.io/users/·\": EOF",
        ),
        (
            "open '/data/in/2026-11.csv': no",
            "open '/data/in/·.csv': no",
        ),
        (
            "pull of \"acme.io/shop/api:v1.4\"",
            "pull of \"acme.io/shop/api:v·\"",
        ),
        ("user named 'bob' of 'text/html'", "user named '·' of '·'"),
        ("file 'scan(3).png' and '(a.b)'", "file '·' and '·'"),
        // Digits that are none of what is kept.
        ("status, 404 and code 5000", "status, · and code ·"),
        ("got HTTP/1.1 404 of 12", "got HTTP/· 404 of ·"),
        ("failed: E4ab: no", "failed: E·ab: no"),
        ("failed E0425 again", "failed E· again"),
        ("failed E0425: no", "failed E·: no"),
        ("[E0425 no", "[E· no"),
        ("failed with code A12", "failed with code A·"),
        ("SQLSTATE 42x.1", "SQLSTATE ·"),
        ("error: E042567: x", "error: E·: x"),
        ("error: ABCDEG42: x", "error: ABCDEG·: x"),
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
        "exit_code=137 of http_status 404",
        "exited with code -14",
        "SQLSTATE 42P01",
        "SQLSTATE: 42601",
        "refused (E0425)",
        "failed: E0425",
        "failed [TS2345]: no",
        "couldn't find it, wasn't there",
        "and/or either/or",
        "it's boxes' lids",
        "er sagt „eins zwei drei“ und x”",
        "not in UTC, but in GMT: no",
        "press x to go on...",
        "is it there? no: no.",
        "ticket hQzXpLmTrWb is too short",
        "GetUserByNameOrElseFailure of deadbeef",
        "exited with status (137)",
        "AUTHENTICATION of ABCdEFGHIJKl and AbcdBefgChiD",
        "no macro aB_cD_eF_gH_i",
        "open /var/deadbeef/x",
        "keys a:b@c.de or a/b@c.de or a\\b@c.de",
        "package @acme.io of git@acme.io:shop",
        "no 'user_id' in \"com.acme.Order$Item\"",
        "undefined array key \"email\"",
        "primary_key \"orders\" of Index \"dark-mode\"",
        "call of `orders` and 'a.b' or 'a:b'",
        "unique constraint \"orders_pkey\"",
        "missing field `total`",
        "unknown feature \"dark\"",
        "KeyError: 'email'",
        "object has no attribute 'split'",
        "No module named 'redis'",
        "cannot read properties of undefined (reading 'map')",
        "cannot invoke \"com.acme.Order.getTotal()\", it is null",
        "open '/etc': denied",
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
        ("user= action=a;b=(c)", "user= action=·;b=·)"),
        ("ask (a=b, c=d&e=f) of [g=h]", "ask (a=·, c=·&e=·) of [g=·]"),
        ("a=b} c=d\" e=f' g=h` left", "a=·} c=·\" e=·' g=·` left"),
        ("blob deadbeef1.5", "blob ·"),
        ("Half { open: Some { at: { 1 } } } left", "Half {·} left"),
        ("Half { open", "Half { open"),
        ("too many 5xx: E0425", "too many ·: E·"),
        ("ask ~a@b", "ask ~a@b"),
        ("said \"one two three\" there", "said \"·\" there"),
        ("get https://api.x.io/items?a=b, again", "get ·, again"),
        (
            "Err: Half { open: 5, rest: [1] } left",
            "Err: Half {·} left",
        ),
    ] {
        assert_eq!(Shape::of(text).coarse().to_string(), expected, "{text}");
    }
}

#[test]
fn shapes_are_equal_where_their_texts_are_and_look_like_them() {
    let [one, same, other] = ["failed: 4", "failed: 5", "denied: 4"].map(Shape::of);
    assert!(one == same && one != other);
    assert_eq!(format!("{one:?}"), "failed: ·");
}

#[test]
fn a_shape_ignores_digits_unless_some_of_them_are_kept() {
    assert!(Shape::of("payment 4711 failed").ignores_digits());
    assert!(!Shape::of("status 404 of 4711").ignores_digits());
    assert!(!Shape::of("killed by signal 14").ignores_digits());
}

#[test]
fn a_query_ends_where_a_url_would() {
    for end in "\"'`<>()[]{},;".chars() {
        let text = format!("get /items?a=b{end} failed");
        assert_eq!(shape(&text), format!("get /items{end} failed"));
    }
}

#[test]
fn a_shape_that_is_full_ends_there_whatever_comes() {
    let words = "ten_signs ".repeat(19);
    for end in ["1", "12345678,", "a 1,", "abcdefg 1,", "abcdefgh 1,"] {
        let full = format!("{words}{end}{}", "b".repeat(10));
        let more = [", 2 and", " 3 x 4, 5 or 6", "'quoted' more", " UTC"];
        for more in more {
            let longer = Shape::of(&format!("{full}{more}"));
            if Shape::of(&full).bytes().len() == KEPT {
                assert_eq!(longer, Shape::of(&full), "{full}{more}");
            }
        }
    }
    let full = format!("{words}abcdefgh1,");
    assert_eq!(Shape::of(&full).bytes().len(), KEPT);
    assert_eq!(Shape::of(&full), Shape::of(&format!("{full} 2 and")));
}

/// Returns labelled lines: call site, problem, and text.
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

#[test]
fn two_texts_are_one_problem_where_a_person_says_so() {
    let lines = include_str!("../../../../tests/problem_pairs.tsv").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let parts: Vec<_> = line.split('\t').collect();
        let [said, one, other] = parts[..] else {
            panic!("{line}");
        };
        let [one, other] = [one, other].map(Shape::of);
        assert_eq!(one == other, said == "one", "{line}: {one} and {other}");
    }
}

/// Generates texts as programs write them, and stranger ones.
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
        let (coarse, _) = (shape.coarse(), ShapeFamily::of(&[shape]));
        prop_assert!(coarse.bytes().len() <= KEPT);
        let _never_panics = ShapeFamily::of(&[coarse, shape]);
    }

    /// Checks that digits matter only where they are kept, which the coarse shape does not do.
    #[test]
    fn other_digits_make_no_other_coarse_shape(text in text(), digits in "[0-9]{1,9}") {
        let mut digits = digits.chars().cycle();
        let other = |c: char| if c.is_ascii_digit() { digits.next().unwrap() } else { c };
        let other: String = text.chars().map(other).collect();
        prop_assert_eq!(Shape::of(&text).coarse(), Shape::of(&other).coarse());
    }

    /// Checks the same of the shape itself, if no word before them asks to keep them.
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

    /// Checks the property by which a text is recognised without being folded.
    #[test]
    fn a_shape_that_ignores_digits_is_that_of_all_texts_that_differ_in_digits(
        text in text(),
        digits in "[0-9]{1,9}",
    ) {
        let mut digits = digits.chars().cycle();
        let other = |c: char| if c.is_ascii_digit() { digits.next().unwrap() } else { c };
        let other: String = text.chars().map(other).collect();
        let hash = |text: &str| Hash::new().text_but_digits(text.as_bytes()).finish();
        prop_assert_eq!(hash(&text), hash(&other));
        let (shape, other) = (Shape::of(&text), Shape::of(&other));
        prop_assert_eq!(shape.ignores_digits(), other.ignores_digits());
        if shape.ignores_digits() {
            prop_assert_eq!(shape, other);
        }
    }

    /// Checks that coarse shapes depend on shapes alone.
    #[test]
    fn equal_shapes_have_equal_coarse_ones(text in text(), number in any::<u32>()) {
        let with = |number: u32| Shape::of(&format!("{text} {number} of {number}"));
        let (one, other) = (with(number), with(number / 2 + 10));
        if one == other {
            prop_assert_eq!(one.coarse(), other.coarse());
            prop_assert_eq!(ShapeFamily::of(&[one]), ShapeFamily::of(&[other]));
        }
    }

    #[test]
    fn what_is_beyond_the_bounds_changes_nothing(text in "[a-z ]{0,40}", more in "[a-z]{1,40}") {
        let long = format!("{text}{}", " x1y".repeat(READ));
        prop_assert_eq!(Shape::of(&long), Shape::of(&format!("{long}{more}")));
    }
}
