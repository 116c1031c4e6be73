//! Settings that no block has, and what was probably meant.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

use super::{adapter, list, value};
use crate::ast::Block;
use crate::built_in::{BUILT_IN, BuiltIn, BuiltInOption, Kind, find as find_built_in};
use crate::errors::Errors;
use crate::names::{ident_text, nearest, to_camel_case, to_snake_case};
use crate::settings::{self, ENV_PREFIX};

/// What other loggers and languages call a setting, and what it is called here.
const OTHER_NAMES: [(&str, &str); 37] = [
    ("app", "project_name"),
    ("app_name", "project_name"),
    ("application", "project_name"),
    ("name", "project_name"),
    ("otp_app", "project_name"),
    ("service", "project_name"),
    ("service_name", "project_name"),
    ("backends", "adapters"),
    ("channels", "adapters"),
    ("destinations", "adapters"),
    ("handlers", "adapters"),
    ("notifiers", "adapters"),
    ("sinks", "adapters"),
    ("env", "environment"),
    ("stage", "environment"),
    ("version", "release"),
    ("compile_time_purge_level", "level"),
    ("log_level", "level"),
    ("min_level", "level"),
    ("minimum_level", "level"),
    ("exclude", "ignore"),
    ("filter", "metadata_filter"),
    ("filters", "metadata_filter"),
    ("include", "metadata_filter"),
    ("only", "metadata_filter"),
    ("targets", "metadata_filter"),
    ("fields", "metadata"),
    ("pattern", "format"),
    ("template", "format"),
    ("redact", "mask"),
    ("breadcrumbs", "trail"),
    ("spool_dir", "spool"),
    ("spool_directory", "spool"),
    ("spool_path", "spool"),
    ("timezone", "utc_log"),
    ("tz", "utc_log"),
    ("utc", "utc_log"),
];

/// What other loggers have a setting for, why there is none here, and what to do.
const UNNEEDED: [(&[&str], &str, &str); 7] = [
    (
        &["channel", "channel_id", "room"],
        "each adapter has its own channel",
        "remove it: a webhook of Slack or Discord has one channel; write `SlackBot { channel: … }`, \
         `Telegram { chat_id: … }` or `Zulip { stream: … }`",
    ),
    (
        &[
            "debounce",
            "dedup",
            "dedupe",
            "deduplicate",
            "group_by",
            "grouping",
        ],
        "a problem is sent once, and its repeats are counted",
        "remove it; `remind` says when a known problem is repeated",
    ),
    (
        &["rate", "rate_limit", "sample_rate", "sampling", "throttle"],
        "each adapter keeps the rate limit of its platform",
        "remove it; `remind` says when a known problem is repeated",
    ),
    (
        &["backoff", "max_retries", "retries", "retry"],
        "messages are retried with a backoff until they are too old",
        "remove it, or write `max_age: \"1h\"`",
    ),
    (
        &["batch", "batch_size", "flush_interval"],
        "events are merged while an adapter waits for its rate limit",
        "remove it",
    ),
    (
        &["buffer", "buffer_size", "capacity", "queue", "queue_size"],
        "the queue is bounded by the number of events in it",
        "write `discard_threshold: 500`",
    ),
    (
        &[
            "handle_otp_reports",
            "handle_sasl_reports",
            "panic",
            "panics",
            "capture_panics",
        ],
        "panics are captured by the guard",
        "remove it, and call `guard.capture_panics()`",
    ),
];

/// Returns the option of every adapter that other loggers call `name`.
pub(crate) fn other_name_of_option(name: &str) -> Option<&'static str> {
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    let meant = other.map(|(_, meant)| *meant);
    meant.filter(|meant| settings::find_option(meant).is_some())
}

/// Tells what the unknown setting `key` was probably meant to be.
pub(super) fn report(input: ParseStream<'_>, key: &Ident, block: &Block, errors: &mut Errors) {
    let name = ident_text(key);
    let known = settings::SETTINGS.iter().map(|setting| setting.name);
    let named = peek_colon(input);
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    let adapter = to_camel_case(&name);
    let is_table = named && input.peek2(syn::token::Brace) && find_built_in(&adapter).is_some();
    let entry = is_table.then(|| format!("{adapter} {{ … }}"));
    if let Some(entry) = entry.or_else(|| suggest_adapter_entry(input, &name)) {
        let wrong = "adapters belong in the list `adapters`";
        errors.push(key, wrong, format!("write `adapters: [{entry}]`"));
    } else if value::is_level_name(&name) && !named {
        let wrong = "a level needs the name of its setting";
        errors.push(key, wrong, format!("write `level: {name}`"));
    } else if settings::RUN_TIME_KEYS.contains(&name.as_str()) {
        let of_adapter = if name == "allow_http" { "SLACK__" } else { "" };
        let prefix = prefix(input, block);
        let variable = format!("{prefix}{of_adapter}{}", name.to_uppercase());
        report_run_time_key(key, &variable, "", errors);
    } else if let Some((adapter, option)) = option_of(&name) {
        report_option(key, adapter, option, errors);
    } else if settings::SECRET_WORDS
        .iter()
        .any(|word| name.contains(word))
    {
        report_secret(key, variable_of(&name), errors);
    } else if let Some((_, wrong, help)) =
        UNNEEDED.iter().find(|(names, ..)| names.contains(&&*name))
    {
        errors.push(key, *wrong, *help);
    } else if let Some(meant) = other
        .map(|(_, meant)| *meant)
        .or_else(|| nearest(&name, known.clone()))
    {
        let help = format!("write `{meant}`");
        errors.push(key, format!("unknown setting `{name}`"), help);
    } else {
        let all: Vec<&str> = known.collect();
        let help = format!("the settings are {}", all.join(", "));
        errors.push(key, format!("unknown setting `{name}`"), help);
    }
}

/// Returns the option of this name, and the first adapter that has it.
fn option_of(name: &str) -> Option<(&'static BuiltIn, &'static BuiltInOption)> {
    let adapters = BUILT_IN.iter();
    let mut found = adapters.filter_map(|adapter| Some((adapter, adapter.option(name)?)));
    // `url` is another thing on each, and a secret on some of them; of channels more is said.
    found.find(|_| !["url", "channel"].contains(&name))
}

fn report_option(
    key: &Ident,
    adapter: &'static BuiltIn,
    option: &'static BuiltInOption,
    errors: &mut Errors,
) {
    if option.kind == Kind::Secret {
        return report_secret(key, variable_of(&ident_text(key)), errors);
    }
    let name = option.name;
    let wrong = format!("`{name}` is an option of an adapter");
    let help = format!("write `{} {{ {name}: … }}` in `adapters`", adapter.name);
    errors.push(key, wrong, help);
}

/// Reports a key that only a variable sets; `otherwise` is another help.
pub(crate) fn report_run_time_key(
    key: &Ident,
    variable: &str,
    otherwise: &str,
    errors: &mut Errors,
) {
    let name = ident_text(key);
    let value = if name == "enabled" { " to `false`" } else { "" };
    let wrong = format!("`{name}` is set when the program starts");
    let help = format!("remove it, and set the variable `{variable}`{value}{otherwise}");
    errors.push(key, wrong, help);
}

/// Reports a secret, with the variable that sets it, if that is known.
pub(crate) fn report_secret(key: &Ident, variable: Option<&str>, errors: &mut Errors) {
    let help = match variable {
        Some(variable) => format!(
            "remove it, and set the variable `{variable}`, which is read when the program starts"
        ),
        None => "remove it, and set its variable, which is read when the program starts; \
                 `env_template()` lists them all"
            .to_owned(),
    };
    errors.push(key, "a secret cannot be written in the block", help);
}

/// Returns the variable of the secret that a name probably means.
fn variable_of(name: &str) -> Option<&'static str> {
    let options = BUILT_IN.iter().flat_map(|adapter| adapter.options);
    let mut variables = options.filter_map(|option| Some((option.name, option.variable?)));
    let variable = variables.find(|(option, variable)| {
        variable.to_lowercase() == name || (*option == name && *option != "url")
    });
    let variable = variable.map(|(_, variable)| variable);
    variable.or_else(|| of_named(name))
}

/// Returns the variable of the secret of the adapter that is part of a name: `slack_webhook`.
fn of_named(name: &str) -> Option<&'static str> {
    let adapter = BUILT_IN
        .iter()
        .find(|adapter| name.contains(&to_snake_case(adapter.name)))?;
    let mut secrets = adapter
        .options
        .iter()
        .filter(|option| option.kind == Kind::Secret);
    secrets.next()?.variable
}

/// Returns what the block's variables begin with, wherever it says so.
fn prefix(input: ParseStream<'_>, block: &Block) -> String {
    let is_read = block.value(ENV_PREFIX).is_some();
    let ahead = (!is_read).then(|| prefix_ahead(input)).flatten();
    let prefix = ahead.or_else(|| block.env_prefix());
    prefix.unwrap_or_else(|| "…".to_owned())
}

/// Returns the prefix, if it follows.
fn prefix_ahead(input: ParseStream<'_>) -> Option<String> {
    let rest: TokenStream = input.fork().parse().unwrap_or_default();
    let mut rest = rest.into_iter();
    let found = rest.any(|token| matches!(token, TokenTree::Ident(word) if word == ENV_PREFIX));
    let literal = rest.nth(1).filter(|_| found)?;
    let literal: syn::LitStr = syn::parse2(literal.into()).ok()?;
    Some(literal.value())
}

/// Whether what was read last is a key.
fn peek_colon(input: ParseStream<'_>) -> bool {
    input.peek(Token![:]) && !input.peek(Token![::])
}

/// Returns the entry of the list of adapters that `key: Path { … }`, `Path { … }` or `path::Path`
/// was meant to be.
fn suggest_adapter_entry(input: ParseStream<'_>, name: &str) -> Option<String> {
    let named = peek_colon(input);
    let written = list::take_until_comma(&input.fork())
        .to_string()
        .replace(' ', "");
    let path = written.split('{').next().unwrap_or_default();
    let type_of_value = path
        .trim_start_matches(':')
        .rsplit("::")
        .next()
        .unwrap_or_default();
    let is_type =
        type_of_value.starts_with(char::is_uppercase) && type_of_value.contains(char::is_lowercase);
    let is_setting = || {
        let known = settings::SETTINGS.iter().map(|setting| setting.name);
        nearest(name, known).is_some()
    };
    let is_adapter = if named {
        is_type
            && (written.ends_with('}')
                || (!is_setting()
                    && (to_snake_case(type_of_value) == name
                        || adapter::is_built_in(type_of_value))))
    } else {
        path.starts_with("::")
            || (is_type || name.contains(char::is_lowercase))
                && name.starts_with(char::is_uppercase)
    };
    let entry = if named && to_snake_case(type_of_value) != name {
        format!("{name}: {}", path.trim_start_matches(':'))
    } else if named {
        path.trim_start_matches(':').to_owned()
    } else {
        format!("{name}{path}")
    };
    let braces = if written.ends_with('}') {
        " { … }"
    } else {
        ""
    };
    is_adapter.then(|| format!("{entry}{braces}"))
}
