//! Events for which there is no room.

use std::sync::LazyLock;
use std::time::Instant;

use proptest::prelude::*;
use tracing::{error, info, warn};

use super::{Groups, Lane, MemoryBudget, key};
use crate::event::Event;
use crate::handle::bench::captured;

/// Returns twelve kinds of event at three levels each.
static AT_LEVELS: LazyLock<Vec<Event>> = LazyLock::new(|| {
    captured(|| {
        for kind in 0..12 {
            info!(fingerprint = kind, "kind {kind}");
            warn!(fingerprint = kind, "kind {kind}");
            error!(fingerprint = kind, "kind {kind}");
        }
    })
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 256 }))]

    #[test]
    fn what_is_turned_away_is_what_would_be_evicted_at_once(
        steps in prop::collection::vec((0_usize..36, 0_u8..9), 1..120),
    ) {
        let bounds = MemoryBudget { groups: 5, ..MemoryBudget::default() };
        let (mut lane, now) = (Lane { groups: Groups::within(bounds), ..Lane::default() }, Instant::now());
        for (event, step) in steps {
            if step == 0 {
                lane.send(2);
            }
            let event = &AT_LEVELS[event];
            let (view, problems) = (event.view(), &mut lane.problems);
            let key = key(problems, &view, now);
            let is_turned_away = lane.groups.has_no_room(key, view.level());
            lane.offer(event, now);
            let evicted = lane.groups.evict().map(|group| group.key);
            prop_assert_eq!(is_turned_away, evicted == Some(key));
        }
    }
}
