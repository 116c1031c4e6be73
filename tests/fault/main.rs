//! Faults of everything around logout: destinations, networks, clocks, layers, runtimes.
//!
//! A clock that is set is in `tests/adapter`.

mod abort;
mod burst;
mod clock_tls;
mod layers;
mod outage;
mod runtimes;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
mod troubles;
mod worker;
