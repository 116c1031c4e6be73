//! The rendering of a notice as a line of content and an embed.

use serde::Serialize;

use super::{break_backticks, cost_in_code, fence, inline};
use crate::adapter::Notice;
use crate::adapter::code_span;
use crate::adapter::layout::{self, FieldText};
use crate::adapter::truncate::{self, code_points};
use crate::text::timestamp::Timestamp;

/// The headline in `content`. Its limit is 2,000, but a notification shows a line or two.
const HEADLINE: usize = 300;
/// The limit of a description.
const DESCRIPTION: usize = 4_096;
/// The limit of the number of fields, less one for the line about omitted fields.
const FIELDS: usize = 24;
/// The limit of a field's name and, in code, of its value.
const NAME: usize = 256;
const VALUE: usize = 1_024;
/// All fields together.
const ALL_FIELDS: usize = 2_400;
/// All links together, in two or three fields at most.
const ALL_LINKS: usize = 1_800;
/// Project and host, place and spans, each. A footer's limit is 2,048.
const LINE: usize = 400;
/// The trail; the file has the rest.
const TRAIL: usize = 1_200;
/// The limit of description, fields and footer over all embeds (Discord, "Embed Limits").
const EMBED: usize = 6_000;

#[derive(Serialize)]
pub(super) struct Embed {
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    color: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<EmbedField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    footer: Option<Footer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
}

impl Embed {
    fn is_empty(&self) -> bool {
        self.description.is_empty() && self.fields.is_empty() && self.footer.is_none()
    }
}

#[derive(Serialize)]
struct EmbedField {
    name: String,
    value: String,
    inline: bool,
}

impl EmbedField {
    fn length(&self) -> usize {
        self.name.chars().count() + self.value.chars().count()
    }
}

#[derive(Serialize)]
struct Footer {
    text: String,
}

/// Returns the content, the embed, and whether something was left out.
///
/// The content is the headline, which a notification shows. The embed has no title: reports
/// contradict each other whether markup is read there. A footer certainly has none.
pub(super) fn message(notice: &Notice) -> (String, Vec<Embed>, bool) {
    let mut opening = layout::split_message(notice, HEADLINE, code_points);
    let content = format!("{} {}", notice.emoji(), inline::escape(&opening.line));

    let links = links(notice);
    let (mut fields, mut whole) = fields(notice, FIELDS - links.len());
    fields.extend(links);
    whole &= layout::add_trail(&mut opening.block, notice, TRAIL, cost_in_code);
    let footer = footer(notice);
    let taken = footer.chars().count() + fields.iter().map(EmbedField::length).sum::<usize>();

    let trace = layout::backtrace(notice);
    // Two fences and the line feed between them.
    let fences = 2 * fence("").len() + 1;
    let room = usize::min(DESCRIPTION, EMBED.saturating_sub(taken)).saturating_sub(fences);
    let [body, shown] = truncate::share(room, [&opening.block, &trace], cost_in_code);
    whole &= body.len() == opening.block.len() && shown.len() == trace.len();
    let blocks = [body, shown].into_iter().filter(|text| !text.is_empty());
    let blocks = blocks.map(|text| fence(&text));

    let embed = Embed {
        description: blocks.collect::<Vec<_>>().join("\n"),
        color: layout::colour(notice.severity),
        fields,
        footer: (!footer.is_empty()).then_some(Footer { text: footer }),
        timestamp: layout::time(notice).map(Timestamp::rfc3339_millis),
    };
    // An embed without any text is refused (50035); the content then says everything.
    let embeds = (!embed.is_empty()).then_some(embed);
    (content, Vec::from_iter(embeds), !whole)
}

/// Returns a text as a code span: no markup, no link, no mention.
fn span(text: &str) -> String {
    code_span::code_span(&break_backticks(text))
}

/// Returns project and host, spans, place and fingerprint, which are small and beside the time; a
/// footer has no markup.
fn footer(notice: &Notice) -> String {
    let context = layout::context(notice);
    let spans = layout::spans(notice);
    let place = layout::joined([
        truncate::keep_start(&layout::place(notice), LINE, code_points),
        truncate::keep_start(&layout::fingerprint(notice), 32, code_points),
    ]);
    let lines = [
        truncate::keep_start(&context, LINE, code_points),
        truncate::keep_start(&spans, LINE, code_points),
        place.into(),
    ];
    let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Returns the fields, short ones side by side, and whether they are all there.
fn fields(notice: &Notice, most: usize) -> (Vec<EmbedField>, bool) {
    let (fields, whole) = layout::fields(notice, most, VALUE - 16, cost_in_code);
    let fields = fields.iter().map(embed_field);
    let mut shown = truncate::within(fields, ALL_FIELDS, EmbedField::length);
    let more = layout::more_fields(notice, shown.len());
    let whole = whole && more.is_none();
    shown.extend(more.map(|more| EmbedField {
        name: more,
        value: "in the file".to_owned(),
        inline: true,
    }));
    (shown, whole)
}

/// Returns the links, in as few fields as hold them: the footer, where the place is, has no markup.
fn links(notice: &Notice) -> Vec<EmbedField> {
    // No backslash escapes a square bracket in the text of a link.
    let name = |name: &str| inline::escape_at_start(&name.replace('[', "(").replace(']', ")"));
    let links = layout::links(notice, VALUE, ALL_LINKS, name, layout::markdown_url);
    let mut fields: Vec<EmbedField> = Vec::new();
    for link in links {
        let drawn = format!("[{}]({})", link.name, link.url);
        match fields.last_mut() {
            Some(last) if last.value.chars().count() + link.cost() <= VALUE => {
                last.value.push_str(" · ");
                last.value.push_str(&drawn);
            }
            _ => fields.push(EmbedField {
                name: "links".to_owned(),
                value: drawn,
                inline: false,
            }),
        }
    }
    fields
}

fn embed_field(field: &FieldText<'_>) -> EmbedField {
    let value = match &*field.value {
        // A value may not be empty.
        "" => span("\"\""),
        value if field.is_plain() => inline::escape_at_start(value),
        value if field.is_short() => span(value),
        value => fence(value),
    };
    let name = truncate::keep_start(&field.name, NAME, inline::cost);
    EmbedField {
        name: inline::escape_at_start(&name),
        value,
        inline: field.is_short(),
    }
}
