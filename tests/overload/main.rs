//! More is logged than can be told.

mod bridge;
mod eleven_lanes;
mod feedback;
mod long_message;
mod report;
mod stderr;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod threads;
