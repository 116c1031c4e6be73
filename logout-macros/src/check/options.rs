//! Checks of the options of built-in adapters: secrets, numbers for texts, and misplaced names. The
//! options of other adapters are left to rustc.

use quote::ToTokens;
use syn::{Expr, Lit, LitStr};

use super::instance_name;
use crate::ast::{Block, ParsedInstance, ParsedOption, reads_variable, text_literal};
use crate::built_in::{self, BuiltIn, BuiltInOption, OptionKind};
use crate::errors::Errors;
use crate::names::{ident_text, is_identifier, is_unquoted_text, nearest};
use crate::parse::{
    not_needed, other_name_of_option, report_run_time_key, report_secret, shell_variable,
};
use crate::settings;

/// Parts of names under which people look for a secret.
const SECRET_PARTS: [&str; 6] = ["webhook", "hook", "token", "password", "secret", "api_key"];

/// Names of options in other libraries, with the adapter and the name here.
const OTHER_NAMES: [(&str, &str, &str); 18] = [
    ("thread", "Slack", "thread_ts"),
    ("thread_id", "Slack", "thread_ts"),
    ("thread", "Discord", "thread_id"),
    ("thread_ts", "Discord", "thread_id"),
    ("chat", "Telegram", "chat_id"),
    ("channel", "Telegram", "chat_id"),
    ("channel_id", "Telegram", "chat_id"),
    ("thread_id", "Telegram", "message_thread_id"),
    ("topic_id", "Telegram", "message_thread_id"),
    ("topic", "Telegram", "message_thread_id"),
    ("api_url", "Telegram", "url"),
    ("server", "Telegram", "url"),
    ("channel", "Zulip", "stream"),
    ("to", "Zulip", "stream"),
    ("subject", "Zulip", "topic"),
    ("email", "Zulip", "bot_email"),
    ("site", "Zulip", "url"),
    ("server", "Zulip", "url"),
];

/// The option that names people.
const MENTION: &str = "mention";

/// Options that belong to a webhook, and not to a message.
#[rustfmt::skip]
const OF_THE_WEBHOOK: [&str; 8] = [
    "channel", "channel_id", "channel_name", "username", "icon_emoji", "icon_url", "avatar_url",
    "bot_name",
];

/// Reports options that an adapter cannot have, and removes those that rustc would report again.
pub(super) fn check(block: &mut Block, errors: &mut Errors) {
    let prefix = prefix(block);
    for instance in &mut block.instances {
        let variables = Variables::new(instance, &prefix);
        let adapter = built_in::of(instance);
        instance.options.retain_mut(|option| {
            if adapter.is_some_and(|adapter| reject_name(adapter, option, &variables, errors)) {
                return false;
            }
            let known = adapter.and_then(|adapter| adapter.option(&ident_text(&option.key)));
            if reject_value(known, option, &variables, errors) {
                option.value = None;
            }
            true
        });
    }
}

/// Returns the prefix of the block's variables.
pub(super) fn prefix(block: &Block) -> String {
    block.env_prefix().unwrap_or_else(|| "…".to_owned())
}

/// The variables of an instance.
pub(super) struct Variables {
    /// `LOGOUT_`
    prefix: String,
    /// `LOGOUT_OPS__`
    beginning: String,
    /// Whether it has no name of its own, so that well-known variables set it.
    is_unnamed: bool,
}

impl Variables {
    pub(super) fn new(instance: &ParsedInstance, prefix: &str) -> Self {
        let name = instance_name(instance).to_uppercase();
        Self {
            prefix: prefix.to_owned(),
            beginning: format!("{prefix}{name}__"),
            is_unnamed: instance.name.is_none(),
        }
    }

    /// Returns the variable that sets the option.
    fn of(&self, option: &BuiltInOption) -> String {
        match option.variable {
            Some(variable) if self.is_unnamed => variable.to_owned(),
            _ => self.of_key(option.name),
        }
    }

    pub(super) fn of_key(&self, key: &str) -> String {
        format!("{}{}", self.beginning, key.to_uppercase())
    }
}

/// Reports the name of an option that the adapter does not have, if it is known what was meant.
fn reject_name(
    adapter: &'static BuiltIn,
    option: &ParsedOption,
    variables: &Variables,
    errors: &mut Errors,
) -> bool {
    let key = &option.key;
    let name = ident_text(key);
    if option.value.is_none() || adapter.option(&name).is_some() {
        return false;
    }
    let other = OTHER_NAMES
        .iter()
        .find(|(other, of, _)| *other == name && *of == adapter.name);
    let is_webhook = matches!(adapter.name, "Slack" | "Discord");
    let secret = adapter
        .options
        .iter()
        .find(|option| option.kind == OptionKind::Secret)
        .filter(|_| SECRET_PARTS.iter().any(|part| name.contains(part)) || name == "key");
    if let Some(instance) = written_name(option) {
        let help = format!("write `{instance}: {}`", adapter.name);
        errors.push(key, "the name goes before the adapter", help);
    } else if let Some((_, _, meant)) = other {
        let wrong = format!("`{}` has no option `{name}`", adapter.name);
        errors.push(key, wrong, format!("write `{meant}`"));
    } else if let Some(secret) = secret {
        report_secret(key, Some(&variables.of(secret)), errors);
    } else if is_webhook && OF_THE_WEBHOOK.contains(&name.as_str()) {
        let wrong = format!("a webhook of {} has one channel and one name", adapter.name);
        let help = format!("remove `{name}`, and change it in the settings of the webhook");
        errors.push(key, wrong, help);
    } else if settings::RUN_TIME_KEYS.contains(&name.as_str()) {
        let variable = match name.as_str() {
            "enabled" | "allow_http" => variables.of_key(&name),
            // Settings of the whole program.
            _ => format!("{}{}", variables.prefix, name.to_uppercase()),
        };
        let otherwise = match name.as_str() {
            "enabled" => ", or leave the adapter out with `#[cfg(…)]` before it",
            _ => "",
        };
        report_run_time_key(key, &variable, otherwise, errors);
    } else if settings::find(&name).is_some() {
        let wrong = format!("`{name}` is a setting of the whole block");
        errors.push(key, wrong, "write it before or after `adapters: […]`");
    } else if let Some(meant) = suggest_common_option(adapter, &name) {
        errors.push(
            key,
            format!("unknown option `{name}`"),
            format!("write `{meant}`"),
        );
    } else if let Some((wrong, help)) = not_needed(&name) {
        errors.push(key, wrong, help);
    } else if option.value.as_ref().is_some_and(names_adapter) {
        // Otherwise rustc would list the fields.
        let wrong = "an adapter has no other adapter in it";
        errors.push(
            key,
            wrong,
            "write both in the list: `adapters: [Slack, Discord]`",
        );
    } else if !is_identifier(&name) {
        // Otherwise rustc would suggest `r#continue`.
        let known: Vec<_> = adapter.options.iter().map(|option| option.name).collect();
        let wrong = format!("`{}` has no option `{name}`", adapter.name);
        let help = format!("remove it, or write one of `{}`", known.join("`, `"));
        errors.push(key, wrong, help);
    } else {
        return false;
    }
    true
}

/// Returns whether this is `Discord` or `Discord { … }`.
fn names_adapter(value: &Expr) -> bool {
    let path = match value {
        Expr::Path(value) => &value.path,
        Expr::Struct(value) => &value.path,
        _ => return false,
    };
    let last = path.segments.last();
    last.is_some_and(|last| built_in::find(&ident_text(&last.ident)).is_some())
}

/// Returns the option of every adapter that a misspelt one was meant to be. rustc suggests the
/// nearest field, but not these.
fn suggest_common_option(adapter: &BuiltIn, name: &str) -> Option<&'static str> {
    if let Some(meant) = other_name_of_option(name) {
        return Some(meant);
    }
    let fields = adapter.options.iter().map(|option| option.name);
    let meant = nearest(name, fields.chain(settings::OPTIONS.iter().copied()))?;
    let mut shared = settings::OPTIONS.iter().copied();
    shared.find(|option| *option == meant)
}

/// Returns the name in `name: "ops"`.
fn written_name(option: &ParsedOption) -> Option<String> {
    let is_name = ["name", "id", "label"].contains(&ident_text(&option.key).as_str());
    let text = text_literal(option.value.as_ref()?).filter(|_| is_name)?;
    Some(text.value()).filter(|name| is_identifier(name))
}

/// Reports a value that the option cannot have.
fn reject_value(
    known: Option<&BuiltInOption>,
    option: &ParsedOption,
    variables: &Variables,
    errors: &mut Errors,
) -> bool {
    let Some(value) = &option.value else {
        return false;
    };
    let name = ident_text(&option.key);
    let variable = match known {
        Some(known) => variables.of(known),
        None => variables.of_key(&name),
    };
    let kind = known.map(|known| known.kind);
    let is_shell = |text: &LitStr| shell_variable(&text.value()).is_some();
    if kind == Some(OptionKind::Secret) || makes_secret(value) {
        report_secret(&option.key, Some(&variable), errors);
    } else if matches!(value, Expr::Try(_))
        || (matches!(kind, Some(OptionKind::Number | OptionKind::Other)) && reads_variable(value))
        || (known.is_some() && text_literal(value).is_some_and(is_shell))
    {
        let wrong = "a block does not read variables: they are read when the program starts";
        let help = format!("remove `{name}`, and set the variable `{variable}`");
        errors.push(value, wrong, help);
    } else if let Some((wrong, help)) = kind.and_then(|kind| literal_mistake(kind, value, &name)) {
        errors.push(value, wrong, help);
    } else {
        return false;
    }
    true
}

/// Returns whether this is `Secret::new("…")`, which only `logout` calls.
fn makes_secret(value: &Expr) -> bool {
    let Expr::Call(call) = value else {
        return false;
    };
    let function = call.func.to_token_stream().to_string().replace(' ', "");
    let mut parts = function.rsplit("::");
    let (Some("new" | "from"), Some(of_type)) = (parts.next(), parts.next()) else {
        return false;
    };
    ["Secret", "SecretUrl", "SecretString"].contains(&of_type)
}

/// Returns what is wrong with a number in place of a text, or the reverse, and what to write.
fn literal_mistake(kind: OptionKind, value: &Expr, name: &str) -> Option<(String, String)> {
    match (kind, value) {
        (OptionKind::Text, Expr::Array(list)) => {
            let first = list.elems.first().and_then(text_literal)?;
            let help = format!("write `{name}: {}`", first.to_token_stream());
            Some((format!("`{name}` takes one text"), help))
        }
        (OptionKind::Text, Expr::Lit(literal)) => match &literal.lit {
            Lit::Int(number) => Some(unquoted(name, number.base10_digits())),
            Lit::Float(_) | Lit::Bool(_) => {
                Some(unquoted(name, &literal.to_token_stream().to_string()))
            }
            _ => None,
        },
        (OptionKind::Text, Expr::Path(path)) => {
            let word = path.path.get_ident().map(ident_text)?;
            (is_unquoted_text(&word) || name == MENTION && is_id(&word))
                .then(|| unquoted(name, &word))
        }
        (OptionKind::Number, Expr::Lit(literal)) => match &literal.lit {
            Lit::Str(text) => {
                let digits = text.value();
                let help = match digits.trim().parse::<i64>() {
                    Ok(number) => format!("write `{name}: {number}`"),
                    Err(_) if name == "file_from" => {
                        format!("write the number of bytes: `{name}: 8192`")
                    }
                    Err(_) => format!("write `{name}: 123`"),
                };
                Some((format!("`{name}` takes a number without quotes"), help))
            }
            _ => None,
        },
        _ => None,
    }
}

fn unquoted(name: &str, text: &str) -> (String, String) {
    let wrong = format!("`{name}` takes text in quotes");
    (wrong, format!("write `{name}: \"{text}\"`"))
}

/// Returns whether this is the id of a user or of a user group in Slack.
fn is_id(word: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    word.starts_with(['U', 'W', 'S'])
        && word.len() >= 8
        && word.chars().all(is_part)
        && word.contains(|letter: char| letter.is_ascii_digit())
}
