//! What a program does with a logout that runs.

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
