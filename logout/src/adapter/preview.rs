//! Previews: requests, read back as people would read them in the chat.
//!
//! Nothing is sent: a dry run and a preview show the request that would have been.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::text::human::format_count;
use crate::transport::Request;

/// The content of one [`Request`] as people read it in a chat: where it goes, its text, and its
/// files.
///
/// [`Adapter::preview`](crate::Adapter::preview) builds one from its own request, or uses
/// [`Preview::from_request`].
///
/// ```
/// let reading = logout::adapter::Preview::new("payment failed").at("#ops").with_file("log.txt", 12_345);
/// assert_eq!(reading.place(), "#ops");
/// assert_eq!(reading.files(), ["log.txt (12,345 bytes)"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    place: String,
    text: String,
    files: Vec<String>,
}

impl Preview {
    /// Creates a text, without the marks that only make it bold or code.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Sets its place in the chat: a channel, a topic, a thread. Never a secret.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Adds a file of this many bytes; a preview shows its name.
    #[must_use]
    pub fn with_file(mut self, name: &str, bytes: usize) -> Self {
        let unit = if bytes == 1 { "byte" } else { "bytes" };
        self.files
            .push(format!("{name} ({} {unit})", format_count(bytes as u64)));
        self
    }

    /// Reads the file of a form, if there is one.
    pub(crate) fn of_file(request: &Request) -> Option<Self> {
        let mut parts = request.parts();
        let (name, length) =
            parts.find_map(|part| Some((part.file_name()?, part.bytes().len())))?;
        Some(Self::default().with_file(name, length))
    }

    /// Reads any request: its method, the host without the path (which may be a secret), and its
    /// body. JSON is indented, with the line breaks of its texts shown as such. Each field of a
    /// form is on a line of its own; a file shows its name and size.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.post(&logout::adapter::Url::parse("https://chat.example.org/hooks/s3cret")?);
    /// request.json(&serde_json::json!({ "channel": "ops", "text": "payment failed\ncard declined" }));
    ///
    /// let reading = logout::adapter::Preview::from_request(&request);
    /// assert_eq!(reading.text(), r#"POST https://chat.example.org/…
    /// {
    ///   "channel": "ops",
    ///   "text": "payment failed
    ///     card declined"
    /// }"#);
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn from_request(request: &Request) -> Self {
        let url = request.url();
        let scheme = if url.is_secure() { "https" } else { "http" };
        let rest = if url.path_and_query().len() > 1 {
            "/…"
        } else {
            "/"
        };
        let mut preview = Self::new(format!(
            "{} {scheme}://{}{rest}",
            request.method(),
            url.authority()
        ));
        preview.read_body(request);
        preview
    }

    fn read_body(&mut self, request: &Request) {
        let kind = request.header("content-type").unwrap_or_default();
        if request.parts().next().is_some() {
            for part in request.parts() {
                match part.file_name() {
                    Some(name) => *self = std::mem::take(self).with_file(name, part.bytes().len()),
                    None => self.add_field(part.name(), &String::from_utf8_lossy(part.bytes())),
                }
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            for (name, value) in form(request) {
                self.add_field(&name, &value);
            }
        } else if let Ok(json) = serde_json::from_slice::<Value>(request.body()) {
            self.add(&indented(&json));
        } else {
            match std::str::from_utf8(request.body()) {
                Ok(text) => self.add(text.trim_end()),
                Err(_) => {
                    let bytes = format_count(request.body().len() as u64);
                    self.add(&format!("({bytes} bytes, {kind})"));
                }
            }
        }
    }

    /// Adds a field of a form: on one line, or below its name.
    fn add_field(&mut self, name: &str, value: &str) {
        let json = serde_json::from_str::<Value>(value).ok();
        let value = match json.filter(|json| json.is_object() || json.is_array()) {
            Some(json) => Cow::Owned(indented(&json)),
            None => Cow::Borrowed(value.trim_end()),
        };
        if value.contains('\n') {
            let value = value.replace('\n', "\n  ");
            self.add(&format!("{name}:\n  {value}"));
        } else {
            self.add(&format!("{name}: {value}"));
        }
    }

    /// Adds a paragraph, unless it is empty.
    pub(crate) fn add(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// Appends the preview of a later part of the same message.
    pub(crate) fn append(&mut self, later: Self) {
        if !self.text.is_empty() && !later.text.is_empty() {
            self.text.push('\n');
        }
        self.add(&later.text);
        if self.place.is_empty() {
            self.place = later.place;
        }
        self.files.extend(later.files);
    }

    /// Returns the same with every part changed.
    pub(crate) fn map(self, change: impl Fn(&str) -> String) -> Self {
        Self {
            place: change(&self.place),
            text: change(&self.text),
            files: self.files.iter().map(|file| change(file)).collect(),
        }
    }

    /// Returns its place in the chat; empty if the request does not say it.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the attached files, each as `log.txt (12,345 bytes)`.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }
}

/// One message as one chat would get it, all its parts together.
///
/// Its `Display` is what a [dry run](crate::Builder#dry-run) prints. A bar on the left keeps text
/// of the message from looking like something else in the terminal. Nothing is beside the text, so
/// it fits a narrow terminal too.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [ops: logout::Slack] } }
/// let previews = Alerts::preview()?.events(|| tracing::error!(order = 42, "payment failed"));
/// let preview = previews.iter().next().unwrap();
/// assert_eq!((preview.instance(), preview.platform()), ("ops", "Slack"));
/// assert!(preview.to_string().starts_with("┌ ops · Slack\n│ 🔥 payment failed\n"));
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "preview"),
    expect(unreachable_pub, reason = "only a preview hands it out")
)]
pub struct MessagePreview {
    pub(crate) instance: &'static str,
    pub(crate) platform: &'static str,
    pub(crate) preview: Preview,
}

#[cfg(feature = "preview")]
impl MessagePreview {
    /// Returns the instance that would send it, by its name in the block.
    #[must_use]
    pub fn instance(&self) -> &'static str {
        self.instance
    }

    /// Returns the adapter's type without its path: `Slack`, `Mattermost`.
    #[must_use]
    pub fn platform(&self) -> &'static str {
        self.platform
    }

    /// Returns its place in the chat, such as `#alerts > shop`; empty if the request does not say
    /// it.
    #[must_use]
    pub fn place(&self) -> &str {
        self.preview.place()
    }

    /// Returns the text as a person would read it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.preview.text()
    }

    /// Returns the attached files, each as `log.txt (12,345 bytes)`.
    #[must_use]
    pub fn files(&self) -> &[String] {
        self.preview.files()
    }
}

impl fmt::Display for MessagePreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let preview = &self.preview;
        write!(f, "┌ {} · {}", self.instance, self.platform)?;
        if !preview.place().is_empty() {
            write!(f, " · {}", preview.place())?;
        }
        for line in preview.text().lines() {
            let apart = if line.is_empty() { "" } else { " " };
            write!(f, "\n│{apart}{line}")?;
        }
        for file in preview.files() {
            write!(f, "\n│ attached: {file}")?;
        }
        f.write_str("\n└")
    }
}

/// Returns the name of a type without its path and its parameters.
pub(crate) fn type_name<T>() -> &'static str {
    let whole = std::any::type_name::<T>();
    let path = whole.split('<').next().unwrap_or(whole);
    path.rsplit("::").next().unwrap_or(path)
}

/// Returns the fields of a form, decoded as browsers encode them.
pub(crate) fn form(request: &Request) -> Vec<(String, String)> {
    form_urlencoded::parse(request.body())
        .into_owned()
        .collect()
}

/// Formats JSON on several lines, with the line breaks in its texts shown as such.
fn indented(json: &Value) -> String {
    let mut shown = String::new();
    write_json(json, 0, &mut shown);
    shown
}

fn write_json(json: &Value, depth: usize, shown: &mut String) {
    let (open, close) = match json {
        Value::Object(fields) if !fields.is_empty() => ('{', '}'),
        Value::Array(list) if !list.is_empty() => ('[', ']'),
        scalar => return write_scalar(scalar, depth, shown),
    };
    let mut comma = "";
    let mut begin = |shown: &mut String| {
        shown.push_str(std::mem::replace(&mut comma, ","));
        new_line(depth + 1, shown);
    };
    shown.push(open);
    for (name, value) in json.as_object().into_iter().flatten() {
        begin(shown);
        write_scalar(&Value::from(name.as_str()), depth, shown);
        shown.push_str(": ");
        write_json(value, depth + 1, shown);
    }
    for value in json.as_array().into_iter().flatten() {
        begin(shown);
        write_json(value, depth + 1, shown);
    }
    new_line(depth, shown);
    shown.push(close);
}

/// Writes a text, a number, a truth value or null, as JSON has them.
fn write_scalar(scalar: &Value, depth: usize, shown: &mut String) {
    let written = serde_json::to_vec(scalar).unwrap_or_default();
    let written = String::from_utf8(written).unwrap_or_default();
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => new_line(depth + 1, shown),
                escaped => shown.extend(std::iter::once('\\').chain(escaped)),
            },
            (c, false) => shown.push(c),
        }
    }
}

fn new_line(depth: usize, shown: &mut String) {
    shown.push('\n');
    shown.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::{Preview, indented, type_name};
    use crate::transport::request::Part;
    use crate::transport::{Request, Url};

    fn to(path: &str) -> Request {
        let mut request = Request::new();
        request.post(&Url::parse(&format!("https://chat.example{path}")).unwrap());
        request
    }

    #[test]
    fn a_form_is_read_field_by_field() {
        let mut request = to("/hook?key=s3cret");
        request.form([("to", "a b&c"), ("text", "one\ntwo"), ("empty", "")]);
        assert_eq!(
            Preview::from_request(&request).text(),
            "POST https://chat.example/…\nto: a b&c\ntext:\n  one\n  two\nempty: "
        );
    }

    #[test]
    fn a_file_is_named_and_a_field_beside_it_is_read() {
        let mut request = to("/");
        request.multipart(&[
            Part::field("payload_json", r#"{"a":1}"#),
            Part::file("file", "log.txt", "text/plain", b"--\r\nboundary"),
        ]);
        let preview = Preview::from_request(&request);
        assert_eq!(
            preview.text(),
            "POST https://chat.example/\npayload_json:\n  {\n    \"a\": 1\n  }"
        );
        assert_eq!(preview.files(), ["log.txt (12 bytes)"]);
    }

    #[test]
    fn what_is_no_text_is_told_by_its_size() {
        let mut request = to("/");
        request.bytes("image/png", &[0xff; 2_000]);
        let preview = Preview::from_request(&request);
        assert!(preview.text().ends_with("\n(2,000 bytes, image/png)"));
    }

    #[test]
    fn a_backslash_in_json_is_no_line_break() {
        let json = serde_json::json!({ "path": "C:\\new", "quote": "\"" });
        assert_eq!(
            indented(&json),
            "{\n  \"path\": \"C:\\\\new\",\n  \"quote\": \"\\\"\"\n}"
        );
    }

    #[test]
    fn a_type_is_called_without_path_and_parameters() {
        assert_eq!(type_name::<Option<std::path::PathBuf>>(), "Option");
    }
}
