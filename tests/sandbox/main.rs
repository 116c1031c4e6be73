//! The sandbox against the platforms it stands in for: what it takes, what it refuses, how fast
//! it lets itself be written to, what goes wrong with it on demand, and its page.

mod chats;
mod client;
mod contracts;
mod delivery;
mod independence;
mod pace;
mod page;
mod refusals;
mod secrets;
#[path = "../support/mod.rs"]
mod support;
mod troubles;
