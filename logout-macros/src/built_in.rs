//! The adapters that come with `logout`, by their names in a block, and their options.

use crate::ast::ParsedInstance;
use crate::names::ident_text;

/// An adapter that comes with `logout`.
pub(crate) struct BuiltIn {
    /// `Slack`
    pub(crate) name: &'static str,
    /// Whether its feature is on by default. If it may be off, a bare name may be a type of the
    /// program, whose options are not known.
    pub(crate) is_default: bool,
    /// The fields of the type, in order.
    pub(crate) options: &'static [BuiltInOption],
}

/// A field of such an adapter.
pub(crate) struct BuiltInOption {
    pub(crate) name: &'static str,
    pub(crate) kind: OptionKind,
    /// The well-known variable for an instance without a name of its own.
    pub(crate) variable: Option<&'static str>,
}

/// The kind of value that an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionKind {
    /// A secret, which no block contains.
    Secret,
    Text,
    Number,
    Other,
}

const fn option(name: &'static str, kind: OptionKind) -> BuiltInOption {
    BuiltInOption {
        name,
        kind,
        variable: None,
    }
}

const fn well_known(name: &'static str, kind: OptionKind, variable: &'static str) -> BuiltInOption {
    BuiltInOption {
        variable: Some(variable),
        ..option(name, kind)
    }
}

const fn adapter(
    name: &'static str,
    is_default: bool,
    options: &'static [BuiltInOption],
) -> BuiltIn {
    BuiltIn {
        name,
        is_default,
        options,
    }
}

#[rustfmt::skip]
pub(crate) const BUILT_IN: &[BuiltIn] = &[
    adapter("Slack", true, &[
        well_known("url", OptionKind::Secret, "SLACK_WEBHOOK_URL"),
        option("thread_ts", OptionKind::Text),
        option("mention", OptionKind::Text),
    ]),
    adapter("Discord", true, &[
        well_known("url", OptionKind::Secret, "DISCORD_WEBHOOK_URL"),
        option("thread_id", OptionKind::Text),
        option("mention", OptionKind::Text),
        option("file_from", OptionKind::Number),
    ]),
    adapter("Telegram", true, &[
        well_known("bot_token", OptionKind::Secret, "TELEGRAM_BOT_TOKEN"),
        well_known("chat_id", OptionKind::Other, "TELEGRAM_CHAT_ID"),
        option("message_thread_id", OptionKind::Number),
        option("url", OptionKind::Other),
        option("mention", OptionKind::Text),
        option("file_from", OptionKind::Number),
    ]),
    adapter("Zulip", true, &[
        well_known("url", OptionKind::Other, "ZULIP_URL"),
        well_known("bot_email", OptionKind::Text, "ZULIP_BOT_EMAIL"),
        well_known("bot_api_key", OptionKind::Secret, "ZULIP_API_KEY"),
        option("stream", OptionKind::Text),
        option("topic", OptionKind::Text),
        option("mention", OptionKind::Text),
        option("file_from", OptionKind::Number),
    ]),
    adapter("SlackBot", false, &[
        well_known("token", OptionKind::Secret, "SLACK_BOT_TOKEN"),
        option("channel", OptionKind::Text),
        option("thread", OptionKind::Other),
        option("mention", OptionKind::Text),
        option("file_from", OptionKind::Number),
        option("url", OptionKind::Other),
    ]),
    adapter("Teams", false, &[
        well_known("url", OptionKind::Secret, "TEAMS_WEBHOOK_URL"),
        option("mention", OptionKind::Text),
    ]),
    adapter("GoogleChat", false, &[
        well_known("url", OptionKind::Secret, "GOOGLE_CHAT_WEBHOOK_URL"),
        option("mention", OptionKind::Text),
    ]),
    adapter("PagerDuty", false, &[
        well_known("routing_key", OptionKind::Secret, "PAGERDUTY_ROUTING_KEY"),
        option("url", OptionKind::Other),
    ]),
    adapter("Mattermost", false, &[
        well_known("url", OptionKind::Secret, "MATTERMOST_WEBHOOK_URL"),
        option("channel", OptionKind::Text),
        option("mention", OptionKind::Text),
    ]),
    adapter("Ntfy", false, &[
        well_known("topic", OptionKind::Secret, "NTFY_TOPIC"),
        well_known("token", OptionKind::Secret, "NTFY_TOKEN"),
        option("url", OptionKind::Other),
    ]),
    adapter("Webhook", false, &[
        option("url", OptionKind::Secret),
        option("secret", OptionKind::Secret),
        option("headers", OptionKind::Other),
    ]),
];

impl BuiltIn {
    /// Returns the option of this name.
    pub(crate) fn option(&self, name: &str) -> Option<&'static BuiltInOption> {
        self.options.iter().find(|option| option.name == name)
    }
}

/// Returns the adapter whose type has this name.
pub(crate) fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|adapter| adapter.name == name)
}

/// Returns the adapter that an entry names, as `Slack` or `logout::Slack`. Another path leads to a
/// type of the program.
pub(crate) fn of(instance: &ParsedInstance) -> Option<&'static BuiltIn> {
    let path = instance.path.as_ref()?;
    let name = ident_text(&path.last);
    let written = path.tokens.to_string().replace(' ', "");
    let is_path = [format!("logout::{name}"), format!("::logout::{name}")].contains(&written);
    find(&name).filter(|adapter| is_path || (adapter.is_default && written == name))
}

#[cfg(test)]
mod tests {
    use super::{BUILT_IN, OptionKind};
    use crate::names::to_snake_case;

    /// Returns the source of an adapter.
    fn source(adapter: &str) -> String {
        let file = format!(
            "{}/../logout/src/adapter/{}.rs",
            env!("CARGO_MANIFEST_DIR"),
            to_snake_case(adapter)
        );
        std::fs::read_to_string(file).unwrap()
    }

    /// Returns the fields of `adapter` with their types, from its source.
    fn fields(adapter: &str) -> Vec<(String, String)> {
        let file = syn::parse_file(&source(adapter)).unwrap();
        let declared = file.items.into_iter().find_map(|item| match item {
            syn::Item::Struct(item) if item.ident == adapter => Some(item),
            _ => None,
        });
        let fields = declared.unwrap().fields.into_iter();
        fields
            .map(|field| {
                let kind = quote::ToTokens::to_token_stream(&field.ty).to_string();
                (field.ident.unwrap().to_string(), kind.replace(' ', ""))
            })
            .collect()
    }

    #[test]
    fn the_options_are_the_fields_of_the_adapters() {
        for adapter in BUILT_IN {
            let kind_of = |written: &str| match written {
                "Secret" | "SecretUrl" | "Option<Secret>" => OptionKind::Secret,
                "String" | "Option<String>" => OptionKind::Text,
                "Option<i64>" | "Option<usize>" => OptionKind::Number,
                _ => OptionKind::Other,
            };
            let declared: Vec<_> = fields(adapter.name)
                .into_iter()
                .map(|(name, written)| (name, kind_of(&written)))
                .collect();
            let known: Vec<_> = adapter
                .options
                .iter()
                .map(|option| (option.name.to_owned(), option.kind))
                .collect();
            assert_eq!(declared, known, "{}", adapter.name);
        }
    }

    #[test]
    fn the_variables_are_those_of_the_adapters() {
        for adapter in BUILT_IN {
            let source = source(adapter.name);
            let list = source.split_once("const VARIABLES");
            let list = list.and_then(|(_, list)| list.split_once("];"));
            let (list, _) = list.unwrap_or_default();
            let words: Vec<_> = list.split('"').skip(1).step_by(2).collect();
            let read: Vec<_> = words.chunks(2).map(|pair| (pair[1], pair[0])).collect();
            let known = adapter.options.iter();
            let known = known.filter_map(|option| Some((option.name, option.variable?)));
            assert_eq!(read, known.collect::<Vec<_>>(), "{}", adapter.name);
        }
    }
}
