//! The rendering of a notice as text with entities.
//!
//! There is no markup to escape: entities say by offset what is bold and what is code. Inside code
//! nothing becomes a mention, a link, a tag or a command; log text outside of it has none of them
//! ([`auto_links`]). The server cleans a text before it reads the entities (tdlib, `clean_input_string`
//! and `fix_formatted_text`); what it would remove is removed here, so that no offset shifts.

use std::borrow::Cow;

use super::auto_links;
use super::entity_text::{EntityText, EntityTextBuilder, is_removed, without_removed};
use crate::adapter::Notice;
use crate::adapter::layout::{self, FieldText, LinkText};
use crate::adapter::truncate::{self, code_points};
use crate::text::timestamp::Timestamp;

/// The limit of a message, in code points. At 4 bytes each it cannot reach the other limit of
/// 32,768 bytes.
const MESSAGE: usize = 4_096;
const HEADLINE: usize = 400;
/// Context, place and spans, each.
const LINE: usize = 300;
const FIELDS: usize = 20;
const FIELD: usize = 300;
/// All fields together.
const ALL_FIELDS: usize = 1_200;
/// All links together; no documented limit counts their addresses.
const ALL_LINKS: usize = 8_000;
/// The counted entities below the fields, except links: spans, place, fingerprint, and a
/// backtrace's two.
const BELOW: usize = 5;
/// Those of a trail.
const OF_TRAIL: usize = 2;
/// The trail; the file has the rest.
const TRAIL: usize = 1_200;
/// The room for the text of the event before the trail gets any.
const BODY: usize = 1_000;

/// Renders everything in one block of code, without `date_time`, which an older server may refuse.
pub(super) fn plain(notice: &Notice) -> EntityText {
    let mut text = EntityTextBuilder::default();
    let whole = layout::plain(notice);
    let kept = truncate::keep_both_ends(&whole, MESSAGE - 8, code_points);
    text.line("pre", &kept);
    text.finish(false)
}

pub(super) fn rich(notice: &Notice, mention: Option<String>) -> EntityText {
    let opening = layout::split_message(notice, HEADLINE, code_points);
    let trace = layout::backtrace(notice);
    let foot = Foot::of(notice);
    let fields = LaidOutFields::of(notice);
    let mut text = EntityTextBuilder::of_usual_size();
    open(&mut text, notice, &opening.line, mention);

    let (body_length, trace_length) = (opening.block.chars().count(), trace.chars().count());
    let taken = text.code_points + fields.cost() + foot.cost();
    let room = MESSAGE.saturating_sub(taken + 16);
    let for_trail = layout::trail_budget(TRAIL, room, body_length.min(BODY));
    let trail = layout::trail(notice, for_trail, code_points);
    let led = trail.as_ref().map_or_else(String::new, |trail| {
        [trail.title, "\n", &trail.text].concat()
    });
    let led = led.trim();
    let trail_cost = match led.chars().count() {
        0 => 0,
        length => length + 1,
    };
    let room = room.saturating_sub(trail_cost);
    let (for_body, for_trace) = truncate::share_room(room, body_length, trace_length);

    let body = truncate::keep_both_ends(&opening.block, for_body, code_points);
    if notice.problems.is_empty() && !layout::is_prose(notice, &body) {
        text.line("pre", &body);
    } else {
        let of_trail = if led.is_empty() { 0 } else { OF_TRAIL };
        let below = fields.most_code() + foot.links.len() + BELOW + of_trail;
        text.lines(&body, below);
    }
    text.folded(led);
    fields.write(&mut text);
    foot.write(&mut text);
    text.folded(&truncate::keep_both_ends(&trace, for_trace, code_points));
    let whole = fields.whole && trail.is_none_or(|trail| trail.whole);
    text.finish(!whole || for_body < body_length || for_trace < trace_length)
}

/// Adds the headline, then the mention, project and host.
fn open(text: &mut EntityTextBuilder, notice: &Notice, headline: &str, mention: Option<String>) {
    text.push(notice.emoji());
    text.push(" ");
    let headline = without_removed(headline);
    match headline.trim() {
        "" => text.push(notice.severity.as_str()),
        headline => text.push_inline(headline, Some("bold")),
    }
    let context = layout::context(notice);
    let context = truncate::keep_start(&context, LINE, code_points);
    let mut apart = "\n";
    if let Some(mention) = mention {
        text.push(apart);
        text.push(&mention);
        apart = " · ";
    }
    if !context.trim().is_empty() {
        text.push(apart);
        text.push_inline(&context, None);
    }
}

/// The fields that are shown: the short ones beside each other, each long one in a block.
struct LaidOutFields<'n> {
    short: Vec<FieldText<'n>>,
    long: Vec<FieldText<'n>>,
    more: Option<String>,
    /// Whether that is all of them.
    whole: bool,
}

impl<'n> LaidOutFields<'n> {
    fn of(notice: &'n Notice) -> Self {
        let (fields, mut whole) = layout::fields(notice, FIELDS, FIELD, code_points);
        let mut shown = truncate::within(fields, ALL_FIELDS, cost);
        for field in &mut shown {
            for text in [&mut field.name, &mut field.value] {
                if let Cow::Owned(_) = without_removed(text) {
                    text.to_mut().retain(|c| !is_removed(c));
                }
            }
            if field.name.trim().is_empty() {
                field.name = "field".into();
            }
        }
        let more = layout::more_fields(notice, shown.len());
        whole &= more.is_none();
        let (short, long) = shown.into_iter().partition(FieldText::is_short);
        Self {
            short,
            long,
            more,
            whole,
        }
    }

    fn cost(&self) -> usize {
        let fields = self.short.iter().chain(&self.long).map(cost);
        let more = self.more.iter().map(|more| more.chars().count() + 3);
        fields.chain(more).sum()
    }

    /// Returns the most entities of code that they take: a name and a value each.
    fn most_code(&self) -> usize {
        2 * (self.short.len() + self.long.len())
    }

    fn write(&self, text: &mut EntityTextBuilder) {
        let mut apart = "\n";
        for field in &self.short {
            text.push(apart);
            apart = " · ";
            text.push_field(field);
        }
        if let Some(more) = &self.more {
            text.push(apart);
            text.push(more);
        }
        for field in &self.long {
            text.push("\n");
            text.push_name(&field.name, !auto_links::code_runs(&field.name).is_empty());
            text.line("pre", &field.value);
        }
    }
}

/// Returns the cost of a field with its separator.
fn cost(field: &FieldText<'_>) -> usize {
    field.name.chars().count() + field.value.chars().count() + 6
}

/// The foot of a message: links, place and time.
struct Foot {
    spans: String,
    links: Vec<LinkText>,
    place: String,
    fingerprint: String,
    time: Option<Timestamp>,
}

impl Foot {
    fn of(notice: &Notice) -> Self {
        let shortened = |text: String, most| {
            let other = {
                let kept = without_removed(&text);
                let kept = truncate::keep_start(kept.trim(), most, code_points);
                (*kept != *text).then(|| kept.into_owned())
            };
            other.unwrap_or(text)
        };
        let name = |name: &str| without_removed(name).trim().to_owned();
        Self {
            spans: shortened(layout::spans(notice), LINE),
            links: layout::links(notice, ALL_LINKS, ALL_LINKS, name, str::to_owned),
            place: shortened(layout::place(notice), LINE),
            fingerprint: shortened(layout::fingerprint(notice), 32),
            time: layout::time(notice),
        }
    }

    fn cost(&self) -> usize {
        let parts = [&self.spans, &self.place, &self.fingerprint];
        let parts = parts.map(|part| part.chars().count() + 3);
        let links = self.links.iter().map(|link| link.name.chars().count() + 3);
        parts.iter().sum::<usize>() + links.sum::<usize>() + "2026-11-28 12:04:31 UTC".len()
    }

    fn write(&self, text: &mut EntityTextBuilder) {
        text.line("code", &self.spans);
        let mut apart = "\n";
        for link in &self.links {
            text.push(apart);
            text.push_link(link);
            apart = " · ";
        }
        apart = "\n";
        for part in [&self.place, &self.fingerprint] {
            if !part.is_empty() {
                text.push(apart);
                text.push_as("code", part);
                apart = " · ";
            }
        }
        if let Some(time) = self.time {
            text.push(apart);
            text.push_time(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
    use tracing::Level;

    use super::{EntityText, is_removed, rich};
    use crate::adapter::telegram::entity_text::CODE;
    use crate::adapter::{Notice, NoticeField, NoticeProblem};

    fn notice(headline: &str) -> Notice {
        let mut notice = Notice::new(Level::ERROR, headline);
        notice.time = std::time::UNIX_EPOCH - std::time::Duration::from_secs(1);
        notice
    }

    /// Returns the texts of the entities with their kinds.
    fn styled(message: &EntityText) -> Vec<(&'static str, String)> {
        let units: Vec<u16> = message.text.encode_utf16().collect();
        let entities = message.entities.iter().map(|entity| {
            let units = &units[entity.offset..entity.offset + entity.length];
            (entity.kind, String::from_utf16(units).unwrap())
        });
        entities.collect()
    }

    fn texts<'t>(styled: &'t [(&'static str, String)]) -> Vec<(&'static str, &'t str)> {
        let texts = styled.iter().map(|(kind, text)| (*kind, text.as_str()));
        texts.collect()
    }

    #[test]
    fn offsets_are_in_utf_16_and_the_limit_in_code_points() {
        let mut notice = notice("🔥🔥");
        notice.body = "😀".repeat(5_000);
        let message = rich(&notice, None);
        let length = message.text.chars().count();
        assert!((4_000..=4_096).contains(&length), "{length}");
        assert!(message.cut);
        assert_eq!(message.entities[0].offset, 3);
        assert_eq!(message.entities[0].length, 4);
        assert_eq!(message.entities[1].offset, 8);
    }

    #[test]
    fn the_first_line_is_bold_around_code() {
        let message = rich(&notice("GET /health failed: see (main.rs)."), None);
        assert_eq!(message.text, "🔥 GET /health failed: see (main.rs).");
        assert_eq!(
            texts(&styled(&message)),
            [
                ("bold", "GET"),
                ("code", "/health"),
                ("bold", "failed: see ("),
                ("code", "main.rs"),
                ("bold", ").")
            ]
        );
    }

    #[test]
    fn a_line_of_many_runs_is_code_as_a_whole() {
        let line = "a.rs b.rs c.rs d.rs e.rs f.rs g.rs h.rs i.rs failed";
        assert_eq!(texts(&styled(&rich(&notice(line), None))), [("code", line)]);
    }

    #[test]
    fn what_the_server_would_remove_leaves_no_empty_line() {
        let message = rich(&notice("\u{30a}"), None);
        assert_eq!(message.text, "🔥 ERROR");
    }

    #[test]
    fn a_value_is_plain_unless_it_would_come_alive() {
        let mut notice = notice("x");
        notice.fields = [
            ("order", "42"),
            ("host", "web-7.acme.dev"),
            ("http.status", "500"),
            ("empty", ""),
            ("path", "a  b"),
            ("41111111", "11111111"),
        ]
        .map(|(name, value)| NoticeField::new(name, value))
        .to_vec();
        let message = rich(&notice, None);
        assert_eq!(
            message.text,
            "🔥 x\norder 42 · host web-7.acme.dev · http.status 500 · empty \"\" · path a  b · 41111111 11111111"
        );
        assert_eq!(
            texts(&styled(&message)),
            [
                ("bold", "x"),
                ("bold", "order"),
                ("bold", "host"),
                ("code", "web-7.acme.dev"),
                ("code", "http.status"),
                ("bold", "empty"),
                ("code", "\"\""),
                ("bold", "path"),
                ("code", "a  b"),
                ("code", "41111111"),
                ("code", "11111111")
            ]
        );
    }

    #[test]
    fn a_digest_of_many_files_ends_in_one_block() {
        let mut notice = notice("storm");
        notice.problems = vec![NoticeProblem::new("3fa9c1", "storm")];
        let lines = (0..60).map(|line| format!("🔥 ×{line} a.rs and b.rs"));
        notice.body = lines.collect::<Vec<_>>().join("\n");
        let message = rich(&notice, None);
        let styled = styled(&message);
        let code = styled.iter().filter(|(kind, _)| *kind != "bold").count();
        assert!((80..=CODE).contains(&code), "{code}");
        let (last, block) = styled.last().unwrap();
        assert_eq!(*last, "pre");
        assert!(block.starts_with("🔥 ×42 a.rs") && block.ends_with("×59 a.rs and b.rs"));
        assert!(message.text.ends_with(&notice.body));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn entities_are_in_order_and_apart_and_the_text_is_the_logs(
            line in "([ \u{a0}a-c1-9@#$/.:()\"…\u{438}\u{30a}🔥-]|\\PC){1,60}",
        ) {
            let mut notice = notice(&line);
            notice.problems = vec![NoticeProblem::new("3fa9c1", "storm")];
            notice.body = format!("-{line}\n-");
            let message = rich(&notice, None);
            let visible = crate::text::visible::make_visible(&line).replace(is_removed, "");
            let body = format!("\n-{}\n-", visible.trim_end_matches('\n'));
            prop_assert!(message.text.ends_with(&body), "{}", message.text);
            let mut end = 0;
            for entity in &message.entities {
                prop_assert!(entity.offset >= end && entity.length > 0);
                end = entity.offset + entity.length;
            }
            for (_, text) in styled(&message) {
                prop_assert_eq!(text.trim(), &text);
            }
        }
    }
}
