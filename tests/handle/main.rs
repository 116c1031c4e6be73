//! The handle: what a program does with a running logout.

mod configure;
mod dry_run;
mod flush;
mod preview;
mod shutdown;
mod start_on;
mod stats;
#[path = "../support/mod.rs"]
mod support;
mod verify;
