//! The validation of Adaptive Cards, as far as a log forwarder uses them.

use serde_json::{Map, Value};

use super::super::json::{Fields as _, object};

type Checked = Result<(), String>;

/// The newest version that Teams shows (<https://learn.microsoft.com/adaptive-cards/resources/partners>).
const VERSIONS: [&str; 6] = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"];

/// How many actions of one set are shown; the others are left out. From the hub's samples; the documentation of
/// Teams names no number.
const ACTIONS: usize = 6;

#[rustfmt::skip]
const STYLES: [&str; 6] = [
    "default", "emphasis", "good", "attention", "warning", "accent",
];
const SIZES: [&str; 5] = ["default", "small", "medium", "large", "extraLarge"];
const WEIGHTS: [&str; 3] = ["default", "lighter", "bolder"];
const FONTS: [&str; 2] = ["default", "monospace"];
#[rustfmt::skip]
const COLOURS: [&str; 7] = [
    "default", "dark", "light", "accent", "good", "warning", "attention",
];

/// What every element may have (<https://learn.microsoft.com/adaptive-cards/schema-explorer/>).
#[rustfmt::skip]
const COMMON: [&str; 8] = [
    "type", "id", "isVisible", "separator", "spacing", "fallback", "requires", "height",
];

/// Judges the card of a message.
pub(super) fn check(card: &Value) -> Checked {
    let card = object(card, "the card")?;
    if card.string("type") != "AdaptiveCard" {
        // As the flow's own error says it.
        return Err("Property 'type' must be 'AdaptiveCard'".to_owned());
    }
    let version = text(card, "version")?;
    if !VERSIONS.contains(&version) {
        return Err(format!("no version `{version}` of Adaptive Cards is known"));
    }
    elements(card, "body")?;
    if card.contains_key("actions") {
        actions(card)?;
    }
    if let Some(teams) = card.get("msteams") {
        teams_properties(object(teams, "`msteams`")?)?;
    }
    Ok(())
}

fn teams_properties(teams: &Map<String, Value>) -> Checked {
    if let Some(width) = teams.field("width").as_str()
        && !width.eq_ignore_ascii_case("full")
    {
        return Err(format!("there is no width `{width}`"));
    }
    for entity in teams.list("entities") {
        let entity = object(entity, "an entity")?;
        if text(entity, "type")? != "mention" {
            return Err("an entity is no mention".to_owned());
        }
        let called = text(entity, "text")?;
        if !(called.starts_with("<at>") && called.ends_with("</at>")) {
            return Err("the text of a mention is not in `<at>…</at>`".to_owned());
        }
        let mentioned = entity.field("mentioned");
        let mentioned = object(mentioned, "`mentioned`")?;
        text(mentioned, "id")?;
        text(mentioned, "name")?;
    }
    Ok(())
}

fn elements(holder: &Map<String, Value>, key: &str) -> Checked {
    let list = holder.field(key).as_array();
    let list = list.ok_or_else(|| format!("`{key}` is not a list"))?;
    if list.is_empty() {
        return Err(format!("`{key}` is empty"));
    }
    list.iter().try_for_each(element)
}

fn element(value: &Value) -> Checked {
    let element = object(value, "an element")?;
    let kind = text(element, "type")?;
    check_field_names(element, kind)?;
    match kind {
        "Container" => {
            one_of(element, "style", &STYLES)?;
            elements(element, "items")
        }
        "TextBlock" => {
            styled(element)?;
            text(element, "text").map(drop)
        }
        "RichTextBlock" => {
            let inlines = element.list("inlines");
            if inlines.is_empty() {
                return Err("`inlines` is no list of one or more".to_owned());
            }
            inlines.iter().try_for_each(inline)
        }
        "CodeBlock" => {
            text(element, "codeSnippet")?;
            text(element, "language").map(drop)
        }
        "FactSet" => {
            let facts = element.list("facts");
            if facts.is_empty() {
                return Err("`facts` is no list of one or more".to_owned());
            }
            facts.iter().try_for_each(|fact| {
                let fact = object(fact, "a fact")?;
                text(fact, "title")?;
                text(fact, "value").map(drop)
            })
        }
        "ActionSet" => actions(element),
        other => Err(format!("there is no element `{other}`")),
    }
}

fn inline(value: &Value) -> Checked {
    if value.is_string() {
        return Ok(());
    }
    let run = object(value, "an inline")?;
    if text(run, "type")? != "TextRun" {
        return Err("an inline is no TextRun".to_owned());
    }
    check_field_names(run, "TextRun")?;
    styled(run)?;
    text(run, "text").map(drop)
}

fn actions(holder: &Map<String, Value>) -> Checked {
    let actions = holder.field("actions").as_array();
    let actions = actions.ok_or("`actions` is not a list")?;
    if actions.len() > ACTIONS {
        return Err(format!(
            "{} actions in one set, of which {ACTIONS} are shown",
            actions.len()
        ));
    }
    for action in actions {
        let action = object(action, "an action")?;
        if text(action, "type")? != "Action.OpenUrl" {
            return Err("an action is no `Action.OpenUrl`".to_owned());
        }
        text(action, "title")?;
        let url = text(action, "url")?;
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            return Err("the `url` of an action is no address of the web".to_owned());
        }
    }
    Ok(())
}

fn styled(element: &Map<String, Value>) -> Checked {
    one_of(element, "size", &SIZES)?;
    one_of(element, "weight", &WEIGHTS)?;
    one_of(element, "fontType", &FONTS)?;
    one_of(element, "color", &COLOURS)
}

/// Checks that an element has no unknown fields, which a client may refuse to show.
fn check_field_names(element: &Map<String, Value>, kind: &str) -> Checked {
    #[rustfmt::skip]
    let known: &[&str] = match kind {
        "Container" => &[
            "items", "style", "bleed", "selectAction", "verticalContentAlignment", "minHeight",
        ],
        "TextBlock" => &[
            "text", "wrap", "size", "weight", "color", "fontType", "isSubtle", "maxLines", "style",
            "horizontalAlignment",
        ],
        "RichTextBlock" => &["inlines", "horizontalAlignment"],
        "TextRun" => &[
            "text", "size", "weight", "color", "fontType", "isSubtle", "highlight", "italic",
            "strikethrough", "underline", "selectAction",
        ],
        "CodeBlock" => &["codeSnippet", "language", "startLineNumber"],
        "FactSet" => &["facts"],
        "ActionSet" => &["actions"],
        _ => return Ok(()),
    };
    let is_unknown =
        |name: &&String| !COMMON.contains(&name.as_str()) && !known.contains(&name.as_str());
    match element.keys().find(is_unknown) {
        Some(name) => Err(format!("a {kind} has no `{name}`")),
        None => Ok(()),
    }
}

/// Checks that a value is one of `words`, ignoring case.
fn one_of(element: &Map<String, Value>, key: &str, words: &[&str]) -> Checked {
    match element.get(key) {
        None => Ok(()),
        Some(Value::String(word)) if words.iter().any(|known| known.eq_ignore_ascii_case(word)) => {
            Ok(())
        }
        Some(word) => Err(format!("there is no {key} {word}")),
    }
}

fn text<'v>(object: &'v Map<String, Value>, name: &str) -> Result<&'v str, String> {
    match object.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(Value::String(_)) => Err(format!("`{name}` is empty")),
        _ => Err(format!("`{name}` is no string")),
    }
}
