//! Events that a process had not sent when it ended, sent by the next one, whatever becomes of the disk.

mod disk;
mod ends;
mod faults;
mod restart;
mod scene;
#[path = "../support/mod.rs"]
mod support;
