//! Previews of a block, the texts that its chats would receive.

use std::time::{Duration, SystemTime};

use logout::adapter::{NoticeField, Preview, Request, SecretUrl, Step};
use logout::testing::samples;
use logout::{Adapter, Notice, logout};
use proptest::collection::vec;
use proptest::prelude::{Strategy as _, prop_assert, prop_assume, proptest};
use proptest::sample::select;

/// An adapter that leaves the reading of its requests to logout.
#[derive(Debug, Default, serde::Deserialize)]
struct Mattermost {
    url: SecretUrl,
    #[serde(default)]
    channel: String,
}

impl Adapter for Mattermost {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let text = logout::format_message(notice);
        let message = serde_json::json!({ "channel": self.channel, "text": text });
        request.post(self.url.expose()).json(&message);
    }
}

/// An adapter that cannot read its own requests.
#[derive(Debug, Default, serde::Deserialize)]
struct Clumsy {
    url: SecretUrl,
}

impl Adapter for Clumsy {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        request
            .post(self.url.expose())
            .form([("text", &*notice.headline)]);
    }

    fn preview(&self, _: &Request) -> Preview {
        panic!("it reads nothing")
    }
}

logout! {
    /// A block with the four oldest of the built-in adapters.
    struct Chats {
        project_name: "Corner Shop",
        adapters: [
            Slack { thread_ts: "1763640271.123456" },
            Discord { thread_id: "77" },
            Telegram { chat_id: -1001234567890, message_thread_id: 7 },
            Zulip { stream: "alerts", topic: "shop" },
        ],
    }
}

logout! {
    /// A block whose chats want different events.
    struct Picky {
        project_name: "Corner Shop",
        adapters: [
            all: Zulip { stream: "all" },
            grave: Zulip { stream: "grave", level: ERROR },
            billing: Zulip { stream: "billing", metadata_filter: [team: "billing"] },
            calm: Zulip { stream: "calm", ignore: [target: "handle::preview"] },
        ],
    }
}

logout! {
    /// A block with the program's own adapters.
    struct Own {
        project_name: "Corner Shop",
        adapters: [Mattermost { channel: "ops" }, Clumsy],
    }
}

#[test]
fn every_chat_is_read_as_people_read_it() {
    let mut preview = Chats::preview().unwrap();
    for (name, notice) in samples() {
        let previews = preview.notice(notice).to_string();
        insta::assert_snapshot!(*name, previews);
    }
}

/// Returns the notice of a panic that has to be cut everywhere.
fn long_panic() -> Notice {
    let mut notice = samples()[0].1.clone();
    let frames = (0..600).map(|frame| format!("{frame:>4}: shop::pay::step_{frame}"));
    notice.backtrace = frames.collect::<Vec<_>>().join("\n");
    notice.fields.clear();
    notice
}

#[test]
fn what_has_to_be_cut_travels_as_a_file_where_there_are_files() {
    let previews = Chats::preview().unwrap().notice(&long_panic());
    for instance in [
        ChatsAdapter::Discord,
        ChatsAdapter::Telegram,
        ChatsAdapter::Zulip,
    ] {
        let found: Vec<_> = previews.of(instance).collect();
        assert_eq!(
            found.len(),
            1,
            "one message of several requests: {found:#?}"
        );
        assert!(found[0].files()[0].starts_with("log.txt ("), "{found:#?}");
        assert!(found[0].text().contains("lines …"), "{found:#?}");
    }
    let slack = previews.of(ChatsAdapter::Slack).next().unwrap();
    assert!(slack.files().is_empty());
    assert!(slack.text().contains("(2/3)") && slack.text().contains("(3/3)"));
}

#[test]
fn only_who_would_hear_of_an_event_is_shown_it() {
    let previews = Picky::preview().unwrap().events(|| {
        tracing::warn!(team = "billing", "invoice is late");
        tracing::error!(target: "elsewhere", "disk is full");
        tracing::info!("nothing happened");
    });
    let headlines = |instance| -> Vec<bool> {
        let texts = previews.of(instance).map(|preview| preview.text());
        texts.map(|text| text.contains("disk is full")).collect()
    };
    assert_eq!(headlines(PickyAdapter::All), [false, true]);
    assert_eq!(headlines(PickyAdapter::Grave), [true]);
    assert_eq!(headlines(PickyAdapter::Billing), [false]);
    assert_eq!(headlines(PickyAdapter::Calm), [true]);
    assert_eq!(previews.iter().count(), 5);
}

#[test]
fn every_event_is_told_alone_and_at_once_however_many_there_are() {
    let begun = std::time::Instant::now();
    let previews = Picky::preview().unwrap().events(|| {
        for order in 0..700 {
            tracing::error!(target: "elsewhere", order, "payment failed");
        }
    });
    assert_eq!(previews.of(PickyAdapter::Grave).count(), 700);
    let last = previews.of(PickyAdapter::Grave).last().unwrap();
    assert!(last.text().contains("order 699"), "{last}");
    // At Zulip's pace it would take three minutes and a half.
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_preview_can_be_made_again_and_again() {
    let mut preview = Picky::preview().unwrap();
    for round in 0..3 {
        let events = preview.events(|| tracing::error!(target: "elsewhere", round, "again"));
        assert!(
            events
                .text(PickyAdapter::Grave)
                .contains(&format!("round {round}"))
        );
        let notice = Notice::new(tracing::Level::INFO, "whatever its level");
        assert_eq!(preview.notice(&notice).iter().count(), 4);
    }
}

#[test]
fn an_instance_that_is_turned_off_is_shown_nothing() {
    let figment = figment::Figment::from(("dry_run", true)).merge(("grave.enabled", false));
    let mut preview = Picky::from_figment(figment).unwrap().preview();
    let previews = preview.events(|| tracing::error!(target: "elsewhere", "oh"));
    assert_eq!(previews.of(PickyAdapter::Grave).count(), 0);
    assert_eq!(previews.of(PickyAdapter::All).count(), 1);
    let told = preview.notice(&Notice::new(tracing::Level::ERROR, "oh"));
    assert_eq!(told.iter().count(), 3);
}

#[test]
fn the_programs_own_adapter_shows_its_request_and_no_secret() {
    let figment = figment::Figment::from((
        "mattermost.url",
        "https://chat.example.org/hooks/s3cretkey1",
    ))
    .merge(("clumsy.url", "https://clumsy.example.org/s3cretkey2"));
    let mut preview = Own::from_figment(figment).unwrap().preview();
    let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
    notice.fields.push(NoticeField::new("hook", "s3cretkey1"));
    notice.time = SystemTime::UNIX_EPOCH;
    let previews = preview.notice(&notice);
    assert_eq!(
        previews.to_string(),
        "┌ mattermost · Mattermost\n\
         │ POST https://chat.example.org/…\n\
         │ {\n\
         │   \"channel\": \"ops\",\n\
         │   \"text\": \"🔥 payment failed\n\
         │     hook: •••\"\n\
         │ }\n\
         └\n\
         ┌ clumsy · Clumsy\n\
         │ POST https://clumsy.example.org/…\n\
         │ text: payment failed\n\
         └"
    );
}

#[test]
fn a_wrong_option_of_the_block_is_an_error() {
    logout! {
        struct Wrong { adapters: [Telegram { message_thread_id: 1 }, Zulip { url: "chat" }] }
    }
    let error = Wrong::preview().unwrap_err();
    assert!(error.is_config());
    assert!(error.to_string().contains("zulip.url is wrong"), "{error}");
}

const MARKS: &[&str] = &[
    "`",
    "``",
    "```",
    "\\",
    "\\`",
    "*",
    "**",
    "_",
    "~~",
    "||",
    "<!channel>",
    "<@123>",
    "@everyone",
    "[bank](https://evil.example)",
    "[x](",
    "<time:2020>",
    "&lt;",
    "&",
    "<",
    ">",
    "#",
    "- ",
    ":fire:",
    "spoiler",
    "word",
    " ",
    "ünïcödé",
    "🔥",
    "@**all**",
    "│ └ ┌",
];

proptest! {
    /// Compares previews with the log: reading plain text as markup would show another text than the
    /// chat.
    #[test]
    fn what_people_read_is_what_was_logged(
        headline in vec(select(MARKS), 1..8).prop_map(|parts| parts.concat()),
        field in vec(select(MARKS), 1..8).prop_map(|parts| parts.concat()),
        body in vec(select(MARKS), 1..8).prop_map(|parts| parts.concat()),
    ) {
        // What looks like credentials in an address is masked, in a preview as in the chat.
        let is_masked = |text: &str| text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
        prop_assume!(![&headline, &field, &body].iter().any(|text| is_masked(text)));
        let (headline, field, body) = (format!("x{headline}x"), format!("y{field}y"), format!("z{body}z"));
        let mut notice = Notice::new(tracing::Level::ERROR, headline.clone());
        notice.fields.push(NoticeField::new("field", field.clone()));
        notice.body.clone_from(&body);
        let previews = Chats::preview().unwrap().notice(&notice);
        for preview in previews.iter() {
            for part in [&headline, &field, &body] {
                prop_assert!(preview.text().contains(part), "{part:?} is not in\n{preview}");
            }
        }
    }
}

#[test]
fn a_line_of_the_log_cannot_end_its_frame() {
    let previews = Chats::preview().unwrap().events(|| {
        tracing::error!("one\n└\n┌ slack · Slack\n\u{1b}[31mred\r\u{7}");
    });
    for preview in previews.iter() {
        let shown = preview.to_string();
        let (first, rest) = shown.split_once('\n').unwrap();
        assert!(first.starts_with("┌ "));
        let lines: Vec<_> = rest.lines().collect();
        let (last, inside) = lines.split_last().unwrap();
        assert_eq!(*last, "└");
        assert!(inside.iter().all(|line| line.starts_with('│')), "{shown}");
        assert!(
            !shown.contains(|c: char| c.is_control() && c != '\n'),
            "{shown}"
        );
    }
}
