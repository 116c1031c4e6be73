//! What logout says of itself: what was not delivered, and what became of a destination.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Composer, DeliveryState};
use crate::adapter::{Notice, Severity};
use crate::event::Site;
use crate::message::Losses;
use crate::text::human::{count, events_were, span};

/// How many call sites a report lists.
const SITES: usize = 10;

/// An account of what was not delivered in the last `period`.
pub(crate) fn report(
    composer: &Composer<'_>,
    losses: &Losses,
    period: Duration,
    over: bool,
) -> Notice {
    let events = events_were(losses.total());
    let headline = format!("{events} not delivered in the last {}", span(period));
    let mut notice = composer.notice(Severity::Report, headline, DeliveryState::default());
    let reasons: Vec<String> = losses
        .reasons()
        .into_iter()
        .map(|(reason, levels)| {
            let sum: u64 = levels.iter().map(|(_, events)| events).sum();
            let levels: Vec<_> = levels
                .iter()
                .map(|(level, events)| format!("{level} {}", count(*events)))
                .collect();
            format!("{}: {} ({})", reason.words(), count(sum), levels.join(", "))
        })
        .collect();
    notice.body = reasons.join("\n");
    let sites = losses.sites();
    for (site, events) in sites.iter().take(SITES) {
        let _infallible = write!(
            notice.body,
            "\n{} {}",
            composer.text(&name(site)),
            count(*events)
        );
    }
    let further = losses.further();
    let more = sites.len().saturating_sub(SITES) + further.sites;
    if more > 0 {
        let listed = sites.iter().skip(SITES).map(|(_, events)| events);
        let rest = listed.sum::<u64>() + further.events;
        let bound = if further.or_more { "more than " } else { "" };
        let places = if more == 1 { "site" } else { "sites" };
        let _infallible = write!(
            notice.body,
            "\n… and {bound}{} more call {places}, {}",
            count(more as u64),
            count(rest)
        );
    }
    let _infallible = write!(notice.body, "\n{}", meaning(composer, losses, over));
    notice
}

/// One plain sentence: what the numbers mean.
fn meaning(composer: &Composer<'_>, losses: &Losses, over: bool) -> String {
    if over {
        return format!(
            "It is over: nothing has been lost since {}.",
            composer.clock(losses.last())
        );
    }
    "The program is logging faster than it may post, or its destination does not take what it is sent.".to_owned()
}

fn name(site: &Site) -> String {
    match (&site.file, site.line) {
        (Some(file), Some(line)) => format!("{} {file}:{line}", site.target),
        _ => site.target.clone(),
    }
}

/// Something a person should know about a destination, in one sentence.
pub(crate) fn status_notice(composer: &Composer<'_>, text: &str) -> Notice {
    composer.notice(
        Severity::Report,
        composer.text(text),
        DeliveryState::default(),
    )
}

#[cfg(test)]
mod tests;
