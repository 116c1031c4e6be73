//! Delivery of events from the queue to the chat.

mod account;
mod answers;
mod chats;
mod fair_turns;
mod flush;
mod hanging;
mod incidents;
mod late_events;
mod life;
mod lost_place;
mod moved;
mod parts;
mod problems;
#[path = "../support/mod.rs"]
mod support;
mod trail_requests;
mod webhook;
mod zulip_stream;
