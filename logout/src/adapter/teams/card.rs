//! The rendering of a notice as an Adaptive Card.

use self::element::{
    Style, actions, call, code_block, container, line, small_text, time, without_functions,
};
use crate::adapter::layout::{self, CardParts, LinkText};
use crate::adapter::truncate::{self, json_bytes as cost};
use crate::adapter::{Form, Notice, ProblemState, Severity};
use crate::transport::Request;
use crate::transport::request::JsonWriter;

mod element;
mod fields;

/// The longest message, in bytes of its JSON. Teams allows 28,672 bytes of "message properties",
/// including its own wrapping: 24,453 bytes as sent were 28,897 there (msteams-docs issue 11274),
/// and text outside ASCII is said to grow more (issue 8539).
const MESSAGE: usize = 20_000;

/// The headline.
const HEAD: usize = 500;
/// All links together.
const ALL_LINKS: usize = 3_000;
/// The most buttons of a row: Teams shows no more than six of one set.
const BUTTONS: usize = 6;
const TRAIL: usize = 2_000;
/// The JSON around the two texts of any length: two blocks of code, or a block for each of three
/// lines.
const AROUND_TEXTS: usize = 320;
/// The lines of the plain form. Each is a block, as nothing else breaks lines in every app.
const PLAIN_LINES: usize = 60;
const PLAIN: usize = 10_000;

/// Makes the message of a notice the body; `mention` is who it calls.
pub(super) fn write(notice: &Notice, form: Form, mention: Option<&str>, request: &mut Request) {
    match form {
        Form::Rich => write_rich(notice, mention, request),
        Form::Plain => write_plain(notice, mention, request),
    }
}

fn write_rich(notice: &Notice, mention: Option<&str>, request: &mut Request) {
    let mut opening = layout::split_message(notice, HEAD, cost);
    layout::add_trail(&mut opening.block, notice, TRAIL, cost);
    if is_prose(notice, &opening.block) {
        // Before it is measured, since it becomes longer.
        opening.block = without_functions(&opening.block).into();
    }
    let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
    // The card's own row, and further rows if there are more links.
    let (row, rows) = links.split_at_checked(BUTTONS).unwrap_or((&links, &[]));
    let most = MESSAGE - AROUND_TEXTS;
    layout::write_card(notice, &opening, most, cost, request, |parts, json| {
        write_message(json, mention, row, |json| {
            head(parts, json);
            if let Some(user) = mention {
                call(json, user);
            }
            below(parts, json);
            if !rows.is_empty() {
                container(json, "default", false, |json| {
                    for row in rows.chunks(BUTTONS) {
                        json.typed("ActionSet", |json| actions(json, row));
                    }
                });
            }
        });
    });
}

fn head(parts: &CardParts<'_>, json: &mut JsonWriter<'_>) {
    container(json, style(parts.notice), true, |json| {
        line(json, &parts.head, Style::Head);
        small_text(json, &layout::context(parts.notice));
    });
}

fn below(parts: &CardParts<'_>, json: &mut JsonWriter<'_>) {
    let notice = parts.notice;
    if is_prose(notice, &parts.block) {
        for text in parts.block.lines().filter(|text| !text.trim().is_empty()) {
            line(json, text, Style::Plain);
        }
    } else {
        code_block(json, &parts.block);
    }
    fields::fields(json, notice);
    small_text(json, &layout::spans(notice));
    let place = [layout::place(notice), layout::fingerprint(notice)];
    small_text(json, &layout::joined(place));
    if let Some(moment) = layout::time(notice) {
        time(json, moment);
    }
    code_block(json, &parts.backtrace);
}

/// Writes the message around the elements that `body` writes.
fn write_message(
    json: &mut JsonWriter<'_>,
    mention: Option<&str>,
    links: &[LinkText],
    body: impl FnOnce(&mut JsonWriter<'_>),
) {
    json.typed("message", |json| {
        json.name("attachments").array(|json| {
            json.object(|json| {
                json.name("contentType")
                    .text("application/vnd.microsoft.card.adaptive");
                // Sent, because the schema of a flow's trigger names it.
                json.name("contentUrl").null();
                json.name("content")
                    .object(|json| write_card(json, mention, links, body));
            });
        });
    });
}

fn write_card(
    json: &mut JsonWriter<'_>,
    mention: Option<&str>,
    links: &[LinkText],
    body: impl FnOnce(&mut JsonWriter<'_>),
) {
    json.name("$schema")
        .text("http://adaptivecards.io/schemas/adaptive-card.json");
    json.name("type").text("AdaptiveCard");
    json.name("version").text("1.2");
    json.name("msteams").object(|json| {
        json.name("width").text("full");
        // Without it no text of a card rings (Microsoft, "Format cards in Teams", "Mention support").
        if let Some(user) = mention {
            json.name("entities")
                .array(|json| element::mention(json, user));
        }
    });
    json.name("body").array(body);
    if !links.is_empty() {
        actions(json, links);
    }
}

/// Returns whether the block below the headline is text and not code, which is at most three lines.
fn is_prose(notice: &Notice, block: &str) -> bool {
    layout::is_prose(notice, block) && block.lines().count() <= 3
}

/// Returns the colour of the card's head, by its name in Adaptive Cards.
fn style(notice: &Notice) -> &'static str {
    match notice.severity {
        _ if notice.state == ProblemState::Quiet => "good",
        Severity::Panic | Severity::Error => "attention",
        Severity::Warn => "warning",
        Severity::Info => "accent",
        _ => "emphasis",
    }
}

/// Writes the whole notice as lines of raw text, of which each is a block.
fn write_plain(notice: &Notice, mention: Option<&str>, request: &mut Request) {
    let text = layout::plain(notice);
    let text = truncate::keep_both_ends(&text, PLAIN, cost);
    let mut lines = text.lines().filter(|text| !text.trim().is_empty());
    let shown: Vec<_> = lines.by_ref().take(PLAIN_LINES - 1).collect();
    let rest: Vec<_> = lines.map(str::trim).collect();
    request.write_json(|json| {
        write_message(json, mention, &[], |json| {
            for (index, text) in shown.into_iter().enumerate() {
                line(json, text, Style::Plain);
                // The first is the headline.
                if let (0, Some(user)) = (index, mention) {
                    call(json, user);
                }
            }
            if !rest.is_empty() {
                line(json, &rest.join(" · "), Style::Plain);
            }
        });
    });
}
