//! The examples that show at length what logout does, up to its reminders.

use crate::support::example::{run, start};

#[test]
fn the_quick_start_shows_what_arrived_in_four_chats() {
    let text = run("quickstart", &[]);
    let chats = ["Slack", "Discord", "Telegram", "Zulip"];
    for chat in chats {
        assert!(text.contains(&format!("━━━━ {chat} ━━━━")), "{text}");
    }
    assert_eq!(text.matches("#alerts > stock").count(), 1, "{text}");
    assert!(text.contains("payment failed: card declined"), "{text}");
    assert!(text.contains("caused by: gateway answered 402"), "{text}");
    assert!(!text.contains("the shop is open"), "{text}");
    // The problem goes on: it is told once, counted, and told once more; what is new goes before that.
    assert!(text.contains("17 more counted, told at "), "{text}");
    assert_eq!(text.matches("×18 payment failed").count(), 4, "{text}");
    assert_eq!(text.matches(", +17 in the last ").count(), 4, "{text}");
    // Each of the three messages that tell what is new leads on, in Telegram two, and no reminder does.
    assert_eq!(text.matches("source · runbook").count(), 11, "{text}");
    let slack = text.split("━━━━").nth(2).unwrap_or_default();
    let (new, reminder) = (slack.find("inventory is negative"), slack.find("×18"));
    assert!(new.is_some() && new < reminder, "{slack}");
    let stats = text.lines().last().unwrap_or_default();
    assert_eq!(
        stats,
        "slack: 20 accepted, 20 delivered; discord: 20 accepted, 20 delivered; \
         telegram: 19 accepted, 19 delivered; zulip: 20 accepted, 20 delivered"
    );
}

#[test]
fn one_error_and_one_reminder_are_shown_at_all_eleven_destinations() {
    let text = run("everywhere", &[]);
    let destinations: Vec<_> = text.split("━━━━ ").skip(1).collect();
    assert_eq!(destinations.len(), 11, "{text}");
    for destination in destinations {
        let count = |what: &str| destination.matches(what).count();
        assert_eq!(count("payment failed: card declined"), 2, "{destination}");
        assert_eq!(count("×18 payment failed"), 1, "{destination}");
        assert_eq!(count(", +17 in the last "), 1, "{destination}");
    }
    assert!(text.contains("\n0 requests were refused\n"), "{text}");
    assert_eq!(text.matches(": 18 accepted, 18 delivered").count(), 11);
}

/// Checks the example's advice where there is no server.
#[test]
fn a_fleet_of_twelve_sends_each_message_once_also_when_the_one_that_sends_is_killed() {
    let path = std::env::var("PATH").unwrap_or_default();
    let text = run("fleet", &[("PATH", path)]);
    if text.contains("There is no redis-server") {
        let may_skip = std::env::var_os("LOGOUT_NO_SKIP").is_none();
        assert!(
            may_skip && text.contains("apt install redis-server"),
            "{text}"
        );
        eprintln!("skipped: {text}");
        return;
    }
    assert!(text.contains("Messages in the chat: 1\n"), "{text}");
    assert!(text.contains("×12 payment failed: timeout"), "{text}");
    assert!(text.contains("in 12 of 12 processes"), "{text}");
    assert!(text.contains("×11 the till is stuck"), "{text}");
}

#[test]
#[cfg(unix)]
fn a_tour_shows_a_life_a_trail_a_storm_an_outage_a_crash_and_a_fleet_in_eighty_columns() {
    let path = std::env::var("PATH").unwrap_or_default();
    let tour = start("tour", &["--fast"], &[("PATH", path)])
        .wait_with_output()
        .unwrap();
    let text = String::from_utf8(tour.stdout).unwrap();
    let errors = String::from_utf8_lossy(&tour.stderr);
    assert!(tour.status.success(), "{text}\n{errors}");
    let parts: Vec<_> = text.split("\n━━ ").collect();
    let [
        _,
        told,
        reminded,
        worse,
        quiet,
        trail,
        storm,
        outage,
        crash,
        fleet,
    ] = parts.as_slice()
    else {
        panic!("{} parts: {text}", parts.len() - 1);
    };
    assert!(
        told.contains("┌ Slack, calls <!here>\n│ 🔥 payment failed: card declined"),
        "{told}"
    );
    assert!(reminded.contains("40 more counted, told at "), "{reminded}");
    assert!(
        reminded.contains("│ 🔥 ×41 payment failed") && !reminded.contains("calls"),
        "{reminded}"
    );
    let warning = worse.find("│ ⚠️ the gateway is slow").unwrap();
    assert!(
        worse[warning..].contains("┌ Slack, calls <!here>\n│ 🔥 ×2 the gateway is slow"),
        "{worse}"
    );
    assert_eq!(quiet.matches("no more for ").count(), 2, "{quiet}");
    assert!(
        trail.contains(" INFO the stock is reserved sku=tea-250\n"),
        "{trail}"
    );
    assert!(!trail.contains("the shelf is listed"), "{trail}");
    for all in [
        "×4,500 the order cannot be saved",
        "×1,200 the stock cannot be read",
        "×300 the cache is cold",
    ] {
        assert!(storm.contains(all), "{all}: {storm}");
    }
    let (before, after) = outage.split_once("2 pending").unwrap();
    assert!(!before.contains('┌'), "{outage}");
    assert!(
        after.contains("the replica is behind") && after.contains("the disk is full"),
        "{outage}"
    );
    let (before, after) = crash.split_once("SIGKILL").unwrap();
    assert!(!before.contains('┌'), "{crash}");
    for all in [
        "Corner Shop ended without closing logout",
        "from before a restart",
        "the gift card cannot be read",
        "the shelf is empty",
    ] {
        assert!(after.contains(all), "{all}: {crash}");
    }
    if fleet.contains("There is no redis-server") {
        let may_skip = std::env::var_os("LOGOUT_NO_SKIP").is_none();
        assert!(may_skip, "{fleet}");
        eprintln!("skipped: {fleet}");
    } else {
        assert!(fleet.contains("│ 🔥 ×3 the till is stuck"), "{fleet}");
        assert_eq!(fleet.matches('┌').count(), 1, "{fleet}");
    }
    // With the crash, and without the fleet, whose processes count for themselves.
    assert!(
        fleet.contains(" messages told 6049 events, and 0 were lost.\n"),
        "{fleet}"
    );
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
#[cfg(unix)]
fn a_shop_that_was_killed_is_told_of_with_what_it_had_not_sent() {
    let text = run("crash", &[]);
    let (before, after) = text.split_once("SIGKILL").unwrap();
    assert!(!before.contains("payment failed"), "{text}");
    for all in [
        "Corner Shop ended without closing logout",
        "4 events follow that it had not sent",
        "from before a restart",
        "×3 payment failed: timeout",
        "the shelf is empty",
    ] {
        assert!(after.contains(all), "{all}: {text}");
    }
    assert!(!text.contains("4111"), "{text}");
    let stats = text.lines().last().unwrap_or_default();
    assert_eq!(stats, "slack: 5 accepted, 5 delivered");
}
