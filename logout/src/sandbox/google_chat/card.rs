//! The validation of cards, as far as a log forwarder uses them
//! (<https://developers.google.com/workspace/chat/api/reference/rest/v1/cards>).

use serde_json::{Map, Value};

use super::super::json::Fields as _;

type Checked = Result<(), String>;

/// Widgets of one card; those beyond are not shown.
const WIDGETS: usize = 100;

/// Code points of one text: the limit seen for `text`; none is documented for a card.
const TEXT: usize = 4_096;

/// Judges `cardsV2`. The API refuses fields that it does not know.
pub(super) fn check(cards: &Value) -> Checked {
    let cards = match cards {
        Value::Null => return Ok(()),
        Value::Array(cards) => cards,
        _ => return Err("Invalid value at 'message.cards_v2'.".to_owned()),
    };
    for card in cards {
        let card = object(card, "cards_v2")?;
        check_field_names(card, "cards_v2")?;
        if cards.len() > 1 && !card.contains_key("cardId") {
            return Err("cardId is required where there are several cards.".to_owned());
        }
        let card = object(card.field("card"), "cards_v2.card")?;
        check_field_names(card, "card")?;
        if let Some(header) = card.get("header") {
            let header = object(header, "card.header")?;
            check_field_names(header, "header")?;
            text(header, "title")?;
        }
        let sections = list(card, "sections")?;
        let mut widgets = 0;
        for section in sections {
            let section = object(section, "card.sections")?;
            check_field_names(section, "section")?;
            let of_section = list(section, "widgets")?;
            widgets += of_section.len();
            of_section.iter().try_for_each(widget)?;
        }
        if widgets > WIDGETS {
            return Err(format!("{widgets} widgets, of which {WIDGETS} are shown."));
        }
    }
    Ok(())
}

fn widget(value: &Value) -> Checked {
    let widget = object(value, "widgets")?;
    check_field_names(widget, "widget")?;
    for kind in ["textParagraph", "decoratedText"] {
        if let Some(shown) = widget.get(kind) {
            let shown = object(shown, kind)?;
            check_field_names(shown, kind)?;
            return text(shown, "text");
        }
    }
    if let Some(buttons) = widget.get("buttonList") {
        let buttons = object(buttons, "buttonList")?;
        check_field_names(buttons, "buttonList")?;
        return list(buttons, "buttons")?.iter().try_for_each(button);
    }
    match widget.contains_key("divider") {
        true => Ok(()),
        false => Err("A widget is empty.".to_owned()),
    }
}

fn button(value: &Value) -> Checked {
    let button = object(value, "buttons")?;
    check_field_names(button, "button")?;
    text(button, "text")?;
    let click = button.field("onClick");
    let url = click.pointer("/openLink/url").and_then(Value::as_str);
    match url {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => Ok(()),
        _ => Err("Invalid value at 'onClick.openLink.url'.".to_owned()),
    }
}

fn text(object: &Map<String, Value>, name: &str) -> Checked {
    match object.get(name) {
        Some(Value::String(text)) if text.is_empty() => Err(format!("'{name}' is empty.")),
        Some(Value::String(text)) if text.chars().count() > TEXT => {
            Err(format!("'{name}' is longer than {TEXT} characters."))
        }
        Some(Value::String(_)) => Ok(()),
        _ => Err(format!("Invalid value at '{name}' (TYPE_STRING).")),
    }
}

fn list<'v>(object: &'v Map<String, Value>, name: &str) -> Result<&'v [Value], String> {
    match object.get(name) {
        Some(Value::Array(list)) if !list.is_empty() => Ok(list),
        _ => Err(format!("'{name}' is no list of one or more.")),
    }
}

fn check_field_names(object: &Map<String, Value>, what: &str) -> Checked {
    #[rustfmt::skip]
    let known: &[&str] = match what {
        "cards_v2" => &["cardId", "card"],
        "card" => &["header", "sections", "name"],
        "header" => &["title", "subtitle", "imageUrl", "imageType", "imageAltText"],
        "section" => &["header", "widgets", "collapsible", "uncollapsibleWidgetsCount"],
        "widget" => &[
            "textParagraph", "decoratedText", "buttonList", "divider", "horizontalAlignment",
        ],
        "textParagraph" => &["text", "maxLines"],
        "decoratedText" => &["topLabel", "text", "bottomLabel", "wrapText"],
        "buttonList" => &["buttons"],
        "button" => &["text", "icon", "onClick", "altText", "disabled"],
        _ => &[],
    };
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!(
            "Unknown name \"{name}\" at '{what}': Cannot find field."
        )),
        None => Ok(()),
    }
}

fn object<'v>(value: &'v Value, what: &str) -> Result<&'v Map<String, Value>, String> {
    value
        .as_object()
        .ok_or_else(|| format!("Invalid value at '{what}'."))
}
