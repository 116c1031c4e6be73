//! Delivery of events from the queue to the chat.

mod account;
mod answers;
mod chats;
mod fair_turns;
mod flush;
mod hanging;
mod incidents;
mod migrated_group;
mod missing_thread;
mod parts;
mod problems;
mod reminders;
#[path = "../support/mod.rs"]
mod support;
mod trail_requests;
mod warnings;
mod webhook;
mod zulip_stream;
