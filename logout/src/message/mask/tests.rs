use proptest::prelude::*;

use super::Mask;

/// `DEFAULT_DENYLIST` of `sentry_sdk/scrubber.py`, version 2.
const SENTRY: [&str; 30] = [
    "password",
    "passwd",
    "secret",
    "api_key",
    "apikey",
    "auth",
    "credentials",
    "mysql_pwd",
    "privatekey",
    "private_key",
    "token",
    "session",
    "csrftoken",
    "sessionid",
    "x_csrftoken",
    "set_cookie",
    "cookie",
    "authorization",
    "proxy-authorization",
    "x_api_key",
    "aiohttp_session",
    "connect.sid",
    "csrf_token",
    "csrf",
    "_csrf_token",
    "PHPSESSID",
    "_session",
    "symfony",
    "user_session",
    "XSRF-TOKEN",
];

#[test]
fn telling_names_are_masked_and_ordinary_ones_are_not() {
    let mask = Mask::default();
    let telling = [
        "password",
        "db_password",
        "api-key",
        "apiKey",
        "accessToken",
        "accesstoken",
        "ACCESS_TOKEN",
        "access_tokens",
        "Authorization",
        "x.auth.token",
        "http.request.header.cookie",
        "session_id",
        "sessionID",
        "jsessionid",
        "userIDToken",
        "password2",
        "db_pass",
        "dbPass",
        "mysqldbpass",
        "private_keys",
        "jwt",
        "x-csrf-token",
        "otp",
        "request_signature",
        "connectionString",
        "connection_strings",
        "WEBHOOK-URL",
        "credentials",
        "passcode",
        "secretkey",
        "minioSecretKey",
        "cred",
        "creds",
        "totp",
    ];
    for name in telling.iter().chain(&SENTRY) {
        assert!(mask.hides(name, "hunter2"), "{name}");
        let long = format!("{}_{name}", "a".repeat(70));
        assert!(mask.hides(&long, "hunter2"), "{long}");
    }
    for name in [
        "author",
        "authored_by",
        "oauth",
        "order",
        "secretary",
        "passage",
        "pass_rate",
        "passed",
        "bypass",
        "compass",
        "tokenizer",
        "key",
        "keys",
        "",
        "_",
    ] {
        assert!(!mask.covers(name), "{name}");
    }
}

#[test]
fn what_is_said_about_a_credential_is_shown() {
    let mask = Mask::default();
    for (name, value) in [
        ("token_count", "42"),
        ("tokens_used", "1532"),
        ("prompt_tokens", "17"),
        ("password_len", "8"),
        ("secretLength", "32"),
        ("auth_method", "oauth2"),
        ("auth_type", "client_credentials"),
        ("token_type", "Bearer"),
        ("password_type", "argon2id"),
        ("token_id", "77"),
        ("session_name", "nightly"),
        ("auth_ms", "12.5"),
        ("has_password", "true"),
        ("token", "None"),
        ("password", ""),
        ("secret_path", "/run/secrets/db"),
        ("token_url", "https://auth.acme.dev/oauth/token"),
        ("auth_host", "auth.acme.dev:8443"),
        ("secretKeyRef", "{ name: shop-db, key: password }"),
        ("token_ttl", "3600s"),
        ("token_version", "v2"),
        ("password", "<redacted>"),
        ("password", "${DB_PASSWORD}"),
        ("password", "{{ .Values.password }}"),
        ("pwd", "/srv/shop"),
        ("PWD", "C:\\shop"),
        ("pass", "3"),
    ] {
        assert!(!mask.hides(name, value), "{name}={value}");
    }
    for (name, value) in [
        ("secret_ref", "keyLive9a8b7c6d5e4f3a2b1c0d"),
        ("token_ref", "name=hunter2hunter2"),
        ("token_id", "8f3c2b7a9d"),
        ("session_id", "42"),
        ("sessionid", "nightly"),
        ("secret_name", "s3cr3t-9f"),
        ("auth_type", "Bearer eyJhbGciOiJIUzI1NiJ9"),
        ("token_type", "an access token of 40 signs"),
        ("mysql_pwd", "hunter2"),
        ("pass", "hunter2"),
        ("otp", "482913"),
        ("password", "12345"),
        ("db_pass", "12345"),
        ("token_budget", "12"),
        ("password", "<hunter2>"),
        ("password", "${DB_PASSWORD:-s3cr3t}"),
        ("password", "{$eq: 'hunter2'}"),
        ("auth", "<saml:Assertion>aGVsbG8</saml:Assertion>"),
        ("db_pwd", "/x9Kq"),
        ("pwd", "/x9Kq+s3cret!"),
        ("pwd", ".s3cret!"),
        ("pass", "482913"),
        ("credentials.password", "123456"),
        ("tokens.otp", "482913"),
        ("password_in", "hunter2"),
        ("password_at", "hunter2"),
        ("secret_version", "hunter2"),
        ("secret_path", "hunter2"),
        ("secret_path", "hunter2 http://x"),
        ("password_file", "hunter2"),
        ("session_url", "https://pay.acme.dev/c/cs_live_a1b2c3d4"),
        ("auth_url", "https://x.dev/cb?code=4/0AX4XfWh"),
        ("payment_token_ref", "tok_1NvX8f3c2b7a9d1e"),
        ("auth_scope", &"word ".repeat(60)),
    ] {
        assert!(mask.hides(name, value), "{name}={value}");
    }
}

#[test]
fn the_list_can_be_extended_and_taken_back() {
    let entries = |entries: &[&str]| -> Vec<String> {
        entries.iter().map(|&entry| entry.to_owned()).collect()
    };
    let mask = Mask::default()
        .changed(&entries(&["card.number", "größe", "-cookie", "-pass"]))
        .unwrap();
    assert!(mask.covers("password") && mask.covers("user_card_number"));
    assert!(mask.covers("CardNumbers") && mask.covers("max_GRÖSSE") == mask.covers("grösse"));
    assert!(mask.covers("max-Größe"));
    assert!(!mask.covers("cookie") && !mask.covers("db_pass"));
    let mask = mask.changed(&entries(&["-default"])).unwrap();
    assert!(mask.covers("card-number") && !mask.covers("password") && !mask.covers(""));
}

proptest! {
    #[test]
    fn no_name_is_too_strange(name in any::<String>(), value in any::<String>()) {
        let _no_panic = Mask::default().hides(&name, &value);
        let longer = name + " password";
        prop_assert!(Mask::default().covers(&longer));
    }
}

#[test]
fn the_value_decides_where_a_name_says_too_little() {
    let mask = Mask::default();
    for (name, hidden, shown) in [
        ("pin", "4711", "17"),
        ("card_pin", "471193", "PA5"),
        ("pw", "hunter2x", "wrong"),
        ("recovery_codes", "[\"k2x9-lmz7\", \"a\"]", "8"),
        ("mfaCode", "482913", "expired"),
        (
            "sid",
            "9kLmN2pQ4rS6tU8vW0xY",
            "S-1-5-21-3623811015-3361044348",
        ),
        (
            "sid",
            "f3a9c1e07b5d28464711",
            "SM0123456789abcdef0123456789abcdef",
        ),
        ("salt", "q7V0hYwJm2kz8uX4tR1nC6==", "5g"),
        ("license_key", "e93facc04764012d7bfb0025NRAL", "missing"),
        (
            "X-Functions-Key",
            "xT7pQ2wLk9vB4nM6zR1s",
            "orders-consumer-group-2",
        ),
        ("APP_KEY", "base64:q7V0hYwJm2kz8uX4tR1nC6", "shop"),
        (
            "routing_key",
            "e93facc04764012d7bfb002500d5d1a6",
            "shop.orders.created",
        ),
        (
            "tls_key",
            "f3a9c1e07b5d28464711",
            "/etc/ssl/private/shop.2026.key",
        ),
        ("seed_phrase", "legal winner thank year wave sausage", "a b"),
        ("session", "1234567", "123456"),
        ("token", "abcdefgh", "OpenBrace"),
    ] {
        assert!(mask.hides(name, hidden), "{name}: {hidden}");
        assert!(!mask.hides(name, shown), "{name}: {shown}");
    }
    for name in [
        "cache_key",
        "primary_key",
        "public_key",
        "idempotency_key",
        "spin",
        "pin_count",
    ] {
        assert!(!mask.covers(name), "{name}");
    }
}

#[test]
fn a_name_for_which_the_value_decides_can_be_added_and_taken_back() {
    let (pin, salt) = (("pin", "4711"), ("salt", "f3a9c1e07b5d2846"));
    for (entries, hides_pin, hides_salt, hides_gpio) in [
        (&["iban"][..], true, true, false),
        (&["-pin"], false, true, false),
        (&["-pin", "default"], true, true, false),
        (&["-default"], false, false, false),
        (&["pin"], true, true, true),
        (&["-pin", "pin"], true, true, true),
        (&["pin", "-pin"], false, true, false),
    ] {
        let entries: Vec<_> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        let mask = Mask::default().changed(&entries).unwrap();
        assert_eq!(mask.hides(pin.0, pin.1), hides_pin, "{entries:?}");
        assert_eq!(mask.hides(salt.0, salt.1), hides_salt, "{entries:?}");
        assert_eq!(mask.hides("pin", "17"), hides_gpio, "{entries:?}");
    }
}
