//! More events than can be sent.

mod eleven_lanes;
mod feedback;
mod log_bridge;
mod long_message;
mod report;
mod stderr;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod threads;
