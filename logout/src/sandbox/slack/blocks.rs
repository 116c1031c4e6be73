//! The validation of Slack's blocks.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::json::{Fields as _, object};

/// Limits in characters and items, from the comments of `@slack/types` 3.2.0 and
/// <https://docs.slack.dev/reference/block-kit/blocks>. Slack does not say what a character is;
/// code points are counted, after escaping.
const BLOCKS: usize = 50;
const BLOCK_ID: usize = 255;
const TEXT_OBJECT: usize = 3_000;
const HEADER: usize = 150;
const FIELDS: usize = 10;
const FIELD: usize = 2_000;
const CONTEXT: usize = 10;
const ACTIONS: usize = 25;
/// Over all `markdown` blocks of a message.
const MARKDOWN: usize = 12_000;

/// Kinds that a log forwarder has no use for: taken as they are.
#[rustfmt::skip]
const UNCHECKED: [&str; 11] = [
    "alert", "card", "carousel", "container", "context_actions", "data_table", "file", "input",
    "plan", "task_card", "video",
];

type Checked = Result<(), String>;

/// Judges the list of blocks of a message or an attachment.
pub(super) fn check_message(blocks: &Value) -> Checked {
    let list = match blocks {
        Value::Null => return Ok(()),
        Value::Array(list) => list,
        _ => return Err("`blocks` is not a list".to_owned()),
    };
    if list.len() > BLOCKS {
        return Err(format!("{} blocks, at most {BLOCKS}", list.len()));
    }
    let mut ids = BTreeSet::new();
    let mut markdown = 0;
    for (index, block) in list.iter().enumerate() {
        check(block, &mut ids, &mut markdown).map_err(|why| format!("block {index}: {why}"))?;
    }
    Ok(())
}

fn check<'v>(block: &'v Value, ids: &mut BTreeSet<&'v str>, markdown: &mut usize) -> Checked {
    let block = object(block, "it")?;
    if let Some(id) = optional_text(block, "block_id", BLOCK_ID)?
        && !ids.insert(id)
    {
        return Err("its `block_id` stands there twice".to_owned());
    }
    let kind = kind(block)?;
    check_field_names(block, kind)?;
    match kind {
        "header" => text_object(required(block, "text")?, HEADER, &["plain_text"]),
        "section" => section(block),
        "context" => context(block),
        "divider" => Ok(()),
        "rich_text" => elements(block)?.iter().try_for_each(rich_text),
        "markdown" => {
            *markdown += text(block, "text", MARKDOWN)?.chars().count();
            at_most(*markdown, MARKDOWN, "characters in markdown blocks")
        }
        "image" => {
            text(block, "alt_text", FIELD)?;
            if block.contains_key("image_url") || block.contains_key("slack_file") {
                Ok(())
            } else {
                Err("an image needs `image_url` or `slack_file`".to_owned())
            }
        }
        "actions" => at_most(elements(block)?.len(), ACTIONS, "elements"),
        "table" => required(block, "rows").map(drop),
        other if UNCHECKED.contains(&other) => Ok(()),
        other => Err(format!("there is no block of type `{other}`")),
    }
}

/// Checks that a block has no unknown fields, which Slack refuses.
fn check_field_names(block: &Map<String, Value>, kind: &str) -> Checked {
    let known: &[&str] = match kind {
        "header" => &["text"],
        "section" => &["text", "fields", "accessory", "expand"],
        "context" | "rich_text" | "actions" => &["elements"],
        "markdown" => &["text"],
        "divider" => &[],
        _ => return Ok(()),
    };
    let unknown = block.keys().find(|name| {
        !["type", "block_id"].contains(&name.as_str()) && !known.contains(&name.as_str())
    });
    match unknown {
        Some(name) => Err(format!("a {kind} has no `{name}`")),
        None => Ok(()),
    }
}

fn section(block: &Map<String, Value>) -> Checked {
    let both = ["plain_text", "mrkdwn"];
    if let Some(text) = block.get("text") {
        text_object(text, TEXT_OBJECT, &both)?;
    }
    match block.get("fields") {
        Some(Value::Array(fields)) if !fields.is_empty() => {
            at_most(fields.len(), FIELDS, "fields")?;
            fields
                .iter()
                .try_for_each(|field| text_object(field, FIELD, &both))
        }
        Some(_) => Err("`fields` is not a list of one or more".to_owned()),
        None if block.contains_key("text") => Ok(()),
        None => Err("a section needs `text` or `fields`".to_owned()),
    }
}

fn context(block: &Map<String, Value>) -> Checked {
    let elements = elements(block)?;
    if elements.is_empty() {
        return Err("a context needs an element".to_owned());
    }
    at_most(elements.len(), CONTEXT, "elements")?;
    elements.iter().try_for_each(|element| {
        if kind(object(element, "an element")?)? == "image" {
            Ok(())
        } else {
            text_object(element, TEXT_OBJECT, &["plain_text", "mrkdwn"])
        }
    })
}

fn rich_text(element: &Value) -> Checked {
    let element = object(element, "an element")?;
    let kind = kind(element)?;
    let inner = elements(element)?;
    match kind {
        "rich_text_section" | "rich_text_quote" => inner
            .iter()
            .try_for_each(|leaf| rich_text_leaf(leaf, &LEAVES)),
        "rich_text_preformatted" => inner
            .iter()
            .try_for_each(|leaf| rich_text_leaf(leaf, &["text", "link"])),
        "rich_text_list" => {
            if !matches!(element.string("style"), "bullet" | "ordered") {
                return Err("a list's `style` is `bullet` or `ordered`".to_owned());
            }
            inner.iter().try_for_each(rich_text)
        }
        other => Err(format!("there is no rich text element of type `{other}`")),
    }
}

#[rustfmt::skip]
const LEAVES: [&str; 10] = [
    "text", "link", "user", "usergroup", "broadcast", "channel", "emoji", "date", "team", "color",
];

fn rich_text_leaf(leaf: &Value, kinds: &[&str]) -> Checked {
    let leaf = object(leaf, "an element")?;
    let kind = kind(leaf)?;
    if !kinds.contains(&kind) {
        return Err(format!("an element of type `{kind}` cannot stand there"));
    }
    if let Some(style) = leaf.get("style") {
        let known = ["bold", "italic", "strike", "code", "underline", "highlight"];
        for (name, value) in object(style, "`style`")? {
            if !known.contains(&name.as_str()) || !value.is_boolean() {
                return Err(format!("there is no style `{name}: {value}`"));
            }
        }
    }
    let needed = match kind {
        "text" => return text(leaf, "text", usize::MAX).map(drop),
        "link" => "url",
        "user" => "user_id",
        "usergroup" => "usergroup_id",
        "broadcast" => "range",
        "channel" => "channel_id",
        "emoji" => "name",
        "team" => "team_id",
        "color" => "value",
        _ => "format",
    };
    text(leaf, needed, usize::MAX).map(drop)
}

fn text_object(value: &Value, limit: usize, kinds: &[&str]) -> Checked {
    let object = object(value, "a text")?;
    let kind = kind(object)?;
    if !kinds.contains(&kind) {
        return Err(format!("a text of type `{kind}` cannot stand there"));
    }
    let only = if kind == "mrkdwn" {
        "verbatim"
    } else {
        "emoji"
    };
    for name in object.keys() {
        if !["type", "text", only].contains(&name.as_str()) {
            return Err(format!("a {kind} text has no `{name}`"));
        }
    }
    text(object, "text", limit).map(drop)
}

fn text<'v>(object: &'v Map<String, Value>, name: &str, limit: usize) -> Result<&'v str, String> {
    match optional_text(object, name, limit)? {
        Some("") => Err(format!("`{name}` is empty")),
        Some(text) => Ok(text),
        None => Err(format!("`{name}` is missing")),
    }
}

fn optional_text<'v>(
    object: &'v Map<String, Value>,
    name: &str,
    limit: usize,
) -> Result<Option<&'v str>, String> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => {
            at_most(
                text.chars().count(),
                limit,
                &format!("characters in `{name}`"),
            )?;
            Ok(Some(text))
        }
        Some(_) => Err(format!("`{name}` is not a string")),
    }
}

fn kind(object: &Map<String, Value>) -> Result<&str, String> {
    let kind = object.field("type").as_str();
    kind.ok_or_else(|| "`type` is missing".to_owned())
}

fn elements(object: &Map<String, Value>) -> Result<&Vec<Value>, String> {
    let elements = object.field("elements").as_array();
    elements.ok_or_else(|| "`elements` is not a list".to_owned())
}

fn required<'v>(object: &'v Map<String, Value>, name: &str) -> Result<&'v Value, String> {
    object
        .get(name)
        .ok_or_else(|| format!("`{name}` is missing"))
}

fn at_most(count: usize, limit: usize, what: &str) -> Checked {
    if count > limit {
        Err(format!("{count} {what}, at most {limit}"))
    } else {
        Ok(())
    }
}
