//! The rendering of a notice as messages of Slack, for webhooks and for bots.

use super::{code_span, layout, truncate};
use crate::adapter::{Form, Notice, Preview};
use crate::transport::Request;
use crate::transport::request::JsonWriter;

mod blocks;
mod preview;

/// The most messages of one notice: the first, and what follows if the text is too long for it.
const PARTS: usize = 3;

/// The longest `text` in the plain form. From 4,040 characters on Slack splits it
/// (`chat.postMessage`, "Truncating content"; measured by others).
const PLAIN: usize = 3_500;

/// The body of a request.
pub(super) struct Message<'m> {
    /// The channel that a bot posts to; a webhook has its own.
    pub(super) channel: Option<&'m str>,
    pub(super) thread_ts: Option<&'m str>,
    /// The text that a notification shows, and the whole message if there are no blocks.
    text: String,
    /// Whether `text` has markup, which only the configured mention needs.
    mrkdwn: bool,
    blocks: Option<blocks::Blocks<'m>>,
}

impl Message<'_> {
    pub(super) fn write(&self, json: &mut JsonWriter<'_>) {
        json.object(|json| {
            if let Some(channel) = self.channel {
                json.name("channel").text(channel);
            }
            json.name("text").text(&self.text);
            json.name("mrkdwn").boolean(self.mrkdwn);
            json.name("unfurl_links").boolean(false);
            json.name("unfurl_media").boolean(false);
            if let Some(thread) = self.thread_ts {
                json.name("thread_ts").text(thread);
            }
            if let Some(blocks) = &self.blocks {
                blocks.write(json);
            }
        });
    }
}

/// The messages that a notice takes.
pub(super) struct Messages<'n> {
    notice: &'n Notice,
    /// `None` in the plain form.
    split: Option<blocks::SplitNotice<'n>>,
}

impl<'n> Messages<'n> {
    pub(super) fn of(notice: &'n Notice, form: Form) -> Self {
        let split = match form {
            Form::Rich => Some(blocks::SplitNotice::of(notice)),
            Form::Plain => None,
        };
        Self { notice, split }
    }

    pub(super) fn count(&self) -> usize {
        self.split.as_ref().map_or(1, blocks::SplitNotice::count)
    }

    /// Returns whether a rich message leaves something out.
    pub(super) fn is_cut(&self) -> bool {
        self.split.as_ref().is_some_and(blocks::SplitNotice::is_cut)
    }

    /// Returns the message of a part, without channel and thread, and sets in the request whether
    /// another follows.
    pub(super) fn message(
        &self,
        part: usize,
        mention: Option<String>,
        request: &mut Request,
    ) -> Message<'_> {
        let mut message = Message {
            channel: None,
            thread_ts: None,
            text: String::new(),
            mrkdwn: false,
            blocks: None,
        };
        if let Some(split) = &self.split {
            let (text, blocks) = split.message(part, mention);
            message.text = text;
            message.blocks = Some(blocks);
        } else {
            message.text = plain(self.notice);
            if let Some(mention) = mention {
                // The mention needs mrkdwn, which log text is only safe from in a fence.
                message.text = format!("```\n{}\n```\n{mention}", message.text);
                message.mrkdwn = true;
            }
        }
        if part + 1 < self.count() {
            request.followed();
        }
        if part > 0 {
            request.supplements();
        }
        message
    }
}

/// Returns the preview of a message.
pub(super) fn read(request: &Request) -> Preview {
    preview::read(request)
}

/// Returns the cost of a character. Slack documents neither its unit nor whether an escape counts
/// as one, so the strictest reading is taken: UTF-16 units, escaped.
fn cost(c: char) -> usize {
    match c {
        '&' => "&amp;".len(),
        '<' => "&lt;".len(),
        '>' => "&gt;".len(),
        _ => c.len_utf16(),
    }
}

/// Escapes a text for `text` and for mrkdwn ("Formatting message text": these three and no others).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'&' | b'<' | b'>')) {
        let (plain, sign) = rest.split_at(at);
        let (sign, behind) = sign.split_at(1);
        escaped.push_str(plain);
        escaped.push_str(match sign {
            "&" => "&amp;",
            "<" => "&lt;",
            _ => "&gt;",
        });
        rest = behind;
    }
    escaped.push_str(rest);
    escaped
}

/// Returns the whole notice in `text`. Addresses there become links and a run of backticks ends a
/// fence; neither can be escaped, only broken up.
fn plain(notice: &Notice) -> String {
    let text = layout::plain(notice).replace("://", ":\u{200b}//");
    let text = code_span::limit_backtick_runs(&text, 2);
    escape(&truncate::keep_both_ends(&text, PLAIN, cost))
}

/// Returns the syntax of a mention, from the word in the settings.
pub(super) fn mention(word: &str) -> Option<String> {
    let is_id = |id: &str| {
        id.len() > 2
            && id
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    match word.trim_start_matches('@') {
        word @ ("here" | "channel" | "everyone") => Some(format!("<!{word}>")),
        user if user.starts_with(['U', 'W']) && is_id(user) => Some(format!("<@{user}>")),
        group if group.starts_with('S') && is_id(group) => Some(format!("<!subteam^{group}>")),
        _ => None,
    }
}

/// Returns whether the text is the `ts` of a message: `1763640271.123456`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 32
        && text
            .split_once('.')
            .is_some_and(|(whole, rest)| is_number(whole) && is_number(rest))
}

#[cfg(test)]
mod tests {
    use super::{is_timestamp, mention};

    #[test]
    fn words_become_the_syntax_that_calls() {
        for (word, syntax) in [
            ("here", Some("<!here>")),
            ("@channel", Some("<!channel>")),
            ("U0123ABC", Some("<@U0123ABC>")),
            ("S0123ABC", Some("<!subteam^S0123ABC>")),
            ("ops", None),
            ("U1|x>", None),
            ("", None),
        ] {
            assert_eq!(mention(word).as_deref(), syntax, "{word}");
        }
    }

    #[test]
    fn only_a_timestamp_is_a_thread() {
        assert!(is_timestamp("1763640271.123456"));
        for text in ["", ".", "1763640271", "1.", "1.2.3", "١.٢"] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
