//! The credentials that the sandbox hands out.

use std::fmt;
use std::net::SocketAddr;

use figment::value::Value;

use super::Platform;
use super::destination::Destination;

/// The address and the secrets of a destination: new in every sandbox, and of the same form as the platform's
/// own.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    Slack {
        team: String,
        service: String,
        secret: String,
    },
    Discord {
        id: String,
        token: String,
    },
    Telegram {
        token: String,
        chat_id: i64,
    },
    Zulip {
        email: String,
        key: String,
    },
    SlackBot {
        token: String,
        channel: String,
    },
    Teams {
        workflow: String,
        sig: String,
    },
    GoogleChat {
        space: String,
        key: String,
        token: String,
    },
    PagerDuty {
        key: String,
    },
    Mattermost {
        id: String,
    },
    Ntfy {
        topic: String,
        token: String,
    },
    Webhook {
        path: String,
        key: String,
    },
}

impl Credentials {
    /// Creates a fresh one; all Telegram chats belong to the bot of `siblings`.
    pub(super) fn new(platform: Platform, name: &str, siblings: &[Destination]) -> Self {
        let bot = siblings
            .iter()
            .find_map(|sibling| match &sibling.credentials {
                Self::Telegram { token, .. } => Some(token.clone()),
                _ => None,
            });
        match platform {
            Platform::Slack => Self::Slack {
                team: format!("T0{}", text(9, UPPER)),
                service: format!("B0{}", text(9, UPPER)),
                secret: format!("{MARK}{}", text(17, LETTERS)),
            },
            Platform::Discord => Self::Discord {
                id: format!("1{}", text(18, DIGITS)),
                token: format!("{MARK}{}", text(61, TOKEN)),
            },
            Platform::Telegram => Self::Telegram {
                token: bot
                    .unwrap_or_else(|| format!("7{}:AA{MARK}{}", text(9, DIGITS), text(26, TOKEN))),
                chat_id: chat_id(),
            },
            Platform::Zulip => Self::Zulip {
                email: format!("{name}-bot@sandbox.zulipchat.com"),
                key: format!("{MARK}{}", text(25, LETTERS)),
            },
            Platform::SlackBot => Self::SlackBot {
                token: format!("xoxb-{MARK}-{}-{}", text(12, DIGITS), text(24, LETTERS)),
                channel: format!("C0{}", text(9, UPPER)),
            },
            Platform::Teams => Self::Teams {
                workflow: text(32, HEX),
                sig: format!("{MARK}{}", text(36, TOKEN)),
            },
            Platform::GoogleChat => Self::GoogleChat {
                space: format!("AAAA{}", text(7, TOKEN)),
                key: format!("AIza{MARK}{}", text(28, TOKEN)),
                token: format!("{MARK}{}", text(36, TOKEN)),
            },
            Platform::PagerDuty => Self::PagerDuty {
                key: format!("{MARK}{}", text(25, HEX)),
            },
            Platform::Mattermost => Self::Mattermost {
                id: format!("{MARK}{}", text(19, LETTERS)),
            },
            Platform::Ntfy => Self::Ntfy {
                topic: format!("alarms-{MARK}{}", text(16, LETTERS)),
                token: format!("tk_{MARK}{}", text(22, LETTERS)),
            },
            Platform::Webhook => Self::Webhook {
                path: format!("{MARK}{}", text(19, LETTERS)),
                // 24 bytes in Base64.
                key: format!("whsec_{MARK}{}", text(25, LETTERS)),
            },
        }
    }

    /// Returns the adapter's settings that lead here, by the names of its options.
    pub(super) fn settings(&self, at: SocketAddr) -> Vec<(&'static str, Value)> {
        let text = |text: &String| Value::from(text.clone());
        let url = |path: &str| ("url", Value::from(format!("http://{at}{path}")));
        match self {
            Self::Slack {
                team,
                service,
                secret,
            } => vec![url(&format!("/services/{team}/{service}/{secret}"))],
            // As Discord's own "copy webhook URL" gives it: without a version.
            Self::Discord { id, token } => vec![url(&format!("/api/webhooks/{id}/{token}"))],
            Self::Telegram { token, chat_id } => vec![
                url(""),
                ("bot_token", text(token)),
                ("chat_id", Value::from(*chat_id)),
            ],
            Self::Zulip { email, key } => vec![
                url(""),
                ("bot_email", text(email)),
                ("bot_api_key", text(key)),
            ],
            Self::SlackBot { token, channel } => {
                vec![url(""), ("token", text(token)), ("channel", text(channel))]
            }
            Self::Teams { workflow, sig } => {
                let query = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0";
                let path = format!("/workflows/{workflow}/triggers/manual/paths/invoke");
                vec![url(&format!("{path}?{query}&sig={sig}"))]
            }
            Self::GoogleChat { space, key, token } => {
                let path = format!("/v1/spaces/{space}/messages");
                vec![url(&format!("{path}?key={key}&token={token}"))]
            }
            Self::PagerDuty { key } => vec![url(""), ("routing_key", text(key))],
            Self::Mattermost { id } => vec![url(&format!("/hooks/{id}"))],
            Self::Ntfy { topic, token } => {
                vec![url(""), ("topic", text(topic)), ("token", text(token))]
            }
            Self::Webhook { path, key } => {
                vec![url(&format!("/webhook/{path}")), ("secret", text(key))]
            }
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// Returns the id of a new supergroup.
pub(super) fn chat_id() -> i64 {
    -1_001_000_000_000 - fastrand::i64(1..1_000_000_000)
}

/// In every secret, so that whatever a test run emitted can be searched for all of them.
const MARK: &str = "Sandb0x";

const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";
const UPPER: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const TOKEN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

fn text(length: usize, alphabet: &str) -> String {
    let alphabet = alphabet.as_bytes();
    let signs = (0..length).filter_map(|_| alphabet.get(fastrand::usize(..alphabet.len())));
    signs.map(|sign| char::from(*sign)).collect()
}
