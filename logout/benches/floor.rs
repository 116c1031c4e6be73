//! The least that a layer can do which hands its events to another thread: the limits are ratios to it.
//!
//! Numbers and strings raw into a buffer of the thread, one copy into a mutex over heads and bytes
//! that the worker swaps out every millisecond; no schema, no bounds but one, nothing judged again.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tracing::field::{Field, Visit};
use tracing::{Event, Id, Metadata, Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

const ROOM: usize = 2 << 20;

#[derive(Default)]
struct Waiting {
    heads: Vec<(&'static Metadata<'static>, SystemTime, usize)>,
    bytes: Vec<u8>,
}

/// The layer.
#[derive(Clone, Default)]
pub(crate) struct Floor {
    waiting: Arc<Mutex<Waiting>>,
}

impl Floor {
    /// Returns a layer whose worker runs until the process ends.
    pub(crate) fn start() -> Self {
        let floor = Self::default();
        let worker = floor.clone();
        std::thread::spawn(move || {
            let mut spare = Waiting::default();
            loop {
                std::thread::sleep(Duration::from_millis(1));
                // Events are handed over to be read, which takes their cache lines to another core.
                black_box(spare.bytes.iter().fold(0_u8, |sum, byte| sum ^ byte));
                black_box(spare.heads.iter().fold(0, |sum, head| sum ^ head.2));
                spare.heads.clear();
                spare.bytes.clear();
                std::mem::swap(
                    &mut *worker
                        .waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner),
                    &mut spare,
                );
            }
        });
        floor
    }
}

struct Recorded(Vec<u8>);

struct Encoder<'b>(&'b mut Vec<u8>);

impl Encoder<'_> {
    fn fixed(&mut self, field: &Field, tag: u8, value: [u8; 8]) {
        let mut bytes = [0; 10];
        let (head, rest) = bytes.split_at_mut(2);
        head.copy_from_slice(&[field.index() as u8, tag]);
        rest.copy_from_slice(&value);
        self.0.extend_from_slice(&bytes);
    }
}

impl fmt::Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Visit for Encoder<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let [low, high] = (value.len() as u16).to_le_bytes();
        self.0
            .extend_from_slice(&[field.index() as u8, 1, low, high]);
        self.0.extend_from_slice(value.as_bytes());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fixed(field, 2, value.to_le_bytes());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fixed(field, 3, value.to_le_bytes());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fixed(field, 4, value.to_le_bytes());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.extend_from_slice(&[field.index() as u8, 6, 0, 0]);
        let from = self.0.len();
        let _infallible = write!(self, "{value:?}");
        let length = ((self.0.len() - from) as u16).to_le_bytes();
        if let Some(place) = self.0.get_mut(from - 2..from) {
            place.copy_from_slice(&length);
        }
    }
}

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Floor {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let mut bytes = Vec::with_capacity(64);
        attributes.record(&mut Encoder(&mut bytes));
        if let Some(span) = ctx.span(id) {
            span.extensions_mut().insert(Recorded(bytes));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let time = SystemTime::now();
        BUFFER.with_borrow_mut(|buffer| {
            buffer.clear();
            event.record(&mut Encoder(buffer));
            for span in ctx.event_scope(event).into_iter().flatten() {
                buffer.push(0xff);
                let name = span.metadata().name();
                buffer.extend_from_slice(&(name.len() as u64).to_le_bytes());
                if let Some(Recorded(bytes)) = span.extensions().get() {
                    buffer.extend_from_slice(bytes);
                }
            }
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.bytes.len() + buffer.len() <= ROOM {
                waiting.bytes.extend_from_slice(buffer);
                let end = waiting.bytes.len();
                waiting.heads.push((event.metadata(), time, end));
            }
        });
    }
}
