//! The verification of a token, or of the server, without a message: `GET /v1/account` and `GET
//! /v1/health` (`server/server.go`; neither is in the documentation of the API). Whether the token
//! may write to the topic cannot be asked: `/<topic>/auth` is about reading.

use serde_json::Value;

use super::Ntfy;
use crate::adapter::Check;
use crate::adapter::answer_json::string_at;
use crate::adapter::visible_text;
use crate::transport::{Request, Response};

pub(super) fn verify(ntfy: &Ntfy, answers: &[Response], request: &mut Request) -> Check {
    let path = match ntfy.token {
        Some(_) => "v1/account",
        None => "v1/health",
    };
    let [response, ..] = answers else {
        ntfy.authorize(request);
        request.get(&ntfy.url.join(path));
        return Check::Ask;
    };
    let answer = response.json::<Value>().unwrap_or_default();
    if response.is_success() {
        let user = visible_text::short_error_text(string_at(&answer, "username"));
        return match answer.get("healthy").and_then(Value::as_bool) {
            // The user that everybody is on a server without users.
            _ if user == "*" => Check::Fine(
                "the server answers, and has no users that a token could be of".to_owned(),
            ),
            _ if !user.is_empty() => Check::Fine(format!(
                "the token is that of {user}; only a message would show whether it may write to the topic"
            )),
            Some(true) => Check::Fine(
                "the server answers; only a message would show whether the topic takes it"
                    .to_owned(),
            ),
            Some(false) => {
                Check::wrong(&[], "the server says that it is not well; try again later")
            }
            None => Check::from_stranger(response, "ntfy"),
        };
    }
    let why = visible_text::short_error_text(string_at(&answer, "error"));
    match response.status() {
        401 | 403 if answer.get("code").is_some() && ntfy.token.is_some() => Check::wrong(
            &["token"],
            format!(
                "ntfy does not accept the token ({why}): it has expired, or belongs to another server"
            ),
        ),
        _ => Check::from_stranger(response, "ntfy"),
    }
}
