//! Requests, and independent readings of each platform's rules, for the tests of the adapters.

pub(crate) mod chats;
pub(crate) mod corpus;
pub(crate) mod discord;
pub(crate) mod fields;
pub(crate) mod halves;
pub(crate) mod hostile;
pub(crate) mod plain;
pub(crate) mod rendering;
pub(crate) mod settings;
pub(crate) mod slack;
pub(crate) mod telegram;
pub(crate) mod zulip;
