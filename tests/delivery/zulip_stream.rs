//! A Zulip stream that does not exist, which is reported once and skipped.

use logout::sandbox::{Platform, Sandbox};
use logout::stats::Reason;
use logout::{Discord, Slack, Zulip, logout};

use crate::support::{TIMEOUT, assert_adds_up, delivered, discarded, inbox_of, run_with};

logout! {
    struct Alerts {
        adapters: [Slack, Discord, Zulip { stream: "nowhere", topic: "shop" }],
    }
}

#[test]
fn a_missing_stream_is_reported_once_and_skipped_while_the_others_live_on() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let handle = guard.handle();
    let guard = run_with((layer, guard), || {
        tracing::error!("first");
        // What waits for it is kept, and nobody waits for that.
        assert_eq!(handle.flush(TIMEOUT).unwrap_err().left(), 1);
        // What is switched off is said, once per other chat, beside the event itself.
        assert!(sandbox.wait_until(TIMEOUT, |inbox| inbox.len() == 4));
        tracing::error!("second");
        assert_eq!(handle.flush(TIMEOUT).unwrap_err().left(), 2);
    });
    let stats = guard.handle().stats();
    for lane in ["slack", "discord"] {
        assert_eq!(delivered(&stats, lane), 2);
        let inbox = inbox_of(&sandbox, lane);
        let reports = inbox
            .iter()
            .filter(|message| message.text().contains("zulip is switched off"));
        let reports: Vec<_> = reports.collect();
        assert_eq!(reports.len(), 1, "{inbox:#?}");
        assert!(reports[0].text().contains("nowhere"), "{}", reports[0]);
    }
    assert_eq!(stats.lane("zulip").unwrap().pending, 2);
    assert_adds_up(&stats);
    let asked = sandbox.requests().into_iter();
    let asked = asked.filter(|exchange| exchange.platform() == Some(Platform::Zulip));
    assert_eq!(asked.count(), 1, "it is not asked again for every event");
    // At the end it is counted as what it is.
    guard.handle().shutdown(TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    assert_eq!(discarded(&stats, "zulip", Reason::SwitchedOff), 2);
}

#[test]
fn a_missing_topic_is_no_trouble_at_all() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add_stream("nowhere");
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!(zulip_topic = "never seen before", "first");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    assert_eq!(delivered(&guard.handle().stats(), "zulip"), 1);
}
