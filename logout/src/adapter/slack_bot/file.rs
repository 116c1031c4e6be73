//! The upload of the whole text as a file, in three requests after the messages: Slack returns an
//! address to send it to and an id, takes it there, and shares the file with this id in the
//! channel.

use serde_json::{Value, json};

use super::SlackBot;
use crate::adapter::answer_json::string_at;
use crate::adapter::preview::form;
use crate::adapter::{Notice, Preview, Step, layout, settings_check};
use crate::transport::{Request, Response, Url};

const NAME: &str = "log.txt";

/// The method that returns an address and an id.
const TICKET: &str = "files.getUploadURLExternal";

/// Fills the request of a stage: 0, 1 or 2.
pub(super) fn render(
    bot: &SlackBot,
    notice: &Notice,
    step: Step<'_>,
    stage: usize,
    request: &mut Request,
) {
    request.supplements();
    if stage == 0 {
        let length = text(notice).len().to_string();
        let asked = [("filename", NAME), ("length", &length)];
        bot.ask(TICKET, request).form(asked);
        request.followed();
        return;
    }
    // The answer to stage 0.
    let ticket = (step.part.checked_sub(stage)).and_then(|part| step.answers.get(part));
    // In a dry run nobody answers, and nothing is sent.
    let is_dry = ticket.is_none_or(|ticket| ticket.body().is_empty());
    let ticket = ticket.and_then(Response::json::<Value>).unwrap_or_default();
    if stage == 1 {
        let url = match string_at(&ticket, "upload_url") {
            "" if is_dry => Some(bot.url.clone()),
            url => address(bot, url),
        };
        match url {
            // The address itself is the credential; the token is for the Web API.
            Some(url) => request
                .post(&url)
                .bytes("text/plain; charset=utf-8", text(notice).as_bytes())
                .followed(),
            None => return request.fail("Slack named no address for the file".to_owned()),
        };
        return;
    }
    let message = step.answers.first().and_then(Response::json::<Value>);
    let message = message.unwrap_or_default();
    let mut shared = json!({
        "files": [{ "id": string_at(&ticket, "file_id"), "title": NAME }],
        // Only ids are accepted here; the answer to the message has them.
        "channel_id": string_at(&message, "channel"),
    });
    if let (Some(thread), Some(fields)) = (bot.thread_of(notice, step), shared.as_object_mut()) {
        fields.insert("thread_ts".to_owned(), thread.into());
    }
    bot.ask("files.completeUploadExternal", request)
        .json(&shared);
}

/// Returns the preview of a request to another method than the one that posts: the name of the file
/// in the first of the three, and nothing in the others.
pub(super) fn read(request: &Request) -> Option<Preview> {
    let path = request.url().path_and_query();
    if path.ends_with("/chat.postMessage") {
        return None;
    }
    let fields = form(request);
    let length = fields.iter().find(|(name, _)| name == "length");
    let length = length.and_then(|(_, length)| length.parse().ok());
    Some(match length.filter(|_| path.ends_with(TICKET)) {
        Some(length) => Preview::default().with_file(NAME, length),
        None => Preview::default(),
    })
}

/// Returns the text of the file. Its length is sent in advance, so it contains nothing that may
/// change in between.
fn text(notice: &Notice) -> String {
    let mut notice = notice.clone();
    notice.delayed = None;
    notice.possible_repeat = false;
    layout::file(&notice)
}

/// Returns the address of the file: at Slack itself, or at a relay of its Web API if that takes
/// files too.
fn address(bot: &SlackBot, url: &str) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    let is_slacks = ["slack.com", "slack-gov.com"]
        .iter()
        .any(|domain| settings_check::is_under(url.host(), domain));
    let is_relays = url.authority() == bot.url.authority();
    (is_slacks && url.is_secure() || is_relays).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::{SlackBot, address};
    use crate::transport::Url;

    #[test]
    fn a_file_goes_to_slack_and_nowhere_else() {
        let mut bot = SlackBot::default();
        let takes = |bot: &SlackBot, url: &str| address(bot, url).is_some();
        assert!(takes(&bot, "https://files.slack.com/upload/v1/ABC"));
        assert!(takes(&bot, "https://files.slack-gov.com/upload/v1/ABC"));
        for url in [
            "",
            "http://files.slack.com/upload/v1/ABC",
            "https://files.slack.com.example.org/upload/v1/ABC",
            "https://notslack.com/upload",
            "http://127.0.0.1:9/upload",
        ] {
            assert!(!takes(&bot, url), "{url}");
        }
        bot.url = Url::parse("http://127.0.0.1:9").unwrap();
        assert!(takes(&bot, "http://127.0.0.1:9/upload/v1/ABC"));
        assert!(!takes(&bot, "http://127.0.0.1:10/upload/v1/ABC"));
    }
}
