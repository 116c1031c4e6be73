//! The verification of a webhook (Discord, "Get Webhook with Token"): a GET of the same address
//! returns its name and its channel, and posts nothing.

use serde_json::Value;

use super::{Discord, USER_AGENT, WebhookAddress};
use crate::adapter::Check;
use crate::adapter::answer_json::string_at;
use crate::adapter::visible_text;
use crate::transport::{Request, Response};

/// An incoming webhook, the only type that can post by its token alone (Discord, "Webhook Types").
const INCOMING: i64 = 1;

pub(super) fn verify(discord: &Discord, answers: &[Response], request: &mut Request) -> Check {
    let url = discord.url.expose();
    let [answer, ..] = answers else {
        let address = WebhookAddress::of(url).map(|webhook| webhook.itself(url));
        request
            .get(address.as_ref().unwrap_or(url))
            .set_header("user-agent", USER_AGENT);
        return Check::Ask;
    };
    let told = answer.json::<Value>().unwrap_or_default();
    let code = told.get("code").and_then(Value::as_i64).unwrap_or_default();
    let kind = told.get("type").and_then(Value::as_i64);
    match (Check::from_status(answer, &["url"]), kind, code) {
        (Check::Fine(_), Some(INCOMING), _) => fine(discord, &told),
        (Check::Fine(_), Some(_), _) => Check::wrong(
            &["url"],
            "the webhook belongs to an app or follows a channel, and takes no messages; make an incoming one in the channel's settings",
        ),
        (Check::Fine(_), None, _) => Check::from_stranger(answer, "Discord"),
        (_, _, 10015) => Check::wrong(
            &["url"],
            "the webhook was deleted (Unknown Webhook); make a new one in the channel's settings",
        ),
        (_, _, 50027) => Check::wrong(
            &["url"],
            "the webhook has another token (Invalid Webhook Token): the address is incomplete; \
            copy it again from the channel's settings",
        ),
        (Check::Wrong { keys, why }, _, _) => {
            match visible_text::short_error_text(string_at(&told, "message")) {
                empty if empty.is_empty() => Check::wrong(keys, why),
                message => Check::wrong(keys, format!("{why}: {message}")),
            }
        }
        (check, _, _) => check,
    }
}

fn fine(discord: &Discord, webhook: &Value) -> Check {
    let name = visible_text::short_error_text(string_at(webhook, "name"));
    let channel = visible_text::short_error_text(string_at(webhook, "channel_id"));
    let thread = discord.thread_id.as_deref();
    let thread = thread.map_or_else(String::new, |thread| {
        format!("; its thread {thread} cannot be checked")
    });
    Check::Fine(format!(
        "the webhook “{name}” writes to channel {channel}{thread}"
    ))
}
