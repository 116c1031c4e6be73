//! Unknown settings, and suggestions for them.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::Token;
use syn::parse::ParseStream;

use super::{adapter, list, value};
use crate::ast::Block;
use crate::built_in::{BUILT_IN, BuiltIn, BuiltInOption, OptionKind, find as find_built_in};
use crate::errors::Errors;
use crate::names::{ident_text, nearest, to_camel_case, to_snake_case};
use crate::parse::other_libraries::{NOT_NEEDED, OTHER_NAMES};
use crate::settings::{self, ENV_PREFIX};

/// Returns the option of every adapter that is called `name` in other loggers.
pub(crate) fn other_name_of_option(name: &str) -> Option<&'static str> {
    other_name(name).filter(|meant| settings::find_option(meant).is_some())
}

/// Returns the setting that is called `name` in other libraries.
fn other_name(name: &str) -> Option<&'static str> {
    let name = to_snake_case(name);
    let mut names = OTHER_NAMES.iter();
    let (meant, _) = names.find(|(_, others)| others.contains(&&*name))?;
    Some(meant)
}

/// Returns why there is no setting of this name, and what to do.
pub(crate) fn not_needed(name: &str) -> Option<(&'static str, &'static str)> {
    let name = to_snake_case(name);
    let mut known = NOT_NEEDED.iter();
    let (_, wrong, help) = known.find(|(names, ..)| names.contains(&&*name))?;
    Some((wrong, help))
}

/// Returns the adapter in Alertmanager's `slack_configs`.
fn of_receivers(name: &str) -> Option<&'static str> {
    let name = name
        .strip_suffix("_configs")
        .or_else(|| name.strip_suffix("_config"))?;
    let mut adapters = BUILT_IN.iter().map(|adapter| adapter.name);
    adapters.find(|adapter| {
        to_snake_case(adapter) == name || adapter.to_lowercase() == name.replace('_', "")
    })
}

/// Reports the unknown setting `key`, with what was probably meant.
pub(super) fn report(input: ParseStream<'_>, key: &Ident, block: &Block, errors: &mut Errors) {
    let name = ident_text(key);
    let known = settings::SETTINGS.iter().map(|setting| setting.name);
    let named = peek_colon(input);
    let other = other_name(&name);
    let adapter = to_camel_case(&name);
    let wrapped = list::take_until_comma(&input.fork());
    let wrapped = adapter::types_in(wrapped)
        .into_iter()
        .find(|of_type| named && (adapter::is_built_in(of_type) && to_snake_case(of_type) == name));
    let is_table = named && input.peek2(syn::token::Brace) && find_built_in(&adapter).is_some();
    let entry = is_table.then(|| format!("{adapter} {{ … }}"));
    let entry = entry.or_else(|| suggest_adapter_entry(input, &name));
    if let Some(entry) = entry.or(wrapped) {
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
    } else if let Some((wrong, help)) = not_needed(&name) {
        errors.push(key, wrong, help);
    } else if let Some(adapter) = of_receivers(&name) {
        let wrong = "adapters belong in the list `adapters`";
        errors.push(key, wrong, format!("write `adapters: [{adapter} {{ … }}]`"));
    } else if let Some(meant) = other.or_else(|| nearest(&name, known.clone())) {
        let help = format!("write `{meant}`");
        errors.push(key, format!("unknown setting `{name}`"), help);
    } else if named && input.peek2(syn::token::Brace) {
        let help = "write its settings in the block itself, or move the table to `logout.toml`";
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
    // `url` differs between adapters, and is a secret for some of them; channels have an error of
    // their own.
    found.find(|_| !["url", "channel"].contains(&name))
}

fn report_option(
    key: &Ident,
    adapter: &'static BuiltIn,
    option: &'static BuiltInOption,
    errors: &mut Errors,
) {
    if option.kind == OptionKind::Secret {
        return report_secret(key, variable_of(&ident_text(key)), errors);
    }
    let name = option.name;
    let wrong = format!("`{name}` is an option of an adapter");
    let help = format!("write `{} {{ {name}: … }}` in `adapters`", adapter.name);
    errors.push(key, wrong, help);
}

/// Reports a key that only a variable can set; `otherwise` is an alternative.
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

/// Reports a secret, with the variable that sets it, if it is known.
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

/// Returns the variable of the secret that is probably meant.
fn variable_of(name: &str) -> Option<&'static str> {
    let options = BUILT_IN.iter().flat_map(|adapter| adapter.options);
    let mut variables = options.filter_map(|option| Some((option.name, option.variable?)));
    let variable = variables.find(|(option, variable)| {
        variable.to_lowercase() == name || (*option == name && *option != "url")
    });
    let variable = variable.map(|(_, variable)| variable);
    variable.or_else(|| of_named(name))
}

/// Returns the variable of the adapter's secret in a name such as `slack_webhook`.
fn of_named(name: &str) -> Option<&'static str> {
    let adapter = BUILT_IN
        .iter()
        .find(|adapter| name.contains(&to_snake_case(adapter.name)))?;
    let mut secrets = adapter
        .options
        .iter()
        .filter(|option| option.kind == OptionKind::Secret);
    secrets.next()?.variable
}

/// Returns the prefix of the block's variables, wherever in the block it is set.
fn prefix(input: ParseStream<'_>, block: &Block) -> String {
    let is_read = block.value(ENV_PREFIX).is_some();
    let ahead = (!is_read).then(|| prefix_ahead(input)).flatten();
    let prefix = ahead.or_else(|| block.env_prefix());
    prefix.unwrap_or_else(|| "…".to_owned())
}

/// Returns the prefix, if it is set further on.
fn prefix_ahead(input: ParseStream<'_>) -> Option<String> {
    let rest: TokenStream = input.fork().parse().unwrap_or_default();
    let mut rest = rest.into_iter();
    let found = rest.any(|token| matches!(token, TokenTree::Ident(word) if word == ENV_PREFIX));
    let literal = rest.nth(1).filter(|_| found)?;
    let literal: syn::LitStr = syn::parse2(literal.into()).ok()?;
    Some(literal.value())
}

/// Returns whether the last token was a key.
fn peek_colon(input: ParseStream<'_>) -> bool {
    input.peek(Token![:]) && !input.peek(Token![::])
}

/// Returns the entry of the list of adapters that was meant by `key: Path { … }`, `Path { … }` or
/// `path::Path`.
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
        !written.trim_start_matches(':').starts_with('[')
            && is_type
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
