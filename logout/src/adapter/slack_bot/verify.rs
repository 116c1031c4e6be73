//! The verification of a token (Slack, `auth.test`), which posts nothing and needs no scope.

use serde_json::Value;

use super::{SlackBot, answer};
use crate::adapter::Check;
use crate::adapter::answer_json::string_at;
use crate::adapter::visible_text;
use crate::transport::{Request, Response};

pub(super) fn verify(bot: &SlackBot, answers: &[Response], request: &mut Request) -> Check {
    let [response, ..] = answers else {
        bot.ask("auth.test", request).form([("", ""); 0]);
        return Check::Ask;
    };
    let told = response.json::<Value>().unwrap_or_default();
    let word = visible_text::short_error_text(string_at(&told, "error"));
    match told.get("ok").and_then(Value::as_bool) {
        Some(true) if response.is_success() => fine(bot, response, &told),
        Some(false) if answer::is_passing(&word) => Check::wrong(
            &[],
            format!("Slack cannot say at the moment ({word}); try again later"),
        ),
        Some(false) => Check::wrong(
            &["token"],
            match word.as_str() {
                "invalid_auth" | "not_authed" => {
                    "Slack does not know the token (invalid_auth); copy it again from \"OAuth & Permissions\" of the app"
                        .to_owned()
                }
                "token_revoked" | "account_inactive" => {
                    format!("the token was revoked or its app removed ({word}); install the app again")
                }
                "token_expired" => {
                    "the token has expired (token_expired); turn token rotation off and install the app again"
                        .to_owned()
                }
                word => format!("Slack refuses the token ({word})"),
            },
        ),
        _ => match Check::from_status(response, &["url"]) {
            Check::Fine(_) => Check::from_stranger(response, "Slack"),
            check => check,
        },
    }
}

fn fine(bot: &SlackBot, response: &Response, told: &Value) -> Check {
    // Every answer of the Web API names the scopes of its token.
    let scopes = response.header("x-oauth-scopes");
    let has_one_of = |names: &[&str]| {
        scopes.is_none_or(|scopes| {
            let mut scopes = scopes.split(',').map(str::trim);
            scopes.any(|scope| names.contains(&scope))
        })
    };
    if !has_one_of(&["chat:write", "chat:write:bot", "bot"]) {
        return Check::wrong(
            &["token"],
            "the token lacks the scope `chat:write`; add it under \"OAuth & Permissions\" and install the app again",
        );
    }
    let user = visible_text::short_error_text(string_at(told, "user"));
    let team = visible_text::short_error_text(string_at(told, "team"));
    let files = if has_one_of(&["files:write", "files:write:user", "bot"]) {
        ""
    } else {
        ", but no files (scope `files:write`)"
    };
    Check::Fine(format!(
        "@{user} of “{team}” may write{files}; whether it is a member of {} cannot be checked",
        bot.channel
    ))
}
