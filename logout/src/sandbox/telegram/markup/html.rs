//! `parse_mode: HTML`.

use super::super::styled::{Styled, check_format};
use super::{OpenEntity, Parsed};

/// The tags that Telegram knows, and what they make.
const TAGS: [(&str, &str); 17] = [
    ("a", "text_link"),
    ("b", "bold"),
    ("strong", "bold"),
    ("i", "italic"),
    ("em", "italic"),
    ("s", "strikethrough"),
    ("strike", "strikethrough"),
    ("del", "strikethrough"),
    ("u", "underline"),
    ("ins", "underline"),
    ("tg-spoiler", "spoiler"),
    ("span", "spoiler"),
    ("tg-emoji", "custom_emoji"),
    ("tg-time", "date_time"),
    ("pre", "pre"),
    ("code", "code"),
    ("blockquote", "blockquote"),
];

/// A tag as it stands in the text.
struct HtmlTag<'t> {
    name: String,
    attributes: &'t str,
    is_end: bool,
    behind: &'t str,
}

pub(in super::super) fn html(raw: &str) -> Parsed {
    let mut styled = Styled::default();
    let mut open: Vec<(String, OpenEntity)> = Vec::new();
    let mut rest = raw;
    while let Some(sign) = rest.chars().next() {
        let at = raw.len() - rest.len();
        match sign {
            '<' => {
                let tag = tag(rest);
                rest = tag.behind;
                if tag.is_end {
                    end(&mut styled, &mut open, &tag, at)?;
                } else {
                    let begun = begin(&styled, &tag, at)?;
                    open.push((tag.name, begun));
                }
            }
            '&' => {
                let (text, behind) = reference(rest);
                styled.text.push_str(&text);
                rest = behind;
            }
            _ => {
                styled.text.push(sign);
                rest = rest.get(sign.len_utf8()..).unwrap_or_default();
            }
        }
    }
    match open.pop() {
        Some((name, _)) => Err(format!(
            "Can't find end tag corresponding to start tag \"{name}\""
        )),
        None => Ok(merged(styled)),
    }
}

/// Reads the tag at the beginning of `text`. A name ends at a blank or at `>`, attributes at the
/// next `>` outside of quotes.
fn tag(text: &str) -> HtmlTag<'_> {
    let inner = text.get(1..).unwrap_or_default();
    let (is_end, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let ends = |sign: char| sign.is_whitespace() || sign == '>';
    let (name, after) = inner.split_at(inner.find(ends).unwrap_or(inner.len()));
    let mut quote = None;
    let close = after.char_indices().find(|(_, sign)| {
        match quote {
            Some(open) if open == *sign => quote = None,
            None if *sign == '"' || *sign == '\'' => quote = Some(*sign),
            _ => {}
        }
        quote.is_none() && *sign == '>'
    });
    let (attributes, behind) = match close {
        Some((index, _)) => (
            after.get(..index).unwrap_or_default(),
            after.get(index + 1..).unwrap_or_default(),
        ),
        None => (after, ""),
    };
    HtmlTag {
        name: name.to_ascii_lowercase(),
        attributes,
        is_end,
        behind,
    }
}

fn begin(styled: &Styled, tag: &HtmlTag<'_>, at: usize) -> Result<OpenEntity, String> {
    let unsupported = || format!("Unsupported start tag \"{}\" at byte offset {at}", tag.name);
    let known = TAGS.iter().find(|(name, _)| *name == tag.name);
    let (name, kind) = known.ok_or_else(unsupported)?;
    let mut open = styled.open(kind, at);
    match *name {
        "span" if attribute(tag.attributes, "class").as_deref() != Some("tg-spoiler") => {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"
            ));
        }
        "tg-time" => {
            let unix_time = attribute(tag.attributes, "unix");
            open.entity.unix_time = unix_time.and_then(|text| text.parse().ok());
            let format = attribute(tag.attributes, "format").unwrap_or_default();
            check_format(&format)?;
            open.entity.date_time_format = Some(format);
        }
        "a" => open.entity.url = attribute(tag.attributes, "href"),
        "code" | "pre" => {
            let class = attribute(tag.attributes, "class").unwrap_or_default();
            open.entity.language = class.strip_prefix("language-").map(str::to_owned);
        }
        "blockquote"
            if tag
                .attributes
                .split_whitespace()
                .any(|name| name == "expandable") =>
        {
            open.kind = "expandable_blockquote";
        }
        _ => {}
    }
    Ok(open)
}

fn end(
    styled: &mut Styled,
    open: &mut Vec<(String, OpenEntity)>,
    tag: &HtmlTag<'_>,
    at: usize,
) -> Result<(), String> {
    let Some((name, begun)) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {at}"));
    };
    if !tag.name.is_empty() && tag.name != name {
        return Err(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{name}>\", found \"</{}>\"",
            tag.name
        ));
    }
    // A link without a target is plain text.
    if begun.kind != "text_link" || begun.entity.url.is_some() {
        styled.close(begun);
    }
    Ok(())
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((key, value)) = rest.split_once('=') {
        let value = value.trim_start();
        let (text, behind) = match value.chars().next().filter(|sign| "\"'".contains(*sign)) {
            Some(quote) => value.get(1..)?.split_once(quote)?,
            None => value.split_once(' ').unwrap_or((value, "")),
        };
        let key = key.split_whitespace().last().unwrap_or_default();
        if key.eq_ignore_ascii_case(name) {
            return Some(unreferenced(text));
        }
        rest = behind;
    }
    None
}

fn unreferenced(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(index) = rest.find('&') {
        let (before, from) = rest.split_at(index);
        plain.push_str(before);
        let (text, behind) = reference(from);
        plain.push_str(&text);
        rest = behind;
    }
    plain + rest
}

/// Returns what the `&...;` at the beginning of `text` stands for; any but these is text.
fn reference(text: &str) -> (String, &str) {
    let as_it_is = || ("&".to_owned(), text.get(1..).unwrap_or_default());
    let inner = text.get(1..).unwrap_or_default();
    let ends = |sign: char| !sign.is_ascii_alphanumeric() && sign != '#';
    let (name, behind) = inner.split_at(inner.find(ends).unwrap_or(inner.len()));
    let number = name
        .strip_prefix('#')
        .and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        });
    let sign = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        _ => number.and_then(char::from_u32).filter(|sign| *sign != '\0'),
    };
    match sign {
        Some(sign) => (sign.to_string(), behind.strip_prefix(';').unwrap_or(behind)),
        None => as_it_is(),
    }
}

/// Merges a `code` into its `pre`: one that fills a `pre` is only there to name its language.
fn merged(mut styled: Styled) -> Styled {
    let codes: Vec<_> = styled
        .entities
        .iter()
        .filter(|entity| entity.kind == "code")
        .cloned()
        .collect();
    for code in codes {
        let fills = |offset: usize, length: usize| (offset, length) == (code.offset, code.length);
        let pre = styled
            .entities
            .iter_mut()
            .find(|entity| entity.kind == "pre" && fills(entity.offset, entity.length));
        if let Some(pre) = pre {
            pre.language = pre.language.take().or_else(|| code.language.clone());
            styled
                .entities
                .retain(|entity| entity.kind != "code" || !fills(entity.offset, entity.length));
        }
    }
    for entity in &mut styled.entities {
        if entity.kind == "code" {
            entity.language = None;
        }
    }
    styled
}
