//! Losses of one process of a fleet, which the leader reports in the chat.

use logout::sandbox::Sandbox;
use logout::stats::{FleetState, Reason};

use super::server::Server;
use super::{Member, lane, texts, wait_until};

/// Returns how many events reports say were not delivered.
fn events_reported_lost(sandbox: &Sandbox) -> u64 {
    let count = |text: &String| -> Option<u64> {
        let (before, _) = text.split_once(" events were not delivered")?;
        let number = before.rsplit(' ').next()?.replace(',', "");
        number.parse().ok()
    };
    texts(sandbox).iter().filter_map(count).sum()
}

#[test]
fn what_one_process_gives_up_is_reported_by_the_one_that_leads() {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let figment = || {
        let figment = sandbox.figment().merge(("fleet.url", server.url()));
        // Longer than it takes until the last of the losses is handed over.
        figment.merge(("discard_threshold_periodic_check", "4s"))
    };
    let leader = Member::of(figment());
    wait_until("it leads", &sandbox, || {
        lane(&leader).fleet == Some(FleetState::Leading)
    });
    let hasty = figment()
        .merge(("sync_threshold", 5))
        .merge(("discard_threshold", 5));
    let hasty = Member::of(hasty);
    hasty.log(|| {
        for order in 0..5_000 {
            tracing::error!(order, "payment failed");
        }
    });
    let given_up = || lane(&hasty).discarded.get(Reason::Threshold);
    wait_until("all is counted", &sandbox, || {
        lane(&hasty).accepted == 5_000 && lane(&hasty).pending == 0
    });
    assert!(given_up() > 0);
    wait_until("it is reported", &sandbox, || {
        events_reported_lost(&sandbox) >= given_up()
    });
    assert_eq!(
        events_reported_lost(&sandbox),
        given_up(),
        "{:#?}",
        texts(&sandbox)
    );
    assert_eq!(lane(&leader).discarded.total(), 0);
}
