use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tracing::field::{Field, Visit};
use tracing::metadata::Kind;
use tracing::{Level, Metadata, callsite};

use super::encoding::{self, ByIndex, ByName, Encoder};
use super::reader::Reader;
use super::{Event, EventView, LineView, Value, encoded_lines};

struct CallSite;

static CALL_SITE: CallSite = CallSite;
pub(crate) static METADATA: Metadata<'static> = Metadata::new(
    "event src/pay.rs:7",
    "shop::pay",
    Level::WARN,
    Some("src/pay.rs"),
    Some(7),
    Some("shop::pay"),
    tracing::field::FieldSet::new(&["a", "b", "c"], callsite::Identifier(&CALL_SITE)),
    Kind::EVENT,
);

pub(crate) static SPAN: Metadata<'static> = Metadata::new(
    "span",
    "shop::pay",
    Level::INFO,
    None,
    None,
    None,
    tracing::field::FieldSet::new(&["fingerprint", "region"], callsite::Identifier(&CALL_SITE)),
    Kind::SPAN,
);

impl tracing::Callsite for CallSite {
    fn set_interest(&self, _: tracing::subscriber::Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}

pub(crate) fn field(index: usize) -> Field {
    METADATA.fields().iter().nth(index).unwrap()
}

/// A value to be encoded.
#[derive(Clone, Debug)]
enum Given {
    Str(String),
    Text(String),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Bool(bool),
    Error(String),
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        any::<String>().prop_map(Given::Str),
        any::<String>().prop_map(Given::Text),
        any::<i64>().prop_map(Given::I64),
        any::<u64>().prop_map(Given::U64),
        any::<i128>().prop_map(Given::I128),
        any::<u128>().prop_map(Given::U128),
        any::<f64>().prop_map(Given::F64),
        any::<bool>().prop_map(Given::Bool),
        any::<String>().prop_map(Given::Error),
    ]
}

fn encode(visitor: &mut impl Visit, field: &Field, given: &Given) {
    match given {
        Given::Str(text) => visitor.record_str(field, text),
        Given::Text(text) => visitor.record_debug(field, &format_args!("{text}")),
        Given::I64(number) => visitor.record_i64(field, *number),
        Given::U64(number) => visitor.record_u64(field, *number),
        Given::I128(number) => visitor.record_i128(field, *number),
        Given::U128(number) => visitor.record_u128(field, *number),
        Given::F64(number) => visitor.record_f64(field, *number),
        Given::Bool(truth) => visitor.record_bool(field, *truth),
        Given::Error(text) => visitor.record_error(field, &std::io::Error::other(text.as_str())),
    }
}

fn is_same(given: &Given, value: Value<'_>) -> bool {
    match (given, value) {
        (Given::Str(text), Value::Str(read)) | (Given::Text(text), Value::Text(read)) => {
            text == read
        }
        (Given::I64(number), Value::I64(read)) => *number == read,
        (Given::U64(number), Value::U64(read)) => *number == read,
        (Given::I128(number), Value::I128(read)) => *number == read,
        (Given::U128(number), Value::U128(read)) => *number == read,
        (Given::F64(number), Value::F64(read)) => number.to_bits() == read.to_bits(),
        (Given::Bool(truth), Value::Bool(read)) => *truth == read,
        (Given::Error(text), Value::Error(chain)) => chain.eq([text.as_str()]),
        _ => false,
    }
}

/// Reads everything that a view offers.
fn read_all(view: &EventView<'_>) -> usize {
    let spans: usize = view
        .spans()
        .map(|span| span.name().len() + span.fields().map(|(name, _)| name.len()).sum::<usize>())
        .sum();
    let fields: usize = view
        .fields()
        .map(|(name, value)| name.len() + format!("{value:#}").len())
        .sum();
    let error = view.error().map(|(_, value)| value.to_string().len());
    spans
        + fields
        + error.unwrap_or_default()
        + view.message().map_or(0, |text| text.len())
        + view.thread().map_or(0, str::len)
        + view
            .field("fingerprint")
            .map_or(0, |value| value.to_string().len())
        + view.trail().map_or(0, |trail| read_lines(trail.lines()))
}

/// Reads everything that lines of a trail offer.
fn read_lines<'a>(lines: impl Iterator<Item = LineView<'a>>) -> usize {
    let length = |line: LineView<'a>| {
        let fields: usize = line
            .fields()
            .map(|(name, value)| name.len() + format!("{value:#}").len())
            .sum();
        let message = line
            .message()
            .map_or(0, |message| message.to_string().len());
        let since = line.time().duration_since(SystemTime::UNIX_EPOCH);
        assert!(since.is_ok());
        fields + message + line.target().len() + line.level().as_str().len()
    };
    lines.map(length).sum()
}

/// Encodes the lines of a trail, each with these fields.
fn trail(lines: &[Vec<(usize, Given)>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, fields) in lines.iter().enumerate() {
        let head = encoding::LineHead {
            level: [
                Level::ERROR,
                Level::WARN,
                Level::INFO,
                Level::DEBUG,
                Level::TRACE,
            ][number % 5],
            time: SystemTime::UNIX_EPOCH + Duration::from_nanos(number as u64),
            target: "shop",
        };
        encoding::line(head, usize::MAX, &mut bytes, |encoder| {
            for (index, given) in fields {
                encode(encoder, &field(*index), given);
            }
        });
    }
    bytes
}

/// Generates values short enough for a line to keep them whole.
fn short() -> impl Strategy<Value = Given> {
    given().prop_filter("short", |given| match given {
        Given::Str(text) | Given::Text(text) | Given::Error(text) => text.len() < 100,
        _ => true,
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        thread in "\\PC{0,20}",
        fields in prop::collection::vec((0_usize..3, given()), 0..6),
        spans in prop::collection::vec((any::<String>(), prop::collection::vec((0_usize..3, given()), 0..4)), 0..4),
    ) {
        let mut bytes = Vec::new();
        encoding::thread(&thread, &mut bytes);
        let mut encoder = Encoder::<ByIndex>::new(&mut bytes, usize::MAX, usize::MAX);
        for (index, given) in &fields {
            encode(&mut encoder, &field(*index), given);
        }
        let spans_at = bytes.len();
        for (name, fields) in &spans {
            encoding::span(name, usize::MAX, &mut bytes, |encoder| {
                for (index, given) in fields {
                    encode(encoder, &field(*index), given);
                }
            });
        }

        let event = Event::new(&METADATA, SystemTime::UNIX_EPOCH, spans_at, &bytes);
        let view = event.view();
        prop_assert_eq!(view.thread().unwrap_or_default(), thread);
        let read: Vec<_> = view.fields().collect();
        prop_assert_eq!(read.len(), fields.len());
        for ((index, given), (name, value)) in fields.iter().zip(read) {
            prop_assert_eq!(field(*index).name(), name);
            prop_assert!(is_same(given, value), "{:?} {:?}", given, value);
        }
        let read: Vec<_> = view.spans().collect();
        prop_assert_eq!(read.len(), spans.len());
        for ((name, fields), span) in spans.iter().zip(read) {
            prop_assert_eq!(name, span.name());
            prop_assert_eq!(fields.len(), span.fields().count());
            for ((_, given), (_, value)) in fields.iter().zip(span.fields()) {
                prop_assert!(is_same(given, value), "{:?} {:?}", given, value);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300), spans_at in 0_usize..400) {
        read_all(&EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &bytes, spans_at));
        read_lines(encoded_lines(&bytes).map(|(_, line)| line));
    }

    #[test]
    fn damaged_events_are_read_to_an_end(
        fields in prop::collection::vec((0_usize..3, given()), 1..4),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut bytes = Vec::new();
        encoding::thread("", &mut bytes);
        encoding::span("span", usize::MAX, &mut bytes, |encoder| {
            for (index, given) in &fields {
                encode(encoder, &field(*index), given);
            }
        });
        let index = at.index(bytes.len());
        bytes[index] = byte;
        bytes.truncate(keep.index(bytes.len() + 1));
        read_all(&EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &bytes, 1));
        read_all(&EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &bytes, bytes.len()));
    }

    #[test]
    fn what_is_kept_of_a_trail_is_read_as_it_was_and_what_is_cut_off_is_not(
        lines in prop::collection::vec(prop::collection::vec((0_usize..3, short()), 0..4), 0..6),
        is_cut in any::<bool>(),
        keep in any::<prop::sample::Index>(),
    ) {
        let encoded = trail(&lines);
        let mut bytes = Vec::new();
        encoding::span("span", usize::MAX, &mut bytes, |_| {});
        encoding::trail_head(encoded.len(), is_cut, &mut bytes);
        bytes.extend_from_slice(&encoded);
        let view = EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &bytes, 0);
        let read = view.trail().unwrap();
        prop_assert_eq!(read.is_cut(), is_cut);
        prop_assert_eq!(read.lines().count(), lines.len());
        for (number, (line, fields)) in read.lines().zip(&lines).enumerate() {
            prop_assert_eq!(line.time(), SystemTime::UNIX_EPOCH + Duration::from_nanos(number as u64));
            prop_assert_eq!(line.fields().count(), fields.len());
            for ((index, given), (name, value)) in fields.iter().zip(line.fields()) {
                prop_assert_eq!(field(*index).name(), name);
                prop_assert!(is_same(given, value), "{:?} {:?}", given, value);
            }
        }
        // Lines of which the end is missing are none.
        let kept = keep.index(encoded.len() + 1);
        let whole = encoded_lines(&encoded[..kept]).map(|(bytes, _)| bytes.len());
        let whole: usize = whole.sum();
        prop_assert!(whole <= kept);
        prop_assert!(encoded_lines(&encoded).map(|(bytes, _)| bytes).collect::<Vec<_>>().concat().starts_with(&encoded[..whole]));
    }

    #[test]
    fn damaged_trails_are_read_to_an_end(
        lines in prop::collection::vec(prop::collection::vec((0_usize..3, given()), 0..4), 1..5),
        length in any::<u16>(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut encoded = trail(&lines);
        for (at, byte) in damages {
            let index = at.index(encoded.len());
            encoded[index] = byte;
        }
        read_lines(encoded_lines(&encoded).map(|(_, line)| line));
        for said in [encoded.len(), length.into()] {
            let mut bytes = Vec::new();
            encoding::trail_head(said, false, &mut bytes);
            bytes.extend_from_slice(&encoded);
            read_all(&EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &bytes, 0));
        }
    }

    #[test]
    fn amended_span_has_the_last_value_of_each_field(
        first in prop::collection::vec((0_usize..3, any::<u64>()), 0..3),
        second in prop::collection::vec((0_usize..3, any::<u64>()), 0..3),
    ) {
        // A macro names each field once.
        let once = |mut fields: Vec<(usize, u64)>| {
            fields.sort_by_key(|(index, _)| *index);
            fields.dedup_by_key(|(index, _)| *index);
            fields
        };
        let (first, second) = (once(first), once(second));
        let mut span = Vec::new();
        encoding::span("span", usize::MAX, &mut span, |encoder| {
            for (index, number) in &first {
                encoder.record_u64(&field(*index), *number);
            }
        });
        let mut newer = Vec::new();
        for (index, number) in &second {
            Encoder::<ByName>::new(&mut newer, usize::MAX, usize::MAX).record_u64(&field(*index), *number);
        }
        encoding::amend(&mut span, &newer);
        // Twice, as by two layers.
        encoding::amend(&mut span, &newer);

        let view = EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &span, 0);
        let read = view.spans().next().unwrap();
        let last = first.iter().chain(&second).copied().collect::<std::collections::HashMap<_, _>>();
        prop_assert_eq!(read.fields().count(), last.len());
        for (index, number) in last {
            prop_assert_eq!(read.field(field(index).name()), Some(Value::U64(number)));
        }
        prop_assert_eq!(view.spans().count(), 1);
    }

    #[test]
    fn cut_text_is_a_head_and_within_the_bound(text in any::<String>(), truncate in 0_usize..64) {
        let mut bytes = Vec::new();
        Encoder::<ByIndex>::new(&mut bytes, truncate, usize::MAX).record_str(&field(0), &text);
        let mut reader = Reader::new(&bytes);
        let (_, value) = reader.indexed().unwrap();
        let read = value.text().unwrap();
        if text.len() <= truncate {
            prop_assert_eq!(read, text);
        } else {
            let head = read.strip_suffix(encoding::TRUNCATED).unwrap();
            prop_assert!(text.starts_with(head) && head.len() <= truncate && head.len() + 4 > truncate);
        }
    }
}

#[test]
fn values_compare_by_their_text() {
    for (value, text) in [
        (Value::U64(42), "42"),
        (Value::I64(-1), "-1"),
        (Value::F64(12.5), "12.5"),
        (Value::Bool(true), "true"),
        (Value::Str("eu"), "eu"),
    ] {
        assert!(value.displays_as(text));
        assert!(!value.displays_as(&format!("{text}0")));
        assert!(!value.displays_as(""));
    }
}

/// The report of an error: `frames` times ten frames of a runtime and one of the program.
struct Report {
    frames: usize,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "cannot pay\n\nCaused by:\n    card declined\n\nStack backtrace:"
        )?;
        for number in 0..self.frames {
            for inner in 0..10 {
                writeln!(f, "{inner:4}: tokio::runtime::task::poll")?;
                f.write_str("             at /rustc/0123/library/std/src/x.rs:1:1\n")?;
            }
            writeln!(
                f,
                "  11: shop::pay::step{number}\n             at ./src/pay.rs:{number}:1"
            )?;
        }
        Ok(())
    }
}

/// Returns the text that is captured of a report.
fn captured(report: &Report, truncate: usize) -> String {
    let mut buffer = Vec::new();
    encoding::thread("", &mut buffer);
    Encoder::<ByIndex>::new(&mut buffer, truncate, encoding::EVENT).record_debug(&field(0), report);
    let spans_at = buffer.len();
    let view = EventView::new(&METADATA, SystemTime::UNIX_EPOCH, &buffer, spans_at);
    view.field("a").unwrap().to_string()
}

#[test]
fn the_programs_own_frames_find_room_in_a_report_that_is_cut() {
    let text = captured(&Report { frames: 6 }, 1_024);
    assert!(text.len() <= 1_024 + encoding::TRUNCATED.len());
    assert!(
        text.contains("card declined") && !text.contains(encoding::TRUNCATED),
        "{text}"
    );
    for number in 0..6 {
        let own = format!("shop::pay::step{number}\n             at ./src/pay.rs:{number}:1\n");
        assert!(text.contains(&own), "{text}");
    }
    assert!(
        text.contains("⋮ ") && text.contains(" frames hidden ⋮"),
        "{text}"
    );
    // In the bound that holds for every text.
    let whole = captured(&Report { frames: 6 }, 16 * 1_024);
    assert_eq!(whole.matches("tokio").count(), 60);
}

#[test]
fn a_report_whose_frames_never_end_is_cut() {
    let text = captured(&Report { frames: usize::MAX }, 1_024);
    assert!(text.ends_with(encoding::TRUNCATED), "{text}");
    assert!(text.contains("shop::pay::step0\n") && text.len() <= 1_024 + encoding::TRUNCATED.len());
}
