//! Both faces of the transport against servers on loopback that behave, and that do not.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's server is part of the test, but no function of it"
)]

mod answers;
mod certificates;
mod clients;
mod connections;
mod environment;
mod faults;
mod proxies;
mod requests;
mod server;
mod silence;
