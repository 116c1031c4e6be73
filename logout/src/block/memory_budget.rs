//! The shares of `memory_limit` for each part that grows.

use super::Block;

/// The default of `memory_limit`, in bytes.
pub(crate) const DEFAULT: usize = 16 << 20;

/// The smallest `memory_limit`; an event of usual size needs it.
pub(crate) const LEAST: usize = 256 << 10;

/// The memory limits of a block.
///
/// | part | share of the limit |
/// |---|---|
/// | events that wait for the worker: two buffers, one of them growing | 3 × 1/8 |
/// | pending events of all lanes | 1/4 |
/// | one event, of which a message and its request hold some ten copies | 10 × 1/64 |
/// | panics, half of what one buffer holds | 1/16 |
/// | what lanes remember: fingerprints, lost call sites | 1/8 |
/// | problems that are told apart, all call sites together | 1/32 |
///
/// If the block has a trail, [a quarter](trail_share) is for all trails, and these are shares of the
/// rest.
///
/// The rest is for what does not grow with events: settings, the tables by call site, and the
/// connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryBudget {
    /// Bytes of the longest event, its spans included.
    pub(crate) event: usize,
    /// Bytes of events that wait for the worker.
    pub(crate) queue: usize,
    /// Bytes of pending events, of all lanes.
    pub(crate) pending: usize,
    /// Pending groups, per lane.
    pub(crate) groups: usize,
    /// Fingerprints that were reported, per lane.
    pub(crate) delivered: usize,
    /// Reported problems whose later events are counted, per lane.
    pub(crate) known: usize,
    /// Problems that are distinguished, and fingerprints that are known by their first digits.
    pub(crate) problems: usize,
    /// Call sites whose losses are counted separately, per lane.
    pub(crate) sites: usize,
}

/// Returns how many bytes all trails may take together.
pub(crate) fn trail_share(block: &Block, memory_limit: usize) -> usize {
    if block.trail.is_some() {
        memory_limit / 4
    } else {
        0
    }
}

impl MemoryBudget {
    pub(crate) fn new(memory_limit: usize, lanes: usize) -> Self {
        let lane = memory_limit / 4 / lanes.max(1);
        Self {
            event: (memory_limit / 64).min(256 << 10),
            queue: memory_limit / 8,
            pending: memory_limit / 4,
            // A group has a message of a line, its last one and its call site.
            groups: (lane / 1_024).clamp(8, 256),
            delivered: (lane / 256).clamp(64, 4_096),
            // A problem has a line of its last message.
            known: (memory_limit / 8 / lanes.max(1) / 300).clamp(64, 1_024),
            // A problem has its family and its fingerprint.
            problems: (memory_limit / 32 / 128).clamp(64, 8_192),
            sites: (lane / 2_048).clamp(16, 512),
        }
    }
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::new(DEFAULT, 4)
    }
}
