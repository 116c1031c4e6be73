//! The process around logout: forks, shortages, threads.

mod fork;
mod shortage;
#[path = "../support/mod.rs"]
mod support;
mod threads;
