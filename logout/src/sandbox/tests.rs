//! Properties that hold for every input, however odd.

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use proptest::prelude::*;
use serde_json::json;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::credentials::Credentials;
use super::destination::Destination;
use super::request::RawRequest;
use super::state::SharedState;
use super::{Message, Platform};

/// Returns a sandbox's state without limits, and a request to each platform's endpoint for messages.
fn shared(platform: Platform) -> (SharedState, RawRequest) {
    let shared = SharedState::new();
    let credentials = Credentials::new(platform, "it", &[]);
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, HeaderValue::from_static("test"));
    let mut media_type = "application/json";
    let mut query = String::new();
    let path = match &credentials {
        Credentials::Slack {
            team,
            service,
            secret,
        } => format!("/services/{team}/{service}/{secret}"),
        Credentials::Discord { id, token } => format!("/api/v10/webhooks/{id}/{token}"),
        Credentials::Telegram { token, .. } => format!("/bot{token}/sendMessage"),
        Credentials::Zulip { email, key } => {
            media_type = "application/x-www-form-urlencoded";
            let login = format!("Basic {}", STANDARD.encode(format!("{email}:{key}")));
            headers.insert(AUTHORIZATION, HeaderValue::from_str(&login).unwrap());
            "/api/v1/messages".to_owned()
        }
        Credentials::SlackBot { token, .. } => {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            headers.insert(AUTHORIZATION, bearer);
            "/api/chat.postMessage".to_owned()
        }
        Credentials::Teams { workflow, sig } => {
            query = format!("sig={sig}");
            format!("/workflows/{workflow}/triggers/manual/paths/invoke")
        }
        Credentials::GoogleChat { space, key, token } => {
            query = format!("key={key}&token={token}");
            format!("/v1/spaces/{space}/messages")
        }
        Credentials::PagerDuty { .. } => "/v2/enqueue".to_owned(),
        Credentials::Mattermost { id } => format!("/hooks/{id}"),
        Credentials::Ntfy { token, .. } => {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            headers.insert(AUTHORIZATION, bearer);
            "/".to_owned()
        }
        Credentials::Webhook { path, .. } => format!("/webhook/{path}"),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let mut state = shared.lock();
    state.destinations.push(Destination::new(
        platform,
        "it",
        credentials,
        ([127, 0, 0, 1], 1).into(),
    ));
    state.limited = false;
    drop(state);
    let raw = RawRequest {
        method: "POST".to_owned(),
        path,
        query,
        headers,
        body: Bytes::new(),
        connection: 1,
    };
    (shared, raw)
}

fn chat_id(shared: &SharedState) -> i64 {
    match shared
        .lock()
        .destinations
        .first()
        .map(|one| one.credentials.clone())
    {
        Some(Credentials::Telegram { chat_id, .. }) => chat_id,
        _ => 0,
    }
}

/// Returns the secret that stands in the body: the key of PagerDuty, or the channel of Slack's bot.
fn secret(shared: &SharedState) -> String {
    match shared
        .lock()
        .destinations
        .first()
        .map(|one| one.credentials.clone())
    {
        Some(Credentials::PagerDuty { key }) => key,
        Some(Credentials::SlackBot { channel, .. }) => channel,
        Some(Credentials::Ntfy { topic, .. }) => topic,
        _ => String::new(),
    }
}

/// Returns a message of Teams with one element.
fn card(element: &serde_json::Value) -> serde_json::Value {
    json!({ "type": "message", "attachments": [{
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": { "type": "AdaptiveCard", "version": "1.2", "body": [element],
            "msteams": { "entities": [{ "type": "mention", "text": "<at>a</at>",
                "mentioned": { "id": "a", "name": "a" } }] } } }] })
}

/// Sends `text` where each platform interprets it, in every way that it knows.
fn say(platform: Platform, text: &str) -> Vec<Message> {
    let (shared, mut raw) = shared(platform);
    let chat_id = chat_id(&shared);
    let bodies = match platform {
        Platform::Slack => vec![
            json!({ "text": text, "link_names": true }),
            json!({ "attachments": [{ "title": text, "text": text,
                "fields": [{ "title": text, "value": text }] }] }),
        ],
        Platform::Discord => vec![
            json!({ "content": text }),
            json!({ "embeds": [{ "title": text, "description": text,
                "fields": [{ "name": text, "value": text }] }] }),
        ],
        Platform::Telegram => ["", "HTML", "Markdown", "MarkdownV2"]
            .map(|mode| json!({ "chat_id": chat_id, "text": text, "parse_mode": mode }))
            .into(),
        Platform::Zulip => vec![
            json!({ "type": "stream", "to": "alerts", "topic": "t", "content": text }),
            json!({ "type": "stream", "to": text, "topic": text, "content": text }),
        ],
        Platform::SlackBot => vec![
            json!({ "channel": secret(&shared), "text": text, "link_names": true, "thread_ts": text }),
            json!({ "channel": secret(&shared), "attachments": [{ "title": text, "text": text }] }),
        ],
        Platform::Teams => vec![
            card(&json!({ "type": "TextBlock", "text": text })),
            card(&json!({ "type": "FactSet", "facts": [{ "title": text, "value": text }] })),
            card(
                &json!({ "type": "RichTextBlock", "inlines": [text, { "type": "TextRun", "text": text }] }),
            ),
        ],
        Platform::GoogleChat => vec![
            json!({ "text": text, "fallbackText": text, "thread": { "threadKey": text } }),
            json!({ "cardsV2": [{ "card": { "sections": [{ "widgets": [
                { "textParagraph": { "text": text } },
                { "decoratedText": { "topLabel": text, "text": text } }] }] } }] }),
        ],
        Platform::PagerDuty => ["trigger", "resolve"]
            .map(|action| {
                json!({ "routing_key": secret(&shared), "event_action": action, "dedup_key": text,
                    "payload": { "summary": text, "source": text, "severity": "error",
                        "custom_details": { text: text } } })
            })
            .into(),
        Platform::Ntfy => vec![
            json!({ "topic": secret(&shared), "title": text, "message": text, "tags": [text] }),
            json!({ "topic": text, "message": text, "click": text }),
        ],
        Platform::Webhook => vec![json!({ "type": text, "timestamp": text, "data": {} })],
        Platform::Mattermost => vec![
            json!({ "text": text, "channel": text }),
            json!({ "text": text, "attachments": [{ "pretext": text, "title": text, "text": text,
                "fields": [{ "title": text, "value": text }], "footer": text }] }),
        ],
    };
    for body in bodies {
        raw.body = if platform == Platform::Zulip {
            let pairs = body.as_object().into_iter().flatten();
            let pairs = pairs.map(|(name, value)| (name, value.as_str().unwrap_or_default()));
            let mut form = form_urlencoded::Serializer::new(String::new());
            Bytes::from(form.extend_pairs(pairs).finish())
        } else {
            Bytes::from(body.to_string())
        };
        let _course = shared.handle(&raw);
    }
    shared.lock().inbox.clone()
}

/// Generates texts of signs that mean something somewhere.
fn odd() -> impl Strategy<Value = String> {
    let signs = prop::sample::select(vec![
        "<",
        ">",
        "&",
        "`",
        "```",
        "````",
        "*",
        "**",
        "_",
        "__",
        "~",
        "|",
        "||",
        "[",
        "]",
        "(",
        ")",
        "\\",
        "@",
        "#",
        "!",
        "/",
        "\n",
        " ",
        "\r",
        "\t",
        "\0",
        "a",
        "all",
        "rust",
        "é",
        "🔥",
        "\u{202e}",
        "&lt;",
        "&#65;",
        "&#x1F525;",
        "<b>",
        "</b>",
        "<pre>",
        "<a href=\"x\">",
        "<code",
        "<@1>",
        "<!here>",
        "@**all**",
        "http://x",
        "quote",
        "~~~",
        "=",
        "\"",
        "'",
        ";",
        "\u{200b}",
    ]);
    prop::collection::vec(signs, 0..40).prop_map(|signs| signs.concat())
}

proptest! {
    #[test]
    fn no_text_breaks_a_platform(text in odd()) {
        for platform in Platform::ALL {
            for message in say(*platform, &text) {
                let _shown = message.to_string();
            }
        }
    }

    #[test]
    fn any_body_is_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for platform in Platform::ALL {
            for media_type in ["application/json", "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x"] {
                let (shared, mut raw) = shared(*platform);
                raw.body = Bytes::from(body.clone());
                raw.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
                let status = shared.handle(&raw).answer.status();
                prop_assert!((200..500).contains(&status));
            }
        }
    }

    #[test]
    fn entities_stay_inside_the_text(text in odd(), offset in 0_i64..20, length in 0_i64..20) {
        let (shared, mut raw) = shared(Platform::Telegram);
        let body = json!({ "chat_id": chat_id(&shared), "text": text,
            "entities": [{ "type": "bold", "offset": offset, "length": length }] });
        raw.body = Bytes::from(body.to_string());
        let _course = shared.handle(&raw);
        for message in &shared.lock().inbox {
            let details = message.details().telegram().unwrap();
            let total = details.text.encode_utf16().count();
            for entity in &details.entities {
                prop_assert!(entity.length > 0 && entity.offset + entity.length <= total);
            }
        }
    }

    #[test]
    fn what_stands_in_slacks_preformatted_blocks_is_read_as_it_is(text in "[ -~é🔥]{1,60}") {
        let (shared, mut raw) = shared(Platform::Slack);
        let body = json!({ "blocks": [{ "type": "rich_text", "elements": [
            { "type": "rich_text_preformatted", "elements": [{ "type": "text", "text": &text }] }] }] });
        raw.body = Bytes::from(body.to_string());
        let _course = shared.handle(&raw);
        let inbox = shared.lock().inbox.clone();
        prop_assert_eq!(inbox.len(), 1);
        prop_assert_eq!(inbox[0].text(), text.trim_end());
        prop_assert!(inbox[0].mentions().is_empty());
    }
}
