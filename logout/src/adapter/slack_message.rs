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

/// The channel and the thread of a message, as far as its address does not say them.
pub(super) struct Conversation<'p> {
    /// The channel of a bot's message; a webhook has its own.
    pub(super) channel: Option<&'p str>,
    pub(super) thread: Option<&'p str>,
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

    /// Makes the message of a part the body, and says in the request whether another follows; `mention` is whom
    /// it calls.
    pub(super) fn write(
        &self,
        part: usize,
        mention: Option<&str>,
        conversation: &Conversation<'_>,
        request: &mut Request,
    ) {
        request
            .write_json(|json| json.object(|json| self.members(part, mention, conversation, json)));
        if part + 1 < self.count() {
            request.followed();
        }
        if part > 0 {
            request.supplements();
        }
    }

    fn members(
        &self,
        part: usize,
        mention: Option<&str>,
        conversation: &Conversation<'_>,
        json: &mut JsonWriter<'_>,
    ) {
        if let Some(channel) = conversation.channel {
            json.name("channel").text(channel);
        }
        let (text, is_markup) = self.text(part, mention);
        json.name("text").text(&text);
        json.name("mrkdwn").boolean(is_markup);
        json.name("unfurl_links").boolean(false);
        json.name("unfurl_media").boolean(false);
        if let Some(thread) = conversation.thread {
            json.name("thread_ts").text(thread);
        }
        if let Some(split) = &self.split {
            split.write(part, mention, json);
        }
    }

    /// Returns the member `text`, and whether it is mrkdwn, which only a mention needs. It is the
    /// notification's text, or the whole message if there are no blocks.
    fn text(&self, part: usize, mention: Option<&str>) -> (String, bool) {
        match (&self.split, mention) {
            (Some(split), _) => (split.text(part), false),
            (None, None) => (plain(self.notice), false),
            // The mention needs mrkdwn, which log text is only safe from in a fence.
            (None, Some(mention)) => {
                let text = plain(self.notice);
                (format!("```\n{text}\n```\n{mention}"), true)
            }
        }
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
