//! The routing of a request to its platform and destination.

use super::super::destination::Destination;
use super::super::request::RawRequest;
use super::super::trouble::{Trouble, TroubleKind};
use super::super::{Answer, Platform, discord, slack, telegram, zulip};
use super::{Decision, RequestContext};

/// Whose paths these are; each platform's begin in a way of their own.
pub(super) fn platform_of(path: &str) -> Option<Platform> {
    if path.starts_with("/services/") {
        Some(Platform::Slack)
    } else if path.starts_with("/bot") {
        Some(Platform::Telegram)
    } else if path.starts_with("/api/") && path.contains("/webhooks/") {
        Some(Platform::Discord)
    } else if path.starts_with("/api/v1/") {
        Some(Platform::Zulip)
    } else {
        None
    }
}

pub(super) fn nowhere() -> Decision {
    let answer = Answer::new(404).body("not found");
    Decision::Refused(answer, "no platform answers at this path".to_owned())
}

pub(super) fn judge(platform: Platform, context: &mut RequestContext<'_>) -> Decision {
    match platform {
        Platform::Slack => slack::judge(context),
        Platform::Discord => discord::judge(context),
        Platform::Telegram => telegram::judge(context),
        Platform::Zulip => zulip::judge(context),
    }
}

pub(super) fn locate(
    platform: Platform,
    destinations: &[Destination],
    raw: &RawRequest,
) -> Option<usize> {
    let is_it = |destination: &Destination| match platform {
        Platform::Slack => slack::is_for(raw, &destination.address),
        Platform::Discord => discord::is_for(raw, &destination.address),
        Platform::Telegram => telegram::is_for(raw, destination),
        Platform::Zulip => zulip::is_for(raw, &destination.address),
    };
    destinations.iter().position(is_it)
}

/// Returns what a trouble answers in place of the right answer, if it does.
pub(super) fn troubled_answer(trouble: &Trouble, platform: Platform) -> Option<Answer> {
    match &trouble.kind {
        TroubleKind::Answer(answer) => Some(answer.clone()),
        TroubleKind::RateLimited(wait) => Some(match platform {
            Platform::Slack => slack::rate_limited(*wait),
            Platform::Discord => discord::rate_limited(*wait, false),
            Platform::Telegram => telegram::rate_limited(*wait),
            Platform::Zulip => zulip::rate_limited(*wait),
        }),
        TroubleKind::Gone => Some(match platform {
            Platform::Slack => slack::gone(),
            Platform::Discord => discord::gone(),
            Platform::Telegram => telegram::gone(),
            Platform::Zulip => zulip::gone(),
        }),
        _ => None,
    }
}
