//! Webhooks of Microsoft Teams: the trigger of a flow, and the flow that posts a card.

use std::time::Duration;

use serde_json::{Value, json};

use super::destination::Destination;
use super::details::{Details, TeamsDetails};
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

mod card;
mod markdown;
mod plain_text;

/// "More than four requests in a second" are throttled
/// (<https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>).
const RATE: Rate = Rate::Sliding {
    count: 4,
    per: Duration::from_secs(1),
};

/// Bytes of "message properties" that a message may have.
const PROPERTIES: usize = 28_672;

/// What Teams makes of a request's bytes: one of 24,453 was 28,897 there (msteams-docs issue 11274).
const MEASURED: (usize, usize) = (24_453, 28_897);

/// Returns the id of the flow in a path of either family: `/workflows/{id}/…`, and
/// `/powerautomate/automations/direct/…/workflows/{id}/…`.
fn workflow(path: &str) -> Option<&str> {
    let mut segments = path
        .split('/')
        .skip_while(|segment| *segment != "workflows");
    segments.next();
    segments.next().filter(|id| !id.is_empty())
}

pub(super) const LIMITS: &[(&str, Rate)] = &[("webhook", RATE)];

pub(super) const VARIABLES: &[(&str, &str)] = &[("TEAMS_WEBHOOK_URL", "url")];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/workflows/") || path.starts_with("/powerautomate/")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    match (&destination.credentials, workflow(&raw.path)) {
        (Credentials::Teams { workflow, .. }, Some(id)) => workflow == id,
        _ => false,
    }
}

/// Returns what the trigger answers, whatever becomes of the flow.
fn accepted() -> Answer {
    Answer::new(202)
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let Some(destination) = context.destination else {
        return refuse(404, "WorkflowNotFound", "The workflow could not be found.");
    };
    let Some(sig) = context.raw.query_value("sig") else {
        let said = "The request must be authenticated only by Shared Access scheme.";
        return refuse(401, "DirectApiAuthorizationRequired", said);
    };
    if !matches!(&destination.credentials, Credentials::Teams { sig: known, .. } if *known == sig) {
        let said = "The provided signature is not valid.";
        return refuse(401, "SecurityTokenInvalid", said);
    }
    if context.raw.method != "POST" {
        let said = "The trigger of the workflow takes POST.";
        return refuse(404, "TriggerNotFound", said);
    }
    context.take_slot()?;
    let message = message(context.raw)?;
    let Some(card) = message.pointer("/attachments/0/content") else {
        return fail("the message has no card");
    };
    // From here on nobody is told.
    let size = context.raw.body.len() * MEASURED.1 / MEASURED.0;
    if size > PROPERTIES {
        return fail(&format!(
            "the message has about {size} bytes of properties, at most {PROPERTIES}"
        ));
    }
    if message.list("attachments").len() > 1 {
        return fail("the flow posts a message for each attachment, and there are several");
    }
    if let Err(why) = card::check(card) {
        return fail(&why);
    }
    let details = Details::Teams(TeamsDetails { card: card.clone() });
    let draft = MessageContent::new(plain_text::read(card), details);
    Ok(Decision::delivered(accepted(), draft))
}

/// Reads what the trigger's schema asks for.
fn message(raw: &RawRequest) -> OrRefusal<Value> {
    let mismatch = |why: &str| refuse(400, "TriggerInputSchemaMismatch", why);
    if raw.media_type() != "application/json" {
        return mismatch("The input body must be of content type application/json.");
    }
    let Ok(message) = serde_json::from_slice::<Value>(&raw.body) else {
        return refuse(
            400,
            "InvalidRequestContent",
            "The request content is not valid JSON.",
        );
    };
    if message.string("type") != "message" {
        return mismatch("Required property 'type' is not 'message'.");
    }
    let attachments = message.list("attachments");
    if attachments.is_empty() {
        return mismatch("Required property 'attachments' is no array of attachments.");
    }
    for attachment in attachments {
        if attachment.string("contentType") != "application/vnd.microsoft.card.adaptive" {
            return mismatch("The 'contentType' of an attachment is not that of an Adaptive Card.");
        }
        if !attachment.field("content").is_object() {
            return mismatch("The 'content' of an attachment is not an object.");
        }
    }
    Ok(message)
}

/// Refuses after the trigger has answered: only the flow's run history tells.
fn fail<T>(why: &str) -> OrRefusal<T> {
    Err((
        accepted(),
        format!("the flow fails, which its sender is not told: {why}"),
    ))
}

fn refuse<T>(status: u16, code: &str, message: &str) -> OrRefusal<T> {
    let answer = Answer::json(status, &error(code, message));
    Err((answer, format!("{code}: {message}")))
}

fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

/// Returns the answer to a request that came too early. Whether the trigger sends `Retry-After` is not
/// documented; it is sent so that tests can rely on it.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    Answer::json(429, &error("TooManyRequests", "Rate limit is exceeded."))
        .header("Retry-After", super::whole_seconds(wait).to_string())
}

pub(super) fn gone() -> Answer {
    Answer::json(
        404,
        &error("WorkflowNotFound", "The workflow could not be found."),
    )
}
