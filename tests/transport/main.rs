//! Both faces of the transport against servers on loopback that behave, and that do not.
mod answers;
mod certificates;
mod clients;
mod connections;
mod environment;
mod faults;
mod own_events;
mod proxies;
#[cfg(unix)]
#[expect(dead_code, reason = "its processes keep their environment")]
#[path = "../support/random.rs"]
mod random;
mod requests;
#[cfg(unix)]
mod resets;
mod running_logout;
mod server;
