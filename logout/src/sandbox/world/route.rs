//! Which platform a request is for, and what that has to say.

use super::super::call::Call;
use super::super::destination::Destination;
use super::super::trouble::{Kind, Trouble};
use super::super::{Answer, Platform, discord, slack, telegram, zulip};
use super::{Case, Ruling};

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

pub(super) fn nowhere() -> Ruling {
    let answer = Answer::new(404).body("not found");
    Ruling::Refused(answer, "no platform answers at this path".to_owned())
}

pub(super) fn judge(platform: Platform, case: &mut Case<'_>) -> Ruling {
    match platform {
        Platform::Slack => slack::judge(case),
        Platform::Discord => discord::judge(case),
        Platform::Telegram => telegram::judge(case),
        Platform::Zulip => zulip::judge(case),
    }
}

pub(super) fn locate(
    platform: Platform,
    destinations: &[Destination],
    call: &Call,
) -> Option<usize> {
    let is_it = |destination: &Destination| match platform {
        Platform::Slack => slack::is_for(call, &destination.address),
        Platform::Discord => discord::is_for(call, &destination.address),
        Platform::Telegram => telegram::is_for(call, destination),
        Platform::Zulip => zulip::is_for(call, &destination.address),
    };
    destinations.iter().position(is_it)
}

/// What a trouble answers in place of the right answer, if it does.
pub(super) fn troubled_answer(trouble: &Trouble, platform: Platform) -> Option<Answer> {
    match &trouble.kind {
        Kind::Answer(answer) => Some(answer.clone()),
        Kind::RateLimited(wait) => Some(match platform {
            Platform::Slack => slack::too_early(*wait),
            Platform::Discord => discord::too_early(*wait, false),
            Platform::Telegram => telegram::too_early(*wait),
            Platform::Zulip => zulip::too_early(*wait),
        }),
        Kind::Gone => Some(match platform {
            Platform::Slack => slack::gone(),
            Platform::Discord => discord::gone(),
            Platform::Telegram => telegram::gone(),
            Platform::Zulip => zulip::gone(),
        }),
        _ => None,
    }
}
