//! Zulip's REST API.

use std::time::Duration;

use serde_json::{Value, json};

use super::answer::set;
use super::destination::Destination;
use super::multipart;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

mod markdown;
mod message;

/// Requests of one user (<https://zulip.com/api/http-headers>); a server's setting.
const RATE: Rate = Rate::Sliding {
    count: 200,
    per: Duration::from_secs(60),
};

/// `max_file_upload_size_mib`, 25 unless the server says otherwise.
const UPLOAD: usize = 25 << 20;

pub(super) const LIMITS: &[(&str, Rate)] = &[("bot", RATE)];

pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("ZULIP_URL", "url"),
    ("ZULIP_BOT_EMAIL", "bot_email"),
    ("ZULIP_API_KEY", "bot_api_key"),
];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/api/v1/")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    match (&destination.credentials, raw.basic_auth()) {
        (Credentials::Zulip { email, .. }, Some((user, _))) => *email == user,
        _ => false,
    }
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let judged = route(context);
    context.with_allowance(judged, |answer, _, reset| {
        answer.header("X-RateLimit-Reset", format!("{:.0}", reset.ceil()))
    })
}

fn route(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    authenticate(context)?;
    context.take_slot()?;
    match (context.raw.method.as_str(), context.raw.path.as_str()) {
        ("POST", "/api/v1/messages") => {
            let (draft, ignored) = message::post(context)?;
            let mut answer = json!({ "result": "success", "msg": "", "id": context.id });
            if !ignored.is_empty() {
                set(&mut answer, "ignored_parameters_unsupported", ignored);
            }
            Ok(Decision::delivered(Answer::json(200, &answer), draft))
        }
        ("POST", "/api/v1/user_uploads") => upload(context).map(Decision::served),
        ("GET", "/api/v1/users/me") => Ok(Decision::served(own_user(context))),
        ("GET", "/api/v1/get_stream_id") => stream_id(context).map(Decision::served),
        (_, "/api/v1/messages" | "/api/v1/user_uploads") => {
            let answer = json!({ "result": "error", "msg": "Method Not Allowed",
                "allowed_methods": ["POST"], "code": "METHOD_NOT_ALLOWED" });
            Err((
                Answer::json(405, &answer),
                "the method is not POST".to_owned(),
            ))
        }
        _ => {
            let answer = json!({ "result": "error", "msg": "Not Found", "code": "BAD_REQUEST" });
            Err((
                Answer::json(404, &answer),
                "there is no such endpoint".to_owned(),
            ))
        }
    }
}

/// Returns the bot itself (<https://zulip.com/api/get-own-user>), as far as a bot's matter.
fn own_user(context: &RequestContext<'_>) -> Answer {
    let email = match context
        .destination
        .map(|destination| &destination.credentials)
    {
        Some(Credentials::Zulip { email, .. }) => email.as_str(),
        _ => "",
    };
    let name = email.split('@').next().unwrap_or_default();
    Answer::json(
        200,
        &json!({ "result": "success", "msg": "", "user_id": 7, "email": email,
            "delivery_email": email, "full_name": name, "is_bot": true, "is_active": true,
            "role": 400 }),
    )
}

/// Answers <https://zulip.com/api/get-stream-id>. A stream that is private and not the bot's own is refused
/// in the same words as one that does not exist.
fn stream_id(context: &RequestContext<'_>) -> OrRefusal<Answer> {
    let Some(name) = context.raw.query_value("stream") else {
        let msg = "Missing 'stream' argument";
        let mut answer = error_body("REQUEST_VARIABLE_MISSING", msg);
        set(&mut answer, "var_name", "stream");
        return Err((Answer::json(400, &answer), msg.to_owned()));
    };
    match context.streams.iter().position(|stream| *stream == name) {
        Some(index) => Ok(Answer::json(
            200,
            &json!({ "result": "success", "msg": "", "stream_id": index + 1 }),
        )),
        None => refuse("BAD_REQUEST", &format!("Invalid channel name '{name}'")),
    }
}

fn authenticate(context: &RequestContext<'_>) -> OrRefusal<()> {
    let Some((_, given)) = context.raw.basic_auth() else {
        let answer = error_body(
            "UNAUTHORIZED",
            "Not logged in: API authentication or user session required",
        );
        let answer = Answer::json(401, &answer).header("WWW-Authenticate", "Basic realm=\"zulip\"");
        return Err((answer, "there is no Basic authentication".to_owned()));
    };
    let known = context.destination.is_some_and(
        |destination| matches!(&destination.credentials, Credentials::Zulip { key, .. } if *key == given),
    );
    if known {
        return Ok(());
    }
    let malformed = given.len() != 32 || !given.chars().all(|sign| sign.is_ascii_alphanumeric());
    let msg = if malformed {
        "Malformed API key"
    } else {
        "Invalid API key"
    };
    let answer = Answer::json(401, &error_body("INVALID_API_KEY", msg));
    Err((answer, "bot or API key are not known".to_owned()))
}

fn upload(context: &mut RequestContext<'_>) -> OrRefusal<Answer> {
    let parts = multipart::parts(context.raw).unwrap_or_default();
    let mut files = parts
        .iter()
        .filter_map(|part| Some((part.file_name.as_deref()?, part)));
    let (Some((name, part)), None) = (files.next(), files.next()) else {
        return refuse("BAD_REQUEST", "You must specify a file to upload");
    };
    if part.content.len() > UPLOAD {
        return refuse(
            "BAD_REQUEST",
            "Uploaded file is larger than the allowed limit of 25 MiB",
        );
    }
    let safe = |sign: char| sign.is_alphanumeric() || "._-".contains(sign);
    let name: String = name
        .chars()
        .map(|sign| if safe(sign) { sign } else { '-' })
        .collect();
    let path = format!(
        "/user_uploads/2/{:02x}/{:016x}/{name}",
        fastrand::u8(..),
        fastrand::u64(..)
    );
    let file = RequestContext::file(&name, &part.content_type, &part.content);
    context.uploads.push((path.clone(), file));
    let answer =
        json!({ "result": "success", "msg": "", "uri": path, "url": path, "filename": name });
    Ok(Answer::json(200, &answer))
}

fn refuse<T>(code: &str, msg: &str) -> OrRefusal<T> {
    Err((
        Answer::json(400, &error_body(code, msg)),
        format!("{code}: {msg}"),
    ))
}

fn error_body(code: &str, msg: &str) -> Value {
    json!({ "result": "error", "msg": msg, "code": code })
}

/// Returns the wait as a float of seconds, in the body and in the header.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    let seconds = wait.as_secs_f64();
    let mut answer = error_body("RATE_LIMIT_HIT", "API usage exceeded rate limit");
    set(&mut answer, "retry-after", seconds);
    Answer::json(429, &answer).header("Retry-After", seconds.to_string())
}

pub(super) fn gone() -> Answer {
    Answer::json(401, &error_body("INVALID_API_KEY", "Invalid API key"))
}
