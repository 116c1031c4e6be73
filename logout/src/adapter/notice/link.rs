//! An address that a message leads to.

/// An address that the message leads to: an entry of the block's `links`, filled in.
///
/// The address is `https` or `http`; what came from the event is percent-encoded, and host and
/// scheme are the block's. An adapter draws it as its platform draws a link or a button; it is the
/// only link that a message holds.
///
/// ```
/// let link = logout::adapter::NoticeLink::new("trace", "https://grafana.example.org/trace/4bf92f");
/// assert_eq!((link.name.as_str(), link.url.as_str()), ("trace", "https://grafana.example.org/trace/4bf92f"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoticeLink {
    /// What it is called in the block, such as `trace`.
    pub name: String,
    /// The address, of ASCII characters alone and of 2,048 at most.
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
