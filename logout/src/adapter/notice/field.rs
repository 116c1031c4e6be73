//! Fields of an event, and the spans around it.

/// A field of an event: its name and its value as text.
///
/// Both are data from the log.
///
/// ```
/// let field = logout::adapter::NoticeField::new("elapsed_ms", "12.5");
/// assert_eq!((field.name.as_str(), field.value.as_str()), ("elapsed_ms", "12.5"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoticeField {
    /// The name, as it was written in the macro.
    pub name: String,
    /// The value, formatted.
    pub value: String,
}

impl NoticeField {
    /// Creates a field with this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// A span around an event.
///
/// ```
/// let span = logout::adapter::NoticeSpan::new("request", vec![logout::adapter::NoticeField::new("id", "7")]);
/// assert_eq!((span.name.as_str(), span.fields.len()), ("request", 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoticeSpan {
    /// Its name.
    pub name: String,
    /// Its fields.
    pub fields: Vec<NoticeField>,
}

impl NoticeSpan {
    /// Creates a span with this name and these fields.
    pub fn new(name: impl Into<String>, fields: Vec<NoticeField>) -> Self {
        Self {
            name: name.into(),
            fields,
        }
    }
}
