//! A storm at eleven destinations, one of which does not answer: each gets all of it, at its own pace.

use std::time::{Duration, Instant};

use logout::sandbox::{Message, Platform, Sandbox, Trouble};
use logout::{
    Discord, GoogleChat, Mattermost, Ntfy, PagerDuty, Slack, SlackBot, Teams, Telegram, Webhook,
    Zulip, logout,
};
use tracing_subscriber::prelude::*;

use crate::support::account;
use crate::support::machine_lateness::LatenessMonitor;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "storm",
        adapters: [
            Slack,
            Discord,
            Telegram,
            Zulip { stream: "alerts" },
            SlackBot { thread: true },
            Teams,
            Mattermost { channel: "town-square" },
            GoogleChat,
            Ntfy,
            PagerDuty,
            Webhook,
        ],
    }
}

macro_rules! sites {
    ($($site:literal)*) => {
        [$(|event: u64| tracing::error!(name: $site, event, concat!("site-", $site, ": payment failed"))),*]
    };
}

/// So many that PagerDuty, which takes each alone and one a second, knows of all within seconds.
const SITES: [fn(u64); 8] = sites! { "0" "1" "2" "3" "4" "5" "6" "7" };

const EVENTS: u64 = 20_000;

/// The destination that takes requests and does not answer, which is the worst to wait for.
const AWAY: Platform = Platform::Teams;

/// Longer than eight messages take at the slowest pace.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Returns how many of the sites a destination was told of.
fn sites_told(inbox: &[Message], platform: Platform) -> usize {
    let messages = inbox
        .iter()
        .filter(|message| message.platform() == platform);
    let texts: Vec<_> = messages.map(Message::text).collect();
    let is_told = |site: &usize| {
        let site = format!("site-{site}");
        texts.iter().any(|text| text.contains(&site))
    };
    (0..SITES.len()).filter(is_told).count()
}

#[test]
fn an_outage_in_a_storm_slows_none_of_eleven_lanes() {
    if !is_alone(an_outage_in_a_storm_slows_none_of_eleven_lanes) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    // Their platforms have no limit of their own.
    for platform in [Platform::Mattermost, Platform::Webhook] {
        sandbox.set_rate_limit(platform, 1, Duration::from_secs(1));
    }
    sandbox.trouble(AWAY, Trouble::hang());
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(alerts);
    let machine = LatenessMonitor::watch();
    let (before, start) = (account::peak_and_current_memory(), Instant::now());
    let mut slowest = Duration::ZERO;
    tracing::subscriber::with_default(subscriber, || {
        for event in 0..EVENTS {
            let called = Instant::now();
            SITES[event as usize % SITES.len()](event);
            slowest = slowest.max(called.elapsed());
            if event % 1_000 == 999 {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    });
    let there = || Platform::ALL.iter().filter(|platform| **platform != AWAY);
    let all_told = |inbox: &[Message]| there().all(|one| sites_told(inbox, *one) == SITES.len());
    assert!(sandbox.wait_until(TIMEOUT, all_told));
    let (late, inbox) = (machine.lateness(), sandbox.inbox());
    assert_eq!(sites_told(&inbox, AWAY), 0);
    // PagerDuty is told of eight problems in eight messages, of which a person reads five in ten seconds.
    let (soon, most) = (Duration::from_secs(2), Duration::from_secs(13));
    for platform in there() {
        let messages = inbox
            .iter()
            .filter(|message| message.platform() == *platform);
        let of_it: Vec<_> = messages.cloned().collect();
        let at: Vec<_> = of_it
            .iter()
            .map(|message| message.arrived_at() - start)
            .collect();
        let is_all = |count: &usize| sites_told(&of_it[..*count], *platform) == SITES.len();
        let needed = (1..=of_it.len()).find(is_all).unwrap();
        assert!(
            at[0] < soon + late * 10 && at[needed - 1] < most + late * 10,
            "{platform}: {at:.1?} on a machine up to {late:?} late"
        );
    }

    sandbox.heal(AWAY);
    guard.handle().flush(TIMEOUT).unwrap();
    let (stats, inbox) = (guard.handle().stats(), sandbox.inbox());
    let growth = account::memory_growth(before);
    println!(
        "{stats}; slowest call {slowest:.1?} on a machine up to {late:.1?} late, peak memory +{growth} KiB"
    );
    account::assert_holds(&stats);
    for platform in Platform::ALL {
        let lane = account::lane(&stats, platform.instance());
        assert_eq!((lane.accepted, lane.delivered), (EVENTS, EVENTS), "{stats}");
        assert_eq!(sites_told(&inbox, *platform), SITES.len(), "{platform}");
        // What the people read adds up too.
        let of_it = account::inbox_of(&sandbox, platform.instance());
        let together: u64 = of_it.iter().map(account::events_of_unlisted_problems).sum();
        let events = account::events_by_site(&of_it).values().sum::<u64>() + together;
        assert_eq!(events, EVENTS, "{platform}: {of_it:#?}");
    }
    // No platform had to ask for patience; the pace leaves a twentieth of a second for those that
    // arrive bunched.
    let busy: Vec<_> = sandbox
        .requests()
        .iter()
        .filter(|exchange| exchange.status() == Some(429))
        .map(|exchange| exchange.platform())
        .collect();
    assert!(
        busy.is_empty() || late > Duration::from_millis(50),
        "{busy:?}"
    );
    assert!(growth < 16 * 1_024, "{growth} KiB");
    let scheduling = Duration::from_millis(400) + late;
    assert!(
        slowest < Duration::from_millis(100) + scheduling,
        "{slowest:?} {late:?}"
    );
}
