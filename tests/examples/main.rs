//! The examples, as programs and by what their chats are told.

mod demonstrations;
mod running;
mod settings;
#[path = "../support/mod.rs"]
mod support;
