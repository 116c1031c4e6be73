//! A message as a person reads it.

/// The text of a message as a person reads it, with the mentions and links that take effect.
#[derive(Debug, Default)]
pub(super) struct ReadableMessage {
    pub(super) text: String,
    /// Mentions that notify someone.
    pub(super) mentions: Vec<String>,
    /// What leads somewhere.
    pub(super) links: Vec<String>,
}

impl ReadableMessage {
    /// Adds a line, or several; none for an empty text.
    pub(super) fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(text.trim_end_matches('\n'));
            self.text.push('\n');
        }
    }

    /// Returns it without the blanks at its end.
    pub(super) fn trimmed(mut self) -> Self {
        let end = self.text.trim_end().len();
        self.text.truncate(end);
        self
    }
}
