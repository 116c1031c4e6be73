//! A destination that holds its worker up, so that the queue behind it stays full.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use logout::adapter::{Request, Step, Window};
use logout::{Adapter, Notice, logout};

use super::workloads::Count;

/// How many events wait in a full queue.
pub(crate) const ROOM: u32 = 10_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Shut,
    /// Shut, and the worker stands before it.
    Reached,
}

static GATE: Mutex<Gate> = Mutex::new(Gate::Open);
static MOVED: Condvar = Condvar::new();

fn gate() -> MutexGuard<'static, Gate> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set(gate: &mut Gate, state: Gate) {
    *gate = state;
    MOVED.notify_all();
}

fn wait(gate: MutexGuard<'_, Gate>, until: impl Fn(Gate) -> bool) -> MutexGuard<'_, Gate> {
    MOVED
        .wait_while(gate, |gate| !until(*gate))
        .unwrap_or_else(PoisonError::into_inner)
}

/// An adapter that blocks its worker while it renders.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Gated {}

impl Adapter for Gated {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        Count {}.pace().into_iter().collect::<Vec<_>>()
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let mut gate = gate();
        if *gate == Gate::Shut {
            set(&mut gate, Gate::Reached);
        }
        drop(wait(gate, |gate| gate == Gate::Open));
        Count {}.render(notice, step, request);
    }
}

logout! {
    /// A block that keeps its worker busy until the gate opens.
    pub(crate) struct Held {
        level: WARN,
        sync_threshold: 10_000,
        discard_threshold: 10_000,
        adapters: [Gated],
    }
}

/// Fills the queue behind a worker that is held up with these events, which are numbered: the next one
/// is discarded.
pub(crate) fn fill(event: impl Fn(u32)) {
    /// What people know already is counted and not rendered.
    static NEW: AtomicU64 = AtomicU64::new(0);
    set(&mut gate(), Gate::Shut);
    tracing::error!(fingerprint = NEW.fetch_add(1, Ordering::Relaxed), "held up");
    drop(wait(gate(), |gate| gate == Gate::Reached));
    (0..ROOM).for_each(event);
}

/// Lets the worker go on.
pub(crate) fn open() {
    set(&mut gate(), Gate::Open);
}
