//! What the adapters make of a notice, and of an answer, on each platform.

mod answers;
mod contract;
mod corpus;
mod discord;
mod judge;
mod links;
mod looks;
mod million;
mod schema;
mod settings;
mod slack;
#[path = "../support/mod.rs"]
mod support;
mod telegram;
mod wire;
mod zulip;
