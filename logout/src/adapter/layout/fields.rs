//! The fields of a notice that fit.

use std::borrow::Cow;

use super::{SEPARATOR, add_line};
use crate::adapter::truncate::{self, Cost};
use crate::adapter::{Notice, visible_text};

/// A field, cleaned and bounded.
pub(in crate::adapter) struct FieldText<'n> {
    pub(in crate::adapter) name: Cow<'n, str>,
    pub(in crate::adapter) value: Cow<'n, str>,
}

impl FieldText<'_> {
    /// Returns whether it is shown beside others; a long one, or one of several lines, gets a
    /// block.
    pub(in crate::adapter) fn is_short(&self) -> bool {
        !self.value.contains('\n') && self.value.chars().count() <= SHORT
    }

    /// Returns whether its value reads well as plain text, so that its end is clear without code
    /// around it.
    pub(in crate::adapter) fn is_plain(&self) -> bool {
        let value = &*self.value;
        (1..=PLAIN).contains(&value.chars().count())
            && !value.starts_with(char::is_whitespace)
            && !value.ends_with(char::is_whitespace)
            && !value.contains('\n')
            // Pair by pair, since a substring search has more set-up cost than so short a text.
            && !value.as_bytes().windows(2).any(|pair| pair == b"  ")
            && (value.is_ascii() || !value.contains(SEPARATOR))
    }
}

/// The longest value that is shown beside others, in code points: about two lines of a phone.
const SHORT: usize = 60;

/// The longest value that is shown as plain text, in code points: about a line of a phone.
const PLAIN: usize = 40;

/// Returns the fields, at most `most`, each value within `budget`, and whether those are all.
pub(in crate::adapter) fn fields(
    notice: &Notice,
    most: usize,
    budget: usize,
    cost: Cost,
) -> (Vec<FieldText<'_>>, bool) {
    let mut whole = notice.fields.len() <= most;
    let fields = notice.fields.iter().take(most).map(|field| {
        let name = match visible_text::one_line(&field.name) {
            empty if empty.is_empty() => "field".into(),
            name => name,
        };
        let cleaned = visible_text::make_visible(&field.value);
        let cleaned = visible_text::part(cleaned, |value| super::trim_lines(value).into());
        let length = cleaned.len();
        let value = visible_text::part(cleaned, |value| {
            truncate::keep_both_ends(value, budget, cost)
        });
        whole &= value.len() == length;
        let name = visible_text::part(name, |name| truncate::keep_start(name, budget / 4, cost));
        FieldText { name, value }
    });
    let fields: Vec<_> = fields.collect();
    (fields, whole)
}

/// Returns how many fields are not shown, as a line of its own: `… and 3 more fields`.
pub(in crate::adapter) fn more_fields(notice: &Notice, shown: usize) -> Option<String> {
    match notice.fields.len().saturating_sub(shown) {
        0 => None,
        1 => Some("… and 1 more field".to_owned()),
        more => Some(format!(
            "… and {} more fields",
            crate::text::human::format_count(more as u64)
        )),
    }
}

/// Returns the fields that fit together, where each costs `around` in addition to name and value.
pub(in crate::adapter) fn fields_within<'n>(
    mut fields: Vec<FieldText<'n>>,
    room: usize,
    around: usize,
    cost: Cost,
) -> Vec<FieldText<'n>> {
    let mut room = room;
    fields.retain(|field| {
        let texts = [&field.name, &field.value].map(|text| truncate::total_cost(text, cost));
        let price = texts.iter().sum::<usize>() + around;
        let fits = price <= room;
        room -= if fits { price } else { 0 };
        fits
    });
    fields
}

/// Returns the short `fields` in one line, and below it the others, each in a line or a block of
/// its own, as `write` writes them and as far as they fit in `room`; and whether all of them do.
pub(in crate::adapter) fn field_lines(
    notice: &Notice,
    (fields, mut whole): (Vec<FieldText<'_>>, bool),
    room: usize,
    cost: Cost,
    write: fn(&FieldText<'_>) -> String,
) -> (String, bool) {
    let items = fields.iter().map(|field| (field.is_short(), write(field)));
    let shown = truncate::within(items, room, |(_, item)| {
        truncate::total_cost(item, cost) + SEPARATOR.len()
    });
    let more = more_fields(notice, shown.len());
    whole &= more.is_none();
    let (mut beside, mut below) = (Vec::new(), String::new());
    for (is_short, item) in shown {
        match is_short {
            true => beside.push(item),
            false => add_line(&mut below, &item),
        }
    }
    beside.extend(more);
    let mut all = beside.join(SEPARATOR);
    add_line(&mut all, &below);
    (all, whole)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::{field_lines, fields, fields_within};
    use crate::adapter::truncate::code_points;
    use crate::adapter::{Notice, NoticeField};

    fn notice() -> Notice {
        let mut notice = Notice::new(Level::ERROR, "x");
        let long = "y".repeat(80);
        notice.fields = [("a", "1"), ("b", &long), ("c", "3"), ("d", "4")]
            .map(|(name, value)| NoticeField::new(name, value))
            .into();
        notice
    }

    #[test]
    fn short_fields_share_a_line_and_what_finds_no_room_is_counted() {
        let notice = notice();
        let all = fields(&notice, 10, 100, code_points);
        let write = |field: &super::FieldText<'_>| format!("{} {}", field.name, field.value);
        let (lines, whole) = field_lines(&notice, all, 100, code_points, write);
        let expected = format!("a 1 · c 3 · … and 1 more field\nb {}", "y".repeat(80));
        assert_eq!((lines, whole), (expected, false));
    }

    #[test]
    fn a_field_without_room_leaves_it_to_the_next() {
        let notice = notice();
        let (all, _) = fields(&notice, 10, 100, code_points);
        let names: Vec<_> = fields_within(all, 11, 2, code_points)
            .into_iter()
            .map(|field| field.name)
            .collect();
        assert_eq!(names, ["a", "c"]);
    }
}
