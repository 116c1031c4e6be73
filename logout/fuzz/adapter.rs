//! The independent readers of the tests, and what they need.

#![allow(dead_code, reason = "every target uses its part of this")]

#[path = "../../tests/adapter/corpus.rs"]
pub(crate) mod corpus;
#[path = "../../tests/adapter/discord.rs"]
pub(crate) mod discord;
#[path = "../../tests/adapter/plain.rs"]
pub(crate) mod plain;
#[path = "../../tests/adapter/rendering.rs"]
pub(crate) mod rendering;
#[path = "../../tests/adapter/settings.rs"]
pub(crate) mod settings;
#[path = "../../tests/adapter/slack.rs"]
pub(crate) mod slack;
#[path = "../../tests/adapter/telegram.rs"]
pub(crate) mod telegram;
#[path = "../../tests/adapter/zulip.rs"]
pub(crate) mod zulip;
