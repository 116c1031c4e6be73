//! One-line excerpts of events.

use std::time::SystemTime;

use tracing::Metadata;

use super::encoding;
use super::reader::Reader;
use super::value::Value;
use super::view::{EventView, MESSAGE};
use crate::text::first_line;

/// Bytes of text that are kept, the error's first line among them.
const TEXT: usize = 160;

/// Bytes of an error that are kept, however long the message.
const ERROR: usize = 60;

/// An excerpt of an event, without its time. Many are kept for long.
#[derive(Clone, Debug)]
pub(crate) struct Excerpt {
    metadata: &'static Metadata<'static>,
    bytes: Box<[u8]>,
    /// The position of its spans; no event is longer than four bytes count.
    spans_at: u32,
}

impl Excerpt {
    /// Keeps the output of [`EventView::excerpt`] for an event of this call site.
    pub(crate) fn new(metadata: &'static Metadata<'static>, bytes: &[u8], spans_at: usize) -> Self {
        Self {
            metadata,
            bytes: bytes.into(),
            spans_at: u32::try_from(spans_at).unwrap_or(u32::MAX),
        }
    }

    /// Returns whether the excerpt consists of these bytes.
    pub(crate) fn has_bytes(&self, bytes: &[u8]) -> bool {
        *self.bytes == *bytes
    }

    /// Returns how many bytes are kept.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the excerpt as an event of this time.
    pub(crate) fn view(&self, time: SystemTime) -> EventView<'_> {
        let spans_at = usize::try_from(self.spans_at).unwrap_or(usize::MAX);
        EventView::new(self.metadata, time, &self.bytes, spans_at)
    }
}

impl EventView<'_> {
    /// Encodes an excerpt: the first lines of message and error, and the fields whose names
    /// `is_kept` accepts. Returns the position of the spans.
    ///
    /// A cut text is marked as such, since its end may be half a secret.
    pub(crate) fn excerpt(&self, is_kept: impl Fn(&str) -> bool, buffer: &mut Vec<u8>) -> usize {
        buffer.clear();
        // Its fields have no position, and it is cut already.
        #[cfg(feature = "spool")]
        if self.is_carried() {
            let (bytes, spans_at) = self.raw();
            buffer.extend_from_slice(bytes);
            return spans_at;
        }
        encoding::thread("", buffer);
        let said = self.message_and_error();
        let error = said.error.map(|(name, _)| name);
        let message = first_line(said.message.as_deref().unwrap_or_default());
        let most = TEXT - if error.is_some() { ERROR } else { 0 };
        let rest = TEXT - message.len().min(most);
        let has_place = self.carries_its_place();
        for (index, name, value) in self.indexed_fields() {
            if name == MESSAGE {
                encoding::text_field(index, message, most, buffer);
            } else if Some(name) == error {
                encoding::error_field(index, first_line(&value.into_text()), rest, buffer);
            } else if is_kept(name) || has_place && name.starts_with("log.") {
                match value {
                    Value::U64(number) => encoding::number_field(index, number, buffer),
                    value => encoding::text_field(index, &value.into_text(), TEXT, buffer),
                }
            }
        }
        let spans_at = buffer.len();
        for (name, fields) in self.encoded_spans() {
            let mut reader = Reader::new(fields);
            let mut names = std::iter::from_fn(|| reader.named());
            if names.any(|(name, _)| is_kept(name)) {
                encoding::encoded_span(name, fields, buffer);
            }
        }
        spans_at
    }
}

#[cfg(test)]
mod tests {
    use tracing::{error, error_span};

    use super::Excerpt;
    use crate::event::{Event, EventView};
    use crate::handle::bench::captured;

    fn excerpt(event: &Event) -> Event {
        let (view, mut buffer) = (event.view(), Vec::new());
        let spans_at = view.excerpt(|name| name == "zulip_topic", &mut buffer);
        let excerpt = Excerpt::new(view.metadata(), &buffer, spans_at);
        excerpt.view(view.time()).to_owned_event()
    }

    fn error(view: &EventView<'_>) -> String {
        view.error()
            .map(|(_, error)| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn an_excerpt_says_the_same_in_a_line_and_goes_to_the_same_place() {
        let events = captured(|| {
            let why = std::io::Error::other("no answer\nfor 30 s");
            let _span = error_span!("request", zulip_topic = "stock", id = 7).entered();
            error!(
                order = 42,
                error = &why as &dyn std::error::Error,
                "payment failed\nagain"
            );
        });
        let excerpt = excerpt(&events[0]);
        let view = excerpt.view();
        assert_eq!(view.message().as_deref(), Some("payment failed"));
        assert_eq!(error(&view), "no answer");
        assert_eq!(view.field("order"), None);
        assert_eq!(view.field("zulip_topic").unwrap().to_string(), "stock");
        assert_eq!(view.line(), events[0].view().line());
    }

    #[test]
    fn an_excerpt_is_short_and_says_where_it_is_cut() {
        let events = captured(|| error!(err = "e".repeat(999), "{}", "m".repeat(999)));
        let excerpt = excerpt(&events[0]);
        assert!(excerpt.size() < 300, "{}", excerpt.size());
        let view = excerpt.view();
        assert!(view.message().unwrap().ends_with("m (truncated)"));
        assert!(error(&view).ends_with("e (truncated)"), "{}", error(&view));
    }
}
