//! The independent readers of the tests, with the modules they need.

#![allow(dead_code, reason = "every target uses its part of this")]

#[path = "../../tests/adapter/judge/corpus.rs"]
pub(crate) mod corpus;
#[path = "../../tests/adapter/judge/discord.rs"]
pub(crate) mod discord;
#[path = "../../tests/adapter/judge/plain_text.rs"]
pub(crate) mod plain_text;
#[path = "../../tests/adapter/judge/rendered_request.rs"]
pub(crate) mod rendered_request;
#[path = "../../tests/adapter/judge/settings.rs"]
pub(crate) mod settings;
#[path = "../../tests/adapter/judge/slack.rs"]
pub(crate) mod slack;
#[path = "../../tests/adapter/judge/telegram.rs"]
pub(crate) mod telegram;
#[path = "../../tests/adapter/judge/zulip.rs"]
pub(crate) mod zulip;
