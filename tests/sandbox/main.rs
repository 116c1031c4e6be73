//! The sandbox compared with the platforms it stands in for: what it takes and refuses, its rate limits, its
//! troubles, and its page.

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
