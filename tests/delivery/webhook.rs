//! The team's own webhook with a whole program: repeats have the same id, headers come from variables, and
//! the end of a problem is reported.

use std::time::Duration;

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::{Webhook, logout};

use crate::support::{TIMEOUT, run_with};

logout! {
    struct Alerts {
        project_name: "Corner Shop",
        env_prefix: "TEST_WEBHOOK_",
        adapters: [Webhook { quiet: "2s" }],
    }
}

#[test]
fn what_is_sent_again_is_recognized_and_not_told_twice() {
    let sandbox = Sandbox::start().unwrap();
    // It arrives, and its sender does not learn it.
    sandbox.trouble(Platform::Webhook, Trouble::close().delivering().times(1));
    let alerts = Alerts::from_figment(sandbox.figment_for("webhook")).unwrap();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!("payment failed");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    let requests = sandbox.wait_for_requests(2, TIMEOUT);
    let ids: Vec<_> = requests
        .iter()
        .map(|exchange| exchange.request().header("webhook-id").unwrap().to_owned())
        .collect();
    assert_eq!(ids[0], ids[1]);
    assert!(requests.iter().all(|exchange| exchange.refusal().is_none()));
    let bodies: Vec<_> = requests
        .iter()
        .map(|exchange| String::from_utf8_lossy(exchange.request().body()).into_owned())
        .collect();
    assert!(!bodies[1].contains("possible repeat"), "{}", bodies[1]);
    assert_eq!(sandbox.inbox().len(), 1);
}

#[test]
fn the_end_of_a_problem_is_told() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("webhook")).unwrap();
    let _guard = run_with(alerts.start().unwrap(), || {
        tracing::error!("payment failed");
    });
    let messages = sandbox.wait_for(2, TIMEOUT);
    let data = |index: usize, name: &str| {
        let webhook = messages[index].details().webhook().unwrap();
        webhook.document["data"][name].clone()
    };
    assert_eq!(
        (data(0, "state"), data(1, "state")),
        ("new".into(), "quiet".into())
    );
    assert_eq!(data(0, "fingerprint"), data(1, "fingerprint"));
}

#[test]
fn a_receiver_that_wants_no_more_is_not_asked_again() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(Platform::Webhook, Trouble::gone());
    let alerts = Alerts::from_figment(sandbox.figment_for("webhook")).unwrap();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!("payment failed");
    });
    assert!(guard.handle().flush(Duration::from_secs(3)).is_err());
    assert_eq!(sandbox.requests().len(), 1);
}

#[test]
fn headers_are_secrets_of_the_environment() {
    let sandbox = Sandbox::start().unwrap();
    let headers = figment::Figment::new().merge(("webhook.headers.x_api_key", "hunter2-hunter2"));
    let figment = sandbox.figment_for("webhook").merge(headers);
    let alerts = Alerts::from_figment(figment).unwrap();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!("the key hunter2-hunter2 is wrong");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    let request = sandbox.requests()[0].request().clone();
    // The sandbox does not show it either; what `render` sets is a test of the adapter.
    assert_eq!(request.header("x-api-key"), Some("…"));
    assert!(!String::from_utf8_lossy(request.body()).contains("hunter2"));
}
