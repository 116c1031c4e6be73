//! Events that a process had not sent when it ended, sent by the next one, whatever becomes of the disk.

mod child_process;
mod disk;
mod faults;
mod process_end;
mod restart;
#[path = "../support/mod.rs"]
mod support;
