//! The body of a request: JSON, a form, parts or bytes.

use std::ops::Range;

use http::HeaderValue;
use serde::Serialize;

use super::Request;

impl Request {
    /// Sets the body to `value`, as JSON.
    ///
    /// The content type is set with it. A value that cannot be JSON (a map whose keys are no text) is
    /// a [`problem`](Self::problem).
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.json(&serde_json::json!({ "text": "it \"broke\"" }));
    /// assert_eq!(request.body(), br#"{"text":"it \"broke\""}"#);
    /// ```
    pub fn json(&mut self, value: &impl Serialize) -> &mut Self {
        self.parts.clear();
        self.body.clear();
        if let Err(why) = serde_json::to_writer(&mut self.body, value) {
            self.fail(format!("the message is not JSON: {why}"));
        }
        self.insert("content-type", HeaderValue::from_static("application/json"));
        self
    }

    /// Sets the body to `pairs`, as `application/x-www-form-urlencoded`.
    ///
    /// The content type is set with it.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.form([("topic", "shop & co"), ("content", "a=b")]);
    /// assert_eq!(request.body(), b"topic=shop+%26+co&content=a%3Db");
    /// ```
    pub fn form<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> &mut Self {
        self.parts.clear();
        let mut text = String::from_utf8(std::mem::take(&mut self.body)).unwrap_or_default();
        text.clear();
        let mut form = form_urlencoded::Serializer::new(text);
        self.body = form.extend_pairs(pairs).finish().into_bytes();
        self.insert(
            "content-type",
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        self
    }

    /// Sets the body to `parts`, as `multipart/form-data` (RFC 7578).
    ///
    /// ```
    /// use logout::adapter::{Part, Request};
    ///
    /// let mut request = Request::new();
    /// request.multipart(&[
    ///     Part::field("chat_id", "42"),
    ///     Part::file("document", "log.txt", "text/plain; charset=utf-8", b"it broke"),
    /// ]);
    ///
    /// let content_type = request.header("content-type").unwrap();
    /// assert!(content_type.starts_with("multipart/form-data; boundary="));
    /// assert!(String::from_utf8_lossy(request.body()).contains("\r\n\r\nit broke\r\n"));
    /// ```
    pub fn multipart(&mut self, parts: &[Part<'_>]) -> &mut Self {
        // 128 random bits: no text can contain the boundary on purpose.
        let boundary = format!("logout-{:032x}", fastrand::u128(..));
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        self.parts.clear();
        for part in parts {
            let name = quoted(part.name);
            let head = format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"");
            body.extend_from_slice(head.as_bytes());
            if let Some((file, content_type)) = part.file {
                let (file, content_type) = (quoted(file), quoted(content_type));
                let of_file = format!("; filename=\"{file}\"\r\ncontent-type: {content_type}");
                body.extend_from_slice(of_file.as_bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            let start = body.len();
            body.extend_from_slice(part.bytes);
            self.parts.push(PartPosition {
                name: part.name.to_owned(),
                file: part
                    .file
                    .map(|(name, kind)| (name.to_owned(), kind.to_owned())),
                bytes: start..body.len(),
            });
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        self.body = body;
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.set_header("content-type", &kind)
    }

    /// Sets the body to `bytes`, of the given content type.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.bytes("text/plain; charset=utf-8", "it broke".as_bytes());
    /// assert_eq!(request.header("content-type"), Some("text/plain; charset=utf-8"));
    /// ```
    pub fn bytes(&mut self, content_type: &str, bytes: &[u8]) -> &mut Self {
        self.parts.clear();
        self.body.clear();
        self.body.extend_from_slice(bytes);
        self.set_header("content-type", content_type)
    }

    /// Returns the body.
    ///
    /// Empty until something sets it.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.json(&[1, 2]);
    /// assert_eq!(request.body(), b"[1,2]");
    /// ```
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the parts of a [`multipart`](Self::multipart) body; none of any other.
    ///
    /// ```
    /// use logout::adapter::{Part, Request};
    ///
    /// let mut request = Request::new();
    /// request.multipart(&[Part::file("document", "log.txt", "text/plain", b"it broke")]);
    /// let part = request.parts().next().unwrap();
    /// assert_eq!((part.name(), part.file_name()), ("document", Some("log.txt")));
    /// assert_eq!(part.bytes(), b"it broke");
    /// ```
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.parts.iter().map(|piece| Part {
            name: &piece.name,
            file: piece
                .file
                .as_ref()
                .map(|(name, kind)| (name.as_str(), kind.as_str())),
            bytes: self.body.get(piece.bytes.clone()).unwrap_or_default(),
        })
    }
}

/// The position of a part in the body, and its name.
#[derive(Clone)]
pub(super) struct PartPosition {
    name: String,
    /// The file's name and content type.
    file: Option<(String, String)>,
    bytes: Range<usize>,
}

/// One part of a [`Request::multipart`] body: a field or a file. It borrows its content, of any
/// size; the adapter has to keep the platform's limit.
///
/// [`Request::multipart`] has an example.
#[derive(Clone, Copy, Debug)]
pub struct Part<'p> {
    name: &'p str,
    file: Option<(&'p str, &'p str)>,
    bytes: &'p [u8],
}

impl<'p> Part<'p> {
    /// Creates a field of the form.
    ///
    /// Its value is sent as it stands, without a content type.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.multipart(&[logout::adapter::Part::field("chat_id", "42")]);
    /// assert!(String::from_utf8_lossy(request.body()).contains("name=\"chat_id\"\r\n\r\n42\r\n"));
    /// ```
    #[must_use]
    pub fn field(name: &'p str, value: &'p str) -> Self {
        Self {
            name,
            file: None,
            bytes: value.as_bytes(),
        }
    }

    /// Creates a file of the form, from the field's name, the file's name, its content type and its
    /// content.
    ///
    /// Names are escaped as browsers do, so that no text leaves its header.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.multipart(&[logout::adapter::Part::file("document", "a\"b.txt", "text/plain", b"it broke")]);
    /// assert!(String::from_utf8_lossy(request.body()).contains("filename=\"a%22b.txt\""));
    /// ```
    #[must_use]
    pub fn file(name: &'p str, file: &'p str, content_type: &'p str, bytes: &'p [u8]) -> Self {
        Self {
            name,
            file: Some((file, content_type)),
            bytes,
        }
    }

    /// Returns the name of its field.
    #[must_use]
    pub fn name(&self) -> &'p str {
        self.name
    }

    /// Returns the name of the file, if it is one.
    #[must_use]
    pub fn file_name(&self) -> Option<&'p str> {
        self.file.map(|(name, _)| name)
    }

    /// Returns its content.
    #[must_use]
    pub fn bytes(&self) -> &'p [u8] {
        self.bytes
    }
}

/// Escapes a name for the quotes of a part's header, as browsers do.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
