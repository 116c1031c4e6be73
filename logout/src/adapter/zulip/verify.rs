//! The verification of a bot and its stream without a message: `GET /users/me` and `GET
//! /get_stream_id` (Zulip, "Get own user" and "Get channel ID"; the latter answers the same for a
//! stream that does not exist and for a private one that the bot is not in).

use serde_json::Value;

use super::Zulip;
use crate::adapter::Check;
use crate::adapter::answer_json::string_at;
use crate::adapter::visible_text;
use crate::transport::{Request, Response};

pub(super) fn verify(zulip: &Zulip, answers: &[Response], request: &mut Request) -> Check {
    request
        .basic_auth(&zulip.bot_email, &zulip.bot_api_key)
        .set_header("user-agent", crate::transport::request::USER_AGENT);
    let [me, rest @ ..] = answers else {
        request.get(&zulip.url.join("api/v1/users/me"));
        return Check::Ask;
    };
    let me = match success(me) {
        Ok(me) => me,
        Err(check) => return check,
    };
    let bot = visible_text::short_error_text(string_at(&me, "full_name"));
    let stream = zulip.stream.trim();
    let [found, ..] = rest else {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("stream", stream);
        let url = zulip.url.join("api/v1/get_stream_id");
        request.get(&url.with_query(&query.finish()));
        return Check::Ask;
    };
    match success(found) {
        Ok(_) => Check::Fine(format!("{bot} writes to #{stream}")),
        // Only this request names a stream, so 400 is about that, in whatever language.
        Err(_) if found.status() == 400 => Check::wrong(
            &["stream"],
            format!(
                "{bot} cannot see a stream “{stream}”: it does not exist, or is private and the \
                bot is not subscribed. Create it, or subscribe the bot to it"
            ),
        ),
        Err(check) => check,
    }
}

fn success(response: &Response) -> Result<Value, Check> {
    let Some(answer) = response
        .json::<Value>()
        .filter(|answer| !string_at(answer, "result").is_empty())
    else {
        return Err(Check::from_stranger(response, "Zulip"));
    };
    if response.is_success() && string_at(&answer, "result") == "success" {
        return Ok(answer);
    }
    let why = visible_text::short_error_text(string_at(&answer, "msg"));
    Err(match (response.status(), string_at(&answer, "code")) {
        (_, "REALM_DEACTIVATED" | "NONEXISTENT_SUBDOMAIN") => Check::wrong(
            &["url"],
            format!("there is no such organisation any more ({why})"),
        ),
        (_, "USER_DEACTIVATED") => Check::wrong(
            &[],
            format!(
                "the bot is deactivated ({why}): activate it in the organisation's settings, or make a new one"
            ),
        ),
        (401 | 403, _) => Check::wrong(
            &["bot_email", "bot_api_key"],
            format!(
                "Zulip does not accept the bot's credentials ({why}): the key was regenerated, or \
                belongs to another bot; the bot's zuliprc has both"
            ),
        ),
        _ => match Check::from_status(response, &["url"]) {
            Check::Wrong { keys, why: status } => Check::wrong(keys, format!("{status}: {why}")),
            _ => Check::wrong(&[], format!("Zulip refuses to say ({why})")),
        },
    })
}
