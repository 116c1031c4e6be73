//! What a process goes through with logout in it: forks, shortages, its threads.

mod fork;
mod shortage;
#[path = "../support/mod.rs"]
mod support;
mod threads;
