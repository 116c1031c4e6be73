//! Requests, and independent readings of each platform's rules, for the tests of the adapters.

pub(crate) mod chats;
pub(crate) mod corpus;
pub(crate) mod discord;
pub(crate) mod fields;
pub(crate) mod hostile;
pub(crate) mod plain_text;
pub(crate) mod rendered_request;
pub(crate) mod settings;
pub(crate) mod slack;
pub(crate) mod telegram;
pub(crate) mod two_threads;
pub(crate) mod zulip;
