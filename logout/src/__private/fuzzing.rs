//! Functions of private modules for the fuzz targets.

use std::error::Error;
use std::fmt;
use std::time::SystemTime;

use tracing::field::{Field, FieldSet, Visit};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Callsite, Level, Metadata, callsite};

use crate::block::Scrub;
use crate::config::FieldSelection;
#[cfg(feature = "spool")]
use crate::event::carried;
use crate::event::encoding::{self, ByIndex, Encoder};
use crate::event::{EventRules, EventView, Value};
use crate::message::{Composer, DeliveryState, Mask, MessageFormat, ProgramInfo, Scrubber};
use crate::transport::Secret;

/// The most errors of a chain that are kept.
pub const DEPTH: usize = encoding::DEPTH;
/// The end of a text that was truncated.
pub const TRUNCATED: &str = encoding::TRUNCATED;

struct FuzzCallsite;

static SITE: FuzzCallsite = FuzzCallsite;
static METADATA: Metadata<'static> = Metadata::new(
    "event src/pay.rs:7",
    "shop::pay",
    Level::WARN,
    Some("src/pay.rs"),
    Some(7),
    Some("shop::pay"),
    FieldSet::new(
        &["message", "order", "cause", "password"],
        callsite::Identifier(&SITE),
    ),
    Kind::EVENT,
);

/// The most fields an event has.
pub const FIELDS: usize = 4;

impl Callsite for FuzzCallsite {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}

/// A value of a field: a float as its bits, an error as the texts of its chain.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Str(String),
    Text(String),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(u64),
    Bool(bool),
    Error(Vec<String>),
}

#[derive(Debug)]
struct Chain {
    text: String,
    source: Option<Box<Chain>>,
}

impl Chain {
    fn of(texts: &[String]) -> Option<Box<Self>> {
        let (text, causes) = texts.split_first()?;
        Some(Box::new(Self {
            text: text.clone(),
            source: Self::of(causes),
        }))
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Chain {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

fn field(index: usize) -> Option<Field> {
    METADATA.fields().iter().nth(index)
}

/// Returns the name of the field at `index`.
#[must_use]
pub fn name(index: usize) -> &'static str {
    field(index).map_or("", |field| field.name())
}

/// Encodes an event with these fields, from a thread without a name.
#[must_use]
pub fn encode(fields: &[(usize, Given)], truncate: usize, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    encoding::thread("", &mut bytes);
    let mut encoder = Encoder::<ByIndex>::new(&mut bytes, truncate, most);
    for (index, given) in fields {
        let Some(field) = field(*index) else { continue };
        match given {
            Given::Str(text) => encoder.record_str(&field, text),
            Given::Text(text) => encoder.record_debug(&field, &format_args!("{text}")),
            Given::I64(number) => encoder.record_i64(&field, *number),
            Given::U64(number) => encoder.record_u64(&field, *number),
            Given::I128(number) => encoder.record_i128(&field, *number),
            Given::U128(number) => encoder.record_u128(&field, *number),
            Given::F64(bits) => encoder.record_f64(&field, f64::from_bits(*bits)),
            Given::Bool(truth) => encoder.record_bool(&field, *truth),
            Given::Error(texts) => {
                if let Some(chain) = Chain::of(texts) {
                    encoder.record_error(&field, &*chain);
                }
            }
        }
    }
    bytes
}

/// Decodes the fields of an event, including the message.
#[must_use]
pub fn decode(bytes: &[u8]) -> Vec<(String, Given)> {
    let view = view(bytes, bytes.len());
    let read = view.every_field().map(|(name, value)| {
        let given = match value {
            Value::Str(text) => Given::Str(text.to_owned()),
            Value::Text(text) => Given::Text(text.to_owned()),
            Value::I64(number) => Given::I64(number),
            Value::U64(number) => Given::U64(number),
            Value::I128(number) => Given::I128(number),
            Value::U128(number) => Given::U128(number),
            Value::F64(number) => Given::F64(number.to_bits()),
            Value::Bool(truth) => Given::Bool(truth),
            Value::Error(chain) => Given::Error(chain.map(str::to_owned).collect()),
        };
        (name.to_owned(), given)
    });
    read.collect()
}

/// Returns the text of a message about this event, with `secret` configured.
#[must_use]
pub fn compose(bytes: &[u8], spans_at: usize, secret: &str) -> String {
    told(&view(bytes, spans_at), secret)
}

fn told(event: &EventView<'_>, secret: &str) -> String {
    with_composer(secret, |composer| {
        let delivery = DeliveryState {
            routed: true,
            ..DeliveryState::default()
        };
        crate::adapter::notice::format_message(&composer.event(event, delivery))
    })
}

fn with_composer<R>(secret: &str, then: impl FnOnce(&Composer<'_>) -> R) -> R {
    then(&Composer {
        origin: &ProgramInfo::default(),
        scrubber: &Scrubber::new(&[Secret::new(secret.to_owned())], &[Scrub::Default]),
        mask: &Mask::default(),
        shown: &FieldSelection::All,
        rules: EventRules::default(),
        format: &MessageFormat::Block(super::Format::Message),
        utc: true,
    })
}

/// Encodes this event for storage.
#[cfg(feature = "spool")]
#[must_use]
pub fn carry(bytes: &[u8], spans_at: usize, secret: &str) -> Vec<u8> {
    let mut stored = Vec::new();
    with_composer(secret, |composer| {
        carried::write(&view(bytes, spans_at), composer, &mut stored);
    });
    stored
}

/// Returns the text of a message about a stored event, and the event stored again; `None` if it is
/// malformed.
#[cfg(feature = "spool")]
#[must_use]
pub fn carried(bytes: &[u8], secret: &str) -> Option<(String, Vec<u8>)> {
    let event = carried::read(bytes)?;
    let mut stored = Vec::new();
    with_composer(secret, |composer| {
        carried::write(&event.view(), composer, &mut stored);
    });
    Some((told(&event.view(), secret), stored))
}

/// Returns the number of groups in a log of these bytes, and in the log written from it.
#[cfg(feature = "spool")]
#[must_use]
pub fn log(bytes: &[u8]) -> (usize, usize) {
    crate::spool::count_groups(bytes)
}

fn view(bytes: &[u8], spans_at: usize) -> EventView<'_> {
    EventView::new(&METADATA, SystemTime::UNIX_EPOCH, bytes, spans_at)
}
