//! Checks across settings: repetition, names and thresholds.
//!
//! Types, paths, and the names of levels and options are left to rustc, whose errors are better.

mod env;
mod notification;
mod options;
mod unmatchable_rules;

use proc_macro2::{Ident, Span};

use crate::ast::{AdapterPath, Block, ParsedInstance, Value};
use crate::built_in;
use crate::errors::Errors;
use crate::names::{ident_text, is_identifier, to_camel_case, to_snake_case};
use crate::parse::{report_duplicate, report_secret};
use crate::settings::{
    ADAPTERS, DEFAULT_DISCARD_THRESHOLD, DEFAULT_SYNC_THRESHOLD, DISCARD_THRESHOLD, ENV_PREFIX,
    FLEET_ADDRESS, FLEET_SECRETS, MAX_AGE, MAX_INSTANCES, MEMORY_LIMIT, MIN_MEMORY_LIMIT,
    REPORT_PERIOD, RESERVED, SYNC_THRESHOLD, find,
};

/// A warning for rustc to show, at a word of the block.
pub(crate) struct Warning {
    pub(crate) at: Span,
    /// The warning in short, as the name of a constant.
    pub(crate) name: &'static str,
    /// The reason, and what to write instead.
    pub(crate) note: String,
}

/// Returns warnings about what is valid and probably a mistake.
pub(crate) fn warnings(block: &Block) -> Vec<Warning> {
    let mut found = unmatchable_rules::warnings(block);
    if block.instances.is_empty() {
        let mut settings = block.settings.iter();
        let list = settings.find(|pair| pair.setting.name == ADAPTERS);
        let name = ident_text(&block.name);
        found.push(Warning {
            at: list.map_or_else(|| block.name.span(), |pair| pair.key.span()),
            name: "NO_ADAPTERS",
            note: format!(
                "`{name}` has no adapters, so it sends no messages; add one, as in `adapters: [Slack]`"
            ),
        });
    }
    found
}

/// Reports the mistakes in `block`, and removes what would break the generated items.
pub(crate) fn block(block: &mut Block, errors: &mut Errors) {
    remove_duplicates(&mut block.settings, |pair| &pair.key, "setting", errors);
    for instance in &mut block.instances {
        remove_duplicates(&mut instance.settings, |pair| &pair.key, "option", errors);
        remove_duplicates(
            &mut instance.options,
            |option| &option.key,
            "option",
            errors,
        );
    }
    options::check(block, errors);
    env::complete(block);
    check_thresholds(block, errors);
    check_memory_limit(block, errors);
    check_periods(block, errors);
    notification::check(block, errors);
    check_env_prefix(block, errors);
    check_fleet(block, errors);
    block
        .instances
        .retain(|instance| check_name(instance, errors));
    remove_duplicate_instances(&mut block.instances, errors);
    check_block_name(block, errors);
    if let Some(instance) = block.instances.get(MAX_INSTANCES) {
        let help = format!("declare at most {MAX_INSTANCES} adapters in a block");
        push_at_name(instance, errors, "this block has too many adapters", &help);
    }
}

/// Reports a block with the name of an adapter in it, which it would hide.
fn check_block_name(block: &mut Block, errors: &mut Errors) {
    let name = ident_text(&block.name);
    block.instances.retain(|instance| {
        let path = instance.path.as_ref();
        let hidden = path.filter(|path| path.is_bare() && ident_text(&path.last) == name);
        let Some(path) = hidden else {
            return true;
        };
        let wrong = format!("here `{name}` is the block itself");
        let help = match built_in::find(&name) {
            Some(_) => format!("rename the block: `struct Alerts`, or write `logout::{name}`"),
            None => {
                "rename the block: `struct Alerts`, or write the path of the adapter".to_owned()
            }
        };
        errors.push(&path.tokens, wrong, help);
        false
    });
}

/// Reports repeated settings, and removes the later ones.
fn remove_duplicates<T>(list: &mut Vec<T>, key: fn(&T) -> &Ident, kind: &str, errors: &mut Errors) {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for one in list.drain(..) {
        let is_same = |first: &&T| ident_text(key(first)) == ident_text(key(&one));
        match kept.iter().find(is_same) {
            Some(first) => report_duplicate(key(&one), key(first), kind, errors),
            None => kept.push(one),
        }
    }
    *list = kept;
}

/// Checks literal thresholds; a constant assertion checks the others.
fn check_thresholds(block: &Block, errors: &mut Errors) {
    let sync = block.value(SYNC_THRESHOLD);
    let discard = block.value(DISCARD_THRESHOLD);
    let number = |given: Option<(_, &Value)>, default| {
        given.map_or(Some(default), |(_, value)| value.as_integer())
    };
    let least = number(sync, DEFAULT_SYNC_THRESHOLD);
    let most = number(discard, DEFAULT_DISCARD_THRESHOLD);
    let (Some(least), Some(most)) = (least, most) else {
        return;
    };
    if let Some((_, value)) = discard
        && most == 0
    {
        let wrong = format!("a `{DISCARD_THRESHOLD}` of zero drops every event");
        let help = format!("write `{DISCARD_THRESHOLD}: {DEFAULT_DISCARD_THRESHOLD}`");
        errors.push(value.written(), wrong, help);
    } else if least > most {
        let wrong = format!(
            "`{SYNC_THRESHOLD}` is above `{DISCARD_THRESHOLD}`: {least} is more than {most}"
        );
        match (sync, discard) {
            (Some((_, value)), _) => {
                let help = format!("write at most {most}, or a higher `{DISCARD_THRESHOLD}`");
                errors.push(value.written(), wrong, help);
            }
            (None, Some((_, value))) => {
                let help = format!("write at least {least}, or a lower `{SYNC_THRESHOLD}`");
                errors.push(value.written(), wrong, help);
            }
            (None, None) => {}
        }
    }
}

/// Checks a literal limit; a constant assertion checks the others.
fn check_memory_limit(block: &Block, errors: &mut Errors) {
    if let Some((_, value)) = block.value(MEMORY_LIMIT)
        && value
            .as_integer()
            .is_some_and(|limit| limit < MIN_MEMORY_LIMIT)
    {
        let wrong = format!(
            "a `{MEMORY_LIMIT}` is at least {} KiB",
            MIN_MEMORY_LIMIT / 1_024
        );
        let help = format!("write `{MEMORY_LIMIT}: \"4 MiB\"`");
        errors.push(value.written(), wrong, help);
    }
}

/// Checks the periods in quotes; constant assertions check the others.
fn check_periods(block: &Block, errors: &mut Errors) {
    for (name, wrong, example) in [
        (MAX_AGE, "drops every event", "1h"),
        (REPORT_PERIOD, "would report without a pause", "30s"),
    ] {
        if let Some((_, Value::Duration(span, literal))) = block.value(name)
            && span.is_zero()
        {
            let wrong = format!("a `{name}` of zero {wrong}");
            errors.push(literal, wrong, format!("write `{name}: \"{example}\"`"));
        }
    }
}

/// Checks the prefix: names of variables are upper case, and two underscores separate instance and
/// key.
fn check_env_prefix(block: &Block, errors: &mut Errors) {
    let Some(literal) = block
        .value(ENV_PREFIX)
        .and_then(|(_, value)| value.literal_text())
    else {
        return;
    };
    let prefix = literal.value();
    let allowed =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    let usable = prefix.starts_with(|letter: char| letter.is_ascii_uppercase())
        && prefix.ends_with('_')
        && prefix.chars().all(allowed);
    if !usable {
        let upper: String = prefix
            .to_ascii_uppercase()
            .trim_start_matches(|letter: char| !letter.is_ascii_uppercase())
            .trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric())
            .chars()
            .map(|letter| if allowed(letter) { letter } else { '_' })
            .collect();
        let upper = if upper.is_empty() {
            "SHOP_ALERTS".to_owned()
        } else {
            upper
        };
        let wrong = "a prefix of variables is upper case, begins with a letter and ends with `_`";
        errors.push(
            literal,
            wrong,
            format!("write `{ENV_PREFIX}: \"{upper}_\"`"),
        );
    }
}

/// Reports secrets of the broker, and removes them.
fn check_fleet(block: &mut Block, errors: &mut Errors) {
    let variable = format!("{}FLEET__URL", options::prefix(block));
    for pair in &mut block.settings {
        if let Some(Value::Fleet(fleet)) = &mut pair.value {
            fleet.settings.retain(|(name, _)| {
                let is_secret = FLEET_SECRETS.contains(&ident_text(name).as_str());
                let is_address = FLEET_ADDRESS.contains(&ident_text(name).as_str());
                if is_secret {
                    report_secret(name, Some(&variable), errors);
                } else if is_address {
                    let wrong = "the address of the broker is read when the program starts";
                    let help = format!("remove it, and set the variable `{variable}`");
                    errors.push(name, wrong, help);
                }
                !is_secret && !is_address
            });
        }
    }
}

/// Returns whether an instance can be generated under its name; reports a wrong name.
fn check_name(instance: &ParsedInstance, errors: &mut Errors) -> bool {
    let name = instance_name(instance);
    if let Some((wrong, better)) = name_mistake(instance) {
        let adapter = adapter_name(instance);
        let help = match &instance.name {
            Some(_) => format!("write `{better}: {adapter}`"),
            None => format!("name it: `{better}: {adapter} {{ … }}`"),
        };
        push_at_name(instance, errors, &wrong, &help);
    }
    is_identifier(&name) && is_identifier(&to_camel_case(&name))
}

/// Returns what is wrong with the name of an instance, and a better one.
fn name_mistake(instance: &ParsedInstance) -> Option<(String, String)> {
    let name = instance_name(instance);
    let written = instance.name.as_ref().map(Ident::to_string);
    let keyword = !is_identifier(&name) || written.is_some_and(|name| name.starts_with("r#"));
    let wrong = if find(&name).is_some() {
        format!("an instance cannot have the name of the setting `{name}`")
    } else if RESERVED.contains(&name.as_str()) {
        format!("an instance cannot be named `{name}`, which the configuration uses")
    } else if keyword && is_identifier(&name) {
        return Some((format!("the name `{name}` needs no `r#`"), name));
    } else if keyword {
        format!("an instance cannot be named by the keyword `{name}`")
    } else if !name.is_ascii() {
        format!("the name `{name}` cannot be part of the name of a variable")
    } else if name.chars().any(|letter| letter.is_ascii_uppercase()) {
        let wrong = format!("the name `{name}` is not lower case");
        return Some((wrong, to_snake_case(&name)));
    } else if name.starts_with('_') || name.ends_with('_') || name.contains("__") {
        // Two underscores separate instance and key in the name of a variable.
        let wrong = format!("the name `{name}` has underscores that do not separate two words");
        let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
        if !words.is_empty() {
            return Some((wrong, words.join("_")));
        }
        wrong
    } else {
        return None;
    };
    Some((wrong, "ops".to_owned()))
}

/// Reports instances with the same name, or the same variant, and removes the later ones.
fn remove_duplicate_instances(instances: &mut Vec<ParsedInstance>, errors: &mut Errors) {
    let mut kept: Vec<ParsedInstance> = Vec::with_capacity(instances.len());
    for instance in instances.drain(..) {
        let name = instance_name(&instance);
        let variant = to_camel_case(&name);
        let first = kept.iter().find(|first| {
            // Different conditions may exclude each other; if not, rustc reports it.
            let alternatives = !first.conditions.is_empty() && !instance.conditions.is_empty();
            !alternatives && to_camel_case(&instance_name(first)) == variant
        });
        match first {
            // One error about a name is enough.
            Some(_) if instance.path.as_ref().is_some_and(|path| path.incomplete) => {}
            Some(first)
                if name_mistake(first)
                    .or_else(|| name_mistake(&instance))
                    .is_some() => {}
            Some(first) => report_collision(&instance, first, errors),
            None => kept.push(instance),
        }
    }
    *instances = kept;
}

fn report_collision(second: &ParsedInstance, first: &ParsedInstance, errors: &mut Errors) {
    let name = instance_name(second);
    let adapter = AdapterPath::name(second.path.as_ref());
    if instance_name(first) != name {
        let wrong = format!(
            "`{}` and `{name}` would both be the constant `{}`",
            instance_name(first),
            to_camel_case(&name)
        );
        push_at_name(second, errors, &wrong, "rename one of the two");
    } else if second.name.is_none() {
        let wrong = format!("two adapters would be named `{name}`");
        push_at_name(
            second,
            errors,
            &wrong,
            &format!("name one: `ops: {adapter} {{ … }}`"),
        );
    } else {
        let wrong = format!("instance `{name}` is declared twice");
        push_at_name(second, errors, &wrong, "rename one of the two");
    }
    let note = format!("`{}` is first declared here", instance_name(first));
    match (&first.name, &first.path) {
        (Some(name), _) => errors.push_note(name, note),
        (None, Some(path)) => errors.push_note(&path.tokens, note),
        (None, None) => {}
    }
}

/// Returns the instance's name: its own, or that of the adapter's type.
pub(crate) fn instance_name(instance: &ParsedInstance) -> String {
    match (&instance.name, &instance.path) {
        (Some(name), _) => ident_text(name),
        (None, Some(path)) => to_snake_case(&ident_text(&path.last)),
        (None, None) => String::new(),
    }
}

/// Returns the adapter's name in the entry.
fn adapter_name(instance: &ParsedInstance) -> String {
    match &instance.path {
        Some(path) => path.tokens.to_string().replace(' ', ""),
        None => "Slack".to_owned(),
    }
}

fn push_at_name(instance: &ParsedInstance, errors: &mut Errors, wrong: &str, help: &str) {
    match (&instance.name, &instance.path) {
        (Some(name), _) => errors.push(name, wrong, help),
        (None, Some(path)) => errors.push(&path.tokens, wrong, help),
        (None, None) => {}
    }
}
