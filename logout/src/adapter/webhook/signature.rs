//! The signature of Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::transport::Secret;

/// The length of a key in bytes (Standard Webhooks, "Signature scheme").
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

/// Returns the bytes of a key, after its prefix `whsec_`.
fn key(text: &str) -> Option<Vec<u8>> {
    let encoded = text.strip_prefix("whsec_").unwrap_or(text);
    let key = STANDARD.decode(encoded).ok()?;
    KEY.contains(&key.len()).then_some(key)
}

/// Returns whether a secret is one key, or two during a change.
pub(super) fn is_key(secret: &Secret) -> bool {
    let keys: Vec<_> = secret.expose().split_whitespace().map(key).collect();
    (1..=2).contains(&keys.len()) && keys.iter().all(Option::is_some)
}

/// Returns the signatures by each key, `v1,<Base64>`, separated by spaces.
pub(super) fn signatures(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> String {
    let keys = secret.expose().split_whitespace().filter_map(key);
    let signed = keys.map(|key| {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    });
    signed.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{is_key, signatures};
    use crate::transport::Secret;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    /// Checks the example of Standard Webhooks' own libraries.
    #[test]
    fn the_standards_example_is_signed_as_it_says() {
        let signed = signatures(
            &secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_keys_sign_twice() {
        let (old, new) = (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY",
        );
        let both = signatures(&secret(&format!("{old} {new}")), "msg_1", "1", b"{}");
        let each = [old, new].map(|key| signatures(&secret(key), "msg_1", "1", b"{}"));
        assert_eq!(both, each.join(" "));
    }

    #[test]
    fn only_a_key_is_one() {
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for (text, is_one) in [
            (key.to_owned(), true),
            (key.replace("whsec_", ""), true),
            (format!("{key} {key}"), true),
            (format!("{key} {key} {key}"), false),
            ("whsec_MfKQ9r8G".to_owned(), false),
            ("hunter2".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_key(&secret(&text)), is_one, "{text}");
        }
    }
}
