//! An address that a message leads to.

/// An address that the message links to: an entry of the block's `links`, filled in.
///
/// The address is `https` or `http`. What came from the event is percent-encoded; host and scheme
/// are the block's. An adapter shows it as a link or a button of its platform. It is the only kind
/// of link in a message.
///
/// ```
/// let link = logout::adapter::NoticeLink::new("trace", "https://grafana.example.org/trace/4bf92f");
/// assert_eq!((link.name.as_str(), link.url.as_str()), ("trace", "https://grafana.example.org/trace/4bf92f"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoticeLink {
    /// Its name in the block, such as `trace`.
    pub name: String,
    /// The address: only ASCII, at most 2,048 characters.
    pub url: String,
}

impl NoticeLink {
    /// Creates a link with this name and address.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
        }
    }
}
