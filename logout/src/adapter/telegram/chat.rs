//! The id of a Telegram chat.

use std::fmt;

use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::adapter::IntoOption;
use crate::transport::request::JsonWriter;

/// The highest absolute number: "at most 52 significant bits" (Bot API, `Chat.id`).
const LARGEST: i64 = (1 << 52) - 1;

/// A Telegram chat: its number, or the `@name` of a public group or channel.
///
/// Groups have negative numbers; those of supergroups and channels begin with `-100`. In a block
/// you write it as a number or as text. What cannot be a chat is an error when the program starts.
/// A group that becomes a supergroup gets another number: its messages follow, and you should
/// configure the new number.
///
/// ```
/// use logout::adapter::ChatId;
///
/// let group: ChatId = serde_json::from_str("-1001234567890")?;
/// assert_eq!(group.to_string(), "-1001234567890");
/// assert_eq!(group, serde_json::from_str(r#""-1001234567890""#)?);
///
/// let channel: ChatId = serde_json::from_str(r#""@shop_alerts""#)?;
/// assert_eq!(channel.to_string(), "@shop_alerts");
///
/// let wrong = serde_json::from_str::<ChatId>(r#""-10012345678901234567""#);
/// assert!(wrong.unwrap_err().to_string().starts_with("no chat's number is this large"));
///
/// logout::logout! { struct Alerts { adapters: [Telegram { chat_id: "@shop" }] } }
/// let keys = Alerts::keys();
/// let chat = keys.iter().find(|key| key.path() == "telegram.chat_id").unwrap();
/// assert_eq!(chat.default(), Some("@shop"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ChatId(ChatIdKind);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum ChatIdKind {
    Number(i64),
    Name(String),
}

impl ChatId {
    pub(super) fn from_number(number: i64) -> Result<Self, String> {
        match number.unsigned_abs() {
            0 => Err("0 is not a chat".to_owned()),
            size if size > LARGEST.unsigned_abs() => {
                Err("no chat's number is this large".to_owned())
            }
            _ => Ok(Self(ChatIdKind::Number(number))),
        }
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix('@') {
            return match is_name(name) {
                true => Ok(Self(ChatIdKind::Name(text.to_owned()))),
                false => Err("after the `@` come 4 to 32 letters, digits and `_`".to_owned()),
            };
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err("a chat is a number such as `-1001234567890`, or `@name`".to_owned());
        }
        // Only a number that is too long still fails, with the error of `from_number`.
        Self::from_number(text.parse().unwrap_or(i64::MAX))
    }

    pub(super) fn write(&self, json: &mut JsonWriter<'_>) {
        match &self.0 {
            ChatIdKind::Number(number) => json.number(*number),
            ChatIdKind::Name(name) => json.text(name),
        }
    }

    /// Checks that it is not the default, which stands for a chat that is not configured yet.
    pub(super) fn check(&self) -> Result<(), String> {
        match self.0 {
            ChatIdKind::Number(0) => Err("`chat_id` is missing".to_owned()),
            _ => Ok(()),
        }
    }
}

/// Returns whether it can be the name of a user, a group or a channel, behind its `@`.
pub(super) fn is_name(name: &str) -> bool {
    (4..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl Default for ChatId {
    fn default() -> Self {
        Self(ChatIdKind::Number(0))
    }
}

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ChatIdKind::Number(number) => write!(f, "{number}"),
            ChatIdKind::Name(name) => f.write_str(name),
        }
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<ChatId> for i64 {
    fn into_option(self) -> Result<ChatId, String> {
        ChatId::from_number(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<ChatId> for &str {
    fn into_option(self) -> Result<ChatId, String> {
        ChatId::from_text(self)
    }
}

impl<'de> Deserialize<'de> for ChatId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ChatVisitor;

        impl Visitor<'_> for ChatVisitor {
            type Value = ChatId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a chat's number or its `@name`")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ChatId, E> {
                ChatId::from_number(number).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ChatId, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }

            // Parsers of numbers return these for what is too long for an integer.
            fn visit_i128<E: de::Error>(self, number: i128) -> Result<ChatId, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }

            fn visit_u128<E: de::Error>(self, number: u128) -> Result<ChatId, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<ChatId, E> {
                Err(E::custom("no chat's number is this large, or has decimals"))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ChatId, E> {
                ChatId::from_text(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(ChatVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::ChatId;
    use crate::adapter::IntoOption;

    #[test]
    fn a_literal_of_the_block_is_a_chat() {
        let number: Result<ChatId, _> = (-1_001_234_567_890_i64).into_option();
        assert_eq!(number.unwrap().to_string(), "-1001234567890");
        let name: Result<ChatId, _> = "@shop_alerts".into_option();
        assert_eq!(name.unwrap().to_string(), "@shop_alerts");
    }

    #[test]
    fn every_wrong_chat_is_told_apart() {
        for (text, why) in [
            ("0", "0 is not a chat"),
            ("4503599627370496", "no chat's number is this large"),
            ("-99999999999999999999", "no chat's number is this large"),
            ("shop", "a chat is a number"),
            ("", "a chat is a number"),
            ("-", "a chat is a number"),
            ("--5", "a chat is a number"),
            ("@a b c", "after the `@`"),
        ] {
            let problem = ChatId::from_text(text).unwrap_err();
            assert!(problem.starts_with(why), "{text}: {problem}");
        }
        assert!(ChatId::from_text("4503599627370495").is_ok());
        assert!(serde_json::from_str::<ChatId>("-99999999999999999999").is_err());
    }
}
