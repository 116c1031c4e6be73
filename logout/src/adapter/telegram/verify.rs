//! The verification of a bot and its chat without a message: `getMe`, `getChat`, and for a public
//! chat `getChatMember` (Bot API, "Available methods"; the wording of refusals from
//! tdlib/telegram-bot-api, `Client.cpp`).

use serde_json::Value;

use super::Telegram;
use crate::adapter::Check;
use crate::adapter::answer_json::string_at;
use crate::adapter::visible_text;
use crate::transport::{Request, Response};

pub(super) fn verify(telegram: &Telegram, answers: &[Response], request: &mut Request) -> Check {
    let [me, rest @ ..] = answers else {
        request.get(&telegram.method("getMe"));
        return Check::Ask;
    };
    let me = match own_user(me) {
        Ok(me) => me,
        Err(check) => return check,
    };
    let bot = format!(
        "@{}",
        visible_text::short_error_text(string_at(&me, "username"))
    );
    let [chat, rest @ ..] = rest else {
        ask(telegram, "getChat", None, request);
        return Check::Ask;
    };
    let chat = match result(chat, &["chat_id"]) {
        Ok(chat) => chat,
        Err(Refusal::Told(answer, why)) => return no_chat(&answer, &why, &bot),
        Err(Refusal::Else(check)) => return check,
    };
    let title = title(&chat);
    let is_person = string_at(&chat, "type") == "private";
    let is_forum = chat.get("is_forum") == Some(&Value::Bool(true));
    if let (Some(topic), false, false) = (telegram.message_thread_id, is_forum, is_person) {
        return Check::wrong(
            &["message_thread_id"],
            format!(
                "{title} has no topics, so there is no topic {topic}; turn topics on in it, or \
                remove `message_thread_id`"
            ),
        );
    }
    // Anybody can look up a chat with a name of its own, member or not.
    if !string_at(&chat, "username").is_empty() && !is_person {
        match rest {
            [] => {
                ask(telegram, "getChatMember", me.get("id"), request);
                return Check::Ask;
            }
            [member, ..] => {
                if let Some(check) = not_allowed(member, &chat, &bot, &title) {
                    return check;
                }
            }
        }
    }
    Check::Fine(match telegram.message_thread_id {
        Some(topic) => format!("{bot} writes to {title}; its topic {topic} cannot be checked"),
        None => format!("{bot} writes to {title}"),
    })
}

/// Asks for the chat, or for a member of it.
fn ask(telegram: &Telegram, method: &str, user: Option<&Value>, request: &mut Request) {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("chat_id", &telegram.chat_id.to_string());
    if let Some(user) = user.and_then(Value::as_i64) {
        query.append_pair("user_id", &user.to_string());
    }
    request.get(&telegram.method(method).with_query(&query.finish()));
}

/// The reason why there is no result.
enum Refusal {
    /// Telegram's own answer, and its error text.
    Told(Value, String),
    /// No error of the settings, or not Telegram.
    Else(Check),
}

fn result(response: &Response, keys: &'static [&'static str]) -> Result<Value, Refusal> {
    let Some(mut answer) = response
        .json::<Value>()
        .filter(|answer| answer.get("ok").is_some())
    else {
        return Err(Refusal::Else(Check::from_stranger(response, "Telegram")));
    };
    if answer.get("ok") == Some(&Value::Bool(true)) && response.is_success() {
        return Ok(answer
            .get_mut("result")
            .map(Value::take)
            .unwrap_or_default());
    }
    match Check::from_status(response, keys) {
        check @ Check::Wrong { keys: [], .. } => Err(Refusal::Else(check)),
        _ => {
            let why = visible_text::short_error_text(string_at(&answer, "description"));
            Err(Refusal::Told(answer, why))
        }
    }
}

/// Returns the bot that the token belongs to.
fn own_user(answer: &Response) -> Result<Value, Check> {
    result(answer, &["bot_token"]).map_err(|refusal| match refusal {
        Refusal::Told(_, why) => Check::wrong(
            &["bot_token"],
            format!(
                "Telegram does not accept the bot token ({why}): it is incomplete, or was \
                revoked; @BotFather shows the valid one"
            ),
        ),
        Refusal::Else(check) => check,
    })
}

fn no_chat(answer: &Value, why: &str, bot: &str) -> Check {
    if let Some(id) = answer
        .pointer("/parameters/migrate_to_chat_id")
        .and_then(Value::as_i64)
    {
        let why = format!("the group has become a supergroup, whose number is {id}");
        return Check::wrong(&["chat_id"], why);
    }
    if why.starts_with("Forbidden") {
        let why = format!("{bot} may not write to the chat ({why}): add it to the chat again");
        return Check::wrong(&[], why);
    }
    let why = format!(
        "{bot} cannot find the chat ({why}): the number or name is wrong, or {bot} was never \
        added to it. Add it to the chat, or let a person send it a message first"
    );
    Check::wrong(&["chat_id"], why)
}

/// Returns why the bot may not write to a public chat, if it may not.
fn not_allowed(member: &Response, chat: &Value, bot: &str, title: &str) -> Option<Check> {
    // If it cannot be found out, it is no error.
    let member = result(member, &[]).ok()?;
    let is_channel = string_at(chat, "type") == "channel";
    let denies = |right: &str| member.get(right) == Some(&Value::Bool(false));
    let why = match string_at(&member, "status") {
        "left" | "kicked" => format!("{bot} is not in {title}: add it"),
        "member" if is_channel => {
            format!("{bot} may not post in {title}: make it an administrator of the channel")
        }
        "administrator" if is_channel && denies("can_post_messages") => {
            format!("{bot} may not post in {title}: give it the right to post messages")
        }
        "restricted" if denies("can_send_messages") => {
            format!("{bot} may not write in {title}: lift its restriction")
        }
        _ => return None,
    };
    Some(Check::wrong(&[], why))
}

/// Returns `“Shop alarms”`, or nothing for a person.
fn title(chat: &Value) -> String {
    let title = visible_text::reason(string_at(chat, "title"));
    title.map_or_else(|| "the chat".to_owned(), |title| format!("“{title}”"))
}
