//! Adapters: the requests they make of a notice, and the verdicts they give on an answer, on each platform.

mod answers;
// It waits half a minute, which costs nothing beside tests that keep all cores busy for longer.
#[path = "../fault/clock.rs"]
mod clock;
mod contract;
mod corpus;
mod discord;
mod google_chat;
mod judge;
mod links;
mod looks;
mod mattermost;
mod million;
mod ntfy;
mod pager_duty;
mod schema;
mod settings;
mod slack;
mod slack_bot;
#[path = "../support/mod.rs"]
mod support;
mod teams;
mod telegram;
mod webhook;
mod wire;
mod zulip;
