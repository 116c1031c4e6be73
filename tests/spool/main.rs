//! What a process had not sent when it ended is told by the next one, whatever becomes of the disk.

mod faults;
mod restart;
mod scene;
#[path = "../support/mod.rs"]
mod support;
