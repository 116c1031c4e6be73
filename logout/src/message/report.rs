//! Notices about logout itself: what was not delivered, and the state of a destination.

use std::fmt::Write as _;
use std::time::Duration;

use tracing::Level;

use super::{Composer, DeliveryState};
use crate::adapter::{Notice, Severity};
use crate::event::Site;
use crate::message::{Losses, Reason};
use crate::text::human::{events_were, format_count, format_duration};

/// The most call sites that a report lists.
const SITES: usize = 10;

/// Makes the report of what was not delivered in the last `period`.
pub(crate) fn report(
    composer: &Composer<'_>,
    losses: &Losses,
    period: Duration,
    over: bool,
) -> Notice {
    let events = events_were(losses.total());
    let headline = format!(
        "{events} not delivered in the last {}",
        format_duration(period)
    );
    let mut notice = composer.notice(Severity::Report, headline, DeliveryState::default());
    let reasons: Vec<String> = losses
        .reasons()
        .into_iter()
        .map(|(reason, levels)| {
            let sum: u64 = levels.iter().map(|(_, events)| events).sum();
            let levels: Vec<_> = levels
                .iter()
                .map(|(level, events)| format!("{level} {}", format_count(*events)))
                .collect();
            format!(
                "{}: {} ({})",
                reason.description(),
                format_count(sum),
                levels.join(", ")
            )
        })
        .collect();
    notice.body = reasons.join("\n");
    let sites = losses.sites();
    for (site, events) in sites.iter().take(SITES) {
        let _infallible = write!(
            notice.body,
            "\n{} {}",
            composer.text(&site_name(site)),
            format_count(*events)
        );
    }
    let others = losses.others();
    let more = sites.len().saturating_sub(SITES) + others.sites;
    if more > 0 {
        let listed = sites.iter().skip(SITES).map(|(_, events)| events);
        let rest = listed.sum::<u64>() + others.events;
        let bound = if others.or_more { "more than " } else { "" };
        let places = if more == 1 { "site" } else { "sites" };
        let _infallible = write!(
            notice.body,
            "\n… and {bound}{} more call {places}, {}",
            format_count(more as u64),
            format_count(rest)
        );
    } else if others.events > 0 {
        let rest = format_count(others.events);
        let _infallible = write!(notice.body, "\n… and other call sites, {rest}");
    }
    #[cfg(feature = "fleet")]
    {
        let hosts = &losses.hosts;
        if hosts.only() != Some(&composer.origin.host) && !hosts.named().is_empty() {
            let hosts = composer.text(&hosts.named());
            let _infallible = write!(notice.body, "\non {hosts}");
        }
    }
    let _infallible = write!(notice.body, "\n{}", explanation(composer, losses, over));
    notice
}

/// Explains in one sentence the reasons of most losses.
fn explanation(composer: &Composer<'_>, losses: &Losses, over: bool) -> String {
    if over {
        return format!(
            "It is over: nothing has been lost since {}.",
            composer.time_of_day(losses.last())
        );
    }
    let sum = |levels: &[(Level, u64)]| levels.iter().map(|(_, events)| events).sum::<u64>();
    let reasons = losses.reasons().into_iter();
    let lost = reasons.filter(|(reason, _)| *reason != Reason::Muted);
    let most = lost.max_by_key(|(_, levels)| sum(levels));
    match most.map(|(reason, _)| reason) {
        Some(Reason::Shutdown) => {
            "They were logged while the program ended, or `shutdown_timeout` is too short."
        }
        Some(Reason::Rejected) => {
            "The destination refuses what it is sent. Standard error has its answers."
        }
        Some(Reason::Expired | Reason::SwitchedOff) => {
            "The destination took nothing for longer than `max_age`."
        }
        Some(Reason::WorkerDied) => {
            "That is a fault of logout's or of an adapter. Standard error says where it panicked."
        }
        _ => {
            "The program logs faster than it may post, or the destination does not accept what it \
            is sent."
        }
    }
    .to_owned()
}

fn site_name(site: &Site) -> String {
    match (&site.file, site.line) {
        (Some(file), Some(line)) => format!("{} {file}:{line}", site.target),
        _ => site.target.clone(),
    }
}

/// Makes the notice of one sentence about a destination.
pub(crate) fn status_notice(composer: &Composer<'_>, text: &str) -> Notice {
    let text = composer.text(text);
    composer.notice(Severity::Report, text, DeliveryState::default())
}

#[cfg(test)]
mod tests;
