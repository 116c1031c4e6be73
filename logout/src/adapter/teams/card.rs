//! The rendering of a notice as an Adaptive Card.

use self::element::{
    Attachment, Card, Element, Mention, Message, OpenUrl, TeamsProperties, TextRun, User,
    code_block, cost, line, own_text, run, small, time, without_functions,
};
use crate::adapter::layout::{self, CardParts, LinkText};
use crate::adapter::{Form, Notice, ProblemState, Severity, truncate};

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

/// Returns the message of a notice, with a mention.
pub(super) fn message(notice: &Notice, form: Form, mention: Option<&str>) -> Message {
    match form {
        Form::Rich => rich(notice, mention),
        Form::Plain => envelope(plain(notice), Vec::new(), mention),
    }
}

fn rich(notice: &Notice, mention: Option<&str>) -> Message {
    let mut opening = layout::split_message(notice, HEAD, cost);
    layout::add_trail(&mut opening.block, notice, TRAIL, cost);
    if is_prose(notice, &opening.block) {
        // Before it is measured, since it becomes longer.
        opening.block = without_functions(&opening.block).into();
    }
    layout::card(notice, &opening, MESSAGE - AROUND_TEXTS, cost, |parts| {
        let mut buttons = links(notice).into_iter();
        // The card's own row, and further rows if there are more links.
        let actions = buttons.by_ref().take(BUTTONS).collect();
        let rows = std::iter::from_fn(|| {
            let actions: Vec<_> = buttons.by_ref().take(BUTTONS).collect();
            (!actions.is_empty()).then_some(Element::ActionSet { actions })
        });
        let rows: Vec<_> = rows.collect();
        let mut body = elements(parts);
        body.extend((!rows.is_empty()).then_some(Element::Container {
            style: "default",
            bleed: false,
            items: rows,
        }));
        envelope(body, actions, mention)
    })
}

fn elements(parts: &CardParts<'_>) -> Vec<Element> {
    let notice = parts.notice;
    let mut head = vec![line(TextRun {
        size: Some("Medium"),
        weight: Some("Bolder"),
        ..run(&parts.head)
    })];
    head.extend(small(&layout::context(notice)));
    let mut body = vec![Element::Container {
        style: style(notice),
        bleed: true,
        items: head,
    }];
    if is_prose(notice, &parts.block) {
        let lines = parts.block.lines();
        let lines = lines.filter(|text| !text.trim().is_empty());
        body.extend(lines.map(|text| line(run(text))));
    } else {
        body.extend(code_block(&parts.block));
    }
    body.extend(fields::fields(notice));
    body.extend(small(&layout::spans(notice)));
    let place = [layout::place(notice), layout::fingerprint(notice)];
    body.extend(small(&layout::joined(place)));
    body.extend(layout::time(notice).map(time));
    body.extend(code_block(&parts.backtrace));
    body
}

fn envelope(mut body: Vec<Element>, actions: Vec<OpenUrl>, mention: Option<&str>) -> Message {
    let call = mention.map(|user| format!("<at>{user}</at>"));
    if let Some(call) = &call {
        // The first element is the headline.
        let at = usize::min(1, body.len());
        body.insert(at, own_text(call.clone()));
    }
    let entities = mention.zip(call).map(|(user, text)| Mention {
        r#type: "mention",
        text,
        mentioned: User {
            id: user.to_owned(),
            name: user.to_owned(),
        },
    });
    Message {
        r#type: "message",
        attachments: [Attachment {
            content_type: "application/vnd.microsoft.card.adaptive",
            content_url: None,
            content: Card {
                schema: "http://adaptivecards.io/schemas/adaptive-card.json",
                r#type: "AdaptiveCard",
                version: "1.2",
                msteams: TeamsProperties {
                    width: "full",
                    entities: Vec::from_iter(entities),
                },
                body,
                actions,
            },
        }],
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

/// Returns the links as buttons.
fn links(notice: &Notice) -> Vec<OpenUrl> {
    let links = layout::links(notice, ALL_LINKS, ALL_LINKS, str::to_owned, str::to_owned);
    let button = |link: LinkText| OpenUrl {
        r#type: "Action.OpenUrl",
        title: link.name,
        url: link.url,
    };
    links.into_iter().map(button).collect()
}

/// Returns the whole notice as lines of raw text, a block each.
fn plain(notice: &Notice) -> Vec<Element> {
    let text = layout::plain(notice);
    let text = truncate::keep_both_ends(&text, PLAIN, cost);
    let mut lines = text.lines().filter(|text| !text.trim().is_empty());
    let mut elements: Vec<_> = lines
        .by_ref()
        .take(PLAIN_LINES - 1)
        .map(|text| line(run(text)))
        .collect();
    let rest: Vec<_> = lines.map(str::trim).collect();
    if !rest.is_empty() {
        elements.push(line(run(&rest.join(" · "))));
    }
    elements
}
