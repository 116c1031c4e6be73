//! Streaming output of JSON, value by value.

use http::HeaderValue;
use serde_json::Value;

use super::Request;

impl Request {
    /// Sets the body to the output of `write`, as JSON. It is for what an adapter writes a thousand
    /// times: unlike [`json`](Self::json) it copies texts in blocks and needs no tree of them.
    pub(crate) fn write_json(&mut self, write: impl FnOnce(&mut JsonWriter<'_>)) -> &mut Self {
        self.parts.clear();
        self.body.clear();
        write(&mut JsonWriter {
            body: &mut self.body,
        });
        self.insert("content-type", HeaderValue::from_static("application/json"));
        self
    }
}

/// A writer of JSON whose output equals that of `serde_json`.
#[derive(Debug)]
pub(crate) struct JsonWriter<'b> {
    body: &'b mut Vec<u8>,
}

impl JsonWriter<'_> {
    /// Writes an object with the members that `members` writes.
    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.set_apart();
        self.body.push(b'{');
        members(self);
        self.body.push(b'}');
    }

    /// Writes an object whose first member is its `type`.
    pub(crate) fn typed(&mut self, kind: &str, members: impl FnOnce(&mut Self)) {
        self.object(|json| {
            json.name("type").text(kind);
            members(json);
        });
    }

    /// Writes an array of the items that `items` writes.
    pub(crate) fn array(&mut self, items: impl FnOnce(&mut Self)) {
        self.set_apart();
        self.body.push(b'[');
        items(self);
        self.body.push(b']');
    }

    /// Begins a member, whose value is written next; its name needs no escapes.
    pub(crate) fn name(&mut self, name: &'static str) -> &mut Self {
        self.set_apart();
        self.body.reserve(name.len() + 3);
        self.body.push(b'"');
        self.body.extend_from_slice(name.as_bytes());
        self.body.extend_from_slice(b"\":");
        self
    }

    /// Writes a text.
    pub(crate) fn text(&mut self, text: &str) {
        self.texts(&[text]);
    }

    /// Writes one text that consists of several parts.
    pub(crate) fn texts(&mut self, texts: &[&str]) {
        self.set_apart();
        self.body.push(b'"');
        for text in texts {
            self.escaped(text);
        }
        self.body.push(b'"');
    }

    /// Writes a member with a text, unless that is empty.
    pub(crate) fn some_text(&mut self, name: &'static str, text: &str) {
        if !text.is_empty() {
            self.name(name).text(text);
        }
    }

    /// Writes a number.
    pub(crate) fn number(&mut self, number: impl Into<Value>) {
        self.value(&number.into());
    }

    /// Writes a value whose names are known at run time alone.
    pub(crate) fn value(&mut self, value: &Value) {
        self.set_apart();
        let _infallible = serde_json::to_writer(&mut *self.body, value);
    }

    /// Writes `true` or `false`.
    pub(crate) fn boolean(&mut self, is: bool) {
        self.set_apart();
        let word: &[u8] = if is { b"true" } else { b"false" };
        self.body.extend_from_slice(word);
    }

    /// Writes `null`.
    pub(crate) fn null(&mut self) {
        self.set_apart();
        self.body.extend_from_slice(b"null");
    }

    /// Writes the comma before a value or member, if one precedes it. No value ends with any of
    /// these bytes.
    fn set_apart(&mut self) {
        if !matches!(self.body.last(), None | Some(b'{' | b'[' | b':')) {
            self.body.push(b',');
        }
    }

    fn escaped(&mut self, text: &str) {
        self.body.reserve(text.len() + 1);
        let mut rest = text.as_bytes();
        loop {
            let (plain, behind) = rest.split_at(plain_length(rest));
            self.body.extend_from_slice(plain);
            let Some((byte, behind)) = behind.split_first() else {
                return;
            };
            let sign = match byte {
                b'\x08' => b'b',
                b'\t' => b't',
                b'\n' => b'n',
                b'\x0c' => b'f',
                b'\r' => b'r',
                b'"' | b'\\' => *byte,
                _ => b'u',
            };
            self.body.extend_from_slice(&[b'\\', sign]);
            if sign == b'u' {
                let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
                let digits = [b'0', b'0', digit(byte >> 4), digit(byte & 0xf)];
                self.body.extend_from_slice(&digits);
            }
            rest = behind;
        }
    }
}

/// Returns the number of bytes at the beginning of a text that need no escape.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut plain = 0;
    for word in words {
        let others = escaped_bytes(u64::from_le_bytes(*word));
        if others != 0 {
            return plain + others.trailing_zeros() as usize / 8;
        }
        plain += word.len();
    }
    let is_plain = |byte: &&u8| !matches!(byte, b'\0'..=b'\x1f' | b'"' | b'\\');
    plain + rest.iter().take_while(is_plain).count()
}

/// Sets the highest bit of each byte that needs an escape, and no other bit.
const fn escaped_bytes(word: u64) -> u64 {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // Without their highest bits no byte carries into the next.
    let low = word & each(0x7f);
    let no_control = low + each(0x80 - b' ');
    let no_quote = (low ^ each(b'"')) + each(0x7f);
    let no_backslash = (low ^ each(b'\\')) + each(0x7f);
    !(word | (no_control & no_quote & no_backslash)) & each(0x80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{JsonWriter, Request};

    fn written(write: impl FnOnce(&mut JsonWriter<'_>)) -> String {
        let mut request = Request::new();
        request.write_json(write);
        String::from_utf8(request.body().to_vec()).unwrap()
    }

    #[test]
    fn values_are_set_apart_and_nested() {
        let body = written(|json| {
            json.object(|json| {
                json.name("empty").object(|_| {});
                json.name("list").array(|json| {
                    json.number(-1);
                    json.array(|_| {});
                    json.object(|json| json.name("a").boolean(true));
                    json.typed("b", |json| json.some_text("c", "d"));
                    json.typed("b", |json| json.some_text("c", ""));
                    json.null();
                    json.text("[{:");
                    json.texts(&["x", "", "\"y"]);
                });
                json.name("last").boolean(false);
            });
        });
        assert_eq!(
            body,
            r#"{"empty":{},"list":[-1,[],{"a":true},{"type":"b","c":"d"},{"type":"b"},null,"[{:","x\"y"],"last":false}"#
        );
    }

    #[test]
    fn every_sign_is_escaped_wherever_it_stands() {
        for sign in (0..=u8::MAX).map(char::from) {
            for before in 0..17 {
                let text = format!("{}{sign}é{sign}{sign}z", "a".repeat(before));
                assert_eq!(written(|json| json.text(&text)), json!(text).to_string());
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_json_does(text in any::<String>(), more in "[a\"\\\\\n\u{1}\u{7f}🔥é]{0,40}") {
            let text = text + &more;
            prop_assert_eq!(written(|json| json.text(&text)), json!(text).to_string());
        }
    }
}
