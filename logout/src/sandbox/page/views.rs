//! The sandbox's state as JSON, as the page's script reads it.

use std::time::{Instant, SystemTime};

use serde_json::{Value, json};

use super::super::destination::Destination;
use super::super::state::{Arrivals, SandboxState};
use super::super::{Details, Exchange, File, Message, Platform, Received, TelegramEntity};

/// How many bytes of a body, and of a file, the page gets to see.
const SHOWN: usize = 24 << 10;

/// Returns milliseconds since the epoch, as browsers count.
pub(super) fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Returns a request, what was answered, and the message that came of it.
pub(super) fn exchange(exchange: &Exchange, message: Option<&Message>) -> Value {
    let answer = exchange.answer().map(|answer| {
        json!({
            "status": answer.status(),
            "headers": answer.headers().collect::<Vec<_>>(),
            "body": shown(answer.bytes()),
        })
    });
    json!({
        "number": exchange.number,
        "at": milliseconds(exchange.arrived()),
        "platform": exchange.platform().map(Platform::instance),
        "destination": exchange.destination(),
        "delivered": exchange.is_delivered(),
        "troubled": exchange.is_troubled(),
        "refusal": exchange.refusal(),
        "request": request(exchange.request()),
        "answer": answer,
        "message": message.map(self::message),
    })
}

fn request(request: &Received) -> Value {
    json!({
        "method": request.method(),
        "path": request.path(),
        "headers": request.headers().collect::<Vec<_>>(),
        "body": shown(request.body()),
        "size": request.body_size(),
    })
}

fn message(message: &Message) -> Value {
    json!({
        "text": message.text(),
        "mentions": message.mentions(),
        "truncated": message.is_truncated(),
        "answer_lost": message.answer_lost(),
        "files": message.files().iter().map(file).collect::<Vec<_>>(),
        "details": details(message.details()),
        "summary": message.summary(),
    })
}

fn file(file: &File) -> Value {
    json!({ "name": file.name(), "size": file.size(), "text": shown(file.content()) })
}

fn details(details: &Details) -> Value {
    match details {
        Details::Slack(slack) => json!({
            "notification": slack.notification, "blocks": slack.blocks,
            "attachments": slack.attachments, "thread": slack.thread,
        }),
        Details::Discord(discord) => json!({
            "content": discord.content, "embeds": discord.embeds, "username": discord.username,
            "silent": discord.silent, "thread": discord.thread,
        }),
        Details::Telegram(telegram) => json!({
            "text": telegram.text, "silent": telegram.silent, "thread": telegram.thread,
            "entities": telegram.entities.iter().map(entity).collect::<Vec<_>>(),
        }),
        Details::Zulip(zulip) => json!({
            "stream": zulip.stream, "topic": zulip.topic, "content": zulip.content,
        }),
        Details::Teams(teams) => json!({ "card": teams.card }),
        Details::GoogleChat(chat) => json!({
            "text": chat.text, "cards": chat.cards, "thread": chat.thread,
        }),
        Details::PagerDuty(event) => json!({
            "action": event.action, "dedup_key": event.dedup_key, "severity": event.severity,
            "source": event.source, "rings": event.rings,
        }),
        Details::Ntfy(ntfy) => json!({
            "title": ntfy.title, "message": ntfy.message, "priority": ntfy.priority,
            "tags": ntfy.tags, "click": ntfy.click, "actions": ntfy.actions,
        }),
        Details::Webhook(webhook) => json!({ "id": webhook.id, "document": webhook.document }),
        Details::Mattermost(mattermost) => json!({
            "channel": mattermost.channel, "text": mattermost.text,
            "attachments": mattermost.attachments, "card": mattermost.card,
            "username": mattermost.username, "silent": mattermost.silent,
        }),
    }
}

fn entity(entity: &TelegramEntity) -> Value {
    json!({
        "type": entity.kind, "offset": entity.offset, "length": entity.length,
        "language": entity.language, "url": entity.url, "unix_time": entity.unix_time,
        "date_time_format": entity.date_time_format,
    })
}

/// Returns how much arrived since the start, by program.
pub(super) fn arrivals(arrivals: &Arrivals) -> Value {
    let programs = arrivals.programs.iter().map(|(name, counts)| {
        json!({
            "name": name, "messages": counts.messages, "events": counts.events,
            "last": milliseconds(counts.last),
        })
    });
    json!({
        "requests": arrivals.requests, "refused": arrivals.refused,
        "programs": programs.collect::<Vec<_>>(),
    })
}

/// Returns the variables that lead a program to each destination.
pub(super) fn variables(destinations: &[Destination]) -> Value {
    let views = destinations.iter().map(|destination| {
        let variables = destination.variables().into_iter();
        let variables = variables.map(
            |(variable, key, value)| json!({ "variable": variable, "key": key, "value": value }),
        );
        json!({
            "name": destination.name,
            "platform": destination.platform.instance(),
            "variables": variables.collect::<Vec<_>>(),
        })
    });
    views.collect()
}

/// Returns how each destination is doing: what remains of its limits, and what troubles it.
pub(super) fn destinations(state: &mut SandboxState, now: Instant) -> Value {
    let SandboxState {
        destinations,
        paces,
        limited,
        ..
    } = state;
    let views = destinations.iter().map(|destination| {
        let limits = if *limited {
            destination.limits()
        } else {
            Vec::new()
        };
        let limits = limits.iter().map(|(key, rate)| {
            let allowance = paces.allowance(key, *rate, now);
            // A key that destinations share has their token in it, so none is shown as it is.
            let own = |what: &&str| *key == format!("{}/{what}", destination.name);
            let what = ["webhook", "channel", "chat", "group", "set"].into_iter().find(own);
            json!({
                "what": what.unwrap_or("bot"), "limit": allowance.limit, "left": allowance.remaining,
                "wait": allowance.reset_after.as_secs_f64(),
            })
        });
        let trouble = destination.troubles.iter().find(|one| one.left != Some(0));
        json!({
            "name": destination.name,
            "platform": destination.platform.instance(),
            "limits": limits.collect::<Vec<_>>(),
            "trouble": trouble.map(|trouble| trouble.description()),
        })
    });
    views.collect()
}

/// Returns the beginning of a body, as text; what is no UTF-8 is replaced.
fn shown(bytes: &[u8]) -> String {
    let head = bytes.get(..SHOWN).unwrap_or(bytes);
    String::from_utf8_lossy(head).into_owned()
}
