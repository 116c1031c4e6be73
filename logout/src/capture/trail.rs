//! A span's trail: the last events inside it, kept for the next event that becomes a message.
//!
//! They lie encoded in the span's extensions. Every value is formatted before these are locked, and
//! nothing logs while they are: an allocator of the program's that does is not heard meanwhile.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use tracing::Event;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::filter::Levels;
use super::{CaptureLimits, scratch};
use crate::block::Trail;
use crate::event::encoding::{self, LineHead, TRAIL_HEAD};
use crate::event::{ReentryGuard, encoded_lines};

/// The first capacity of a ring: some ten short lines.
const FIRST_CAPACITY: usize = 1 << 10;

/// Bytes of all trails of the program.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// Returns the bytes that all trails of the program use now.
pub(crate) fn held() -> usize {
    HELD.load(Ordering::Relaxed)
}

/// Returns the span that holds the trail: the outermost, or the outermost of the given name.
#[inline]
pub(super) fn holder<'r, S>(
    scope: &mut impl Iterator<Item = SpanRef<'r, S>>,
    trail: &Trail,
) -> Option<SpanRef<'r, S>>
where
    S: for<'span> LookupSpan<'span> + 'r,
{
    match trail.span {
        None => scope.last(),
        Some(name) => scope.filter(|span| span.name() == name).last(),
    }
}

/// Returns the same, given the innermost span. Each access to a span costs two atomic operations of
/// the registry, so the innermost is not accessed again.
#[inline]
pub(super) fn holder_above<'r, S>(
    innermost: SpanRef<'r, S>,
    trail: &Trail,
) -> Option<SpanRef<'r, S>>
where
    S: for<'span> LookupSpan<'span> + 'r,
{
    if trail.span.is_some() {
        return holder(&mut innermost.scope(), trail);
    }
    let mut outermost = innermost;
    while let Some(parent) = outermost.parent() {
        outermost = parent;
    }
    Some(outermost)
}

/// An event to be added to a trail.
pub(super) struct TrailEvent<'e> {
    pub(super) trail: &'e Trail,
    pub(super) levels: &'e Levels,
    pub(super) limits: &'e CaptureLimits,
    pub(super) event: &'e Event<'e>,
    pub(super) time: SystemTime,
}

impl TrailEvent<'_> {
    /// Adds an event that is not captured otherwise.
    pub(super) fn keep<S>(&self, holder: &SpanRef<'_, S>)
    where
        S: for<'span> LookupSpan<'span>,
    {
        scratch::with_buffer(|buffer| {
            let start = buffer.len();
            let truncate = self.limits.truncate();
            encoding::line(self.head(), truncate, buffer, |encoder| {
                self.event.record(encoder);
            });
            self.push(holder, buffer.get(start..).unwrap_or_default());
        });
    }

    /// Adds an event that is already encoded in these bytes.
    pub(super) fn keep_captured<S>(&self, holder: &SpanRef<'_, S>, encoded: &[u8])
    where
        S: for<'span> LookupSpan<'span>,
    {
        let mut line = Vec::with_capacity(encoding::LINE);
        encoding::line_of_event(self.head(), self.event.metadata(), encoded, &mut line);
        self.push(holder, &line);
    }

    fn head(&self) -> LineHead<'_> {
        let metadata = self.event.metadata();
        LineHead {
            level: *metadata.level(),
            time: self.time,
            target: metadata.target(),
        }
    }

    fn push<S>(&self, holder: &SpanRef<'_, S>, line: &[u8])
    where
        S: for<'span> LookupSpan<'span>,
    {
        let is_wanted = !self.is_unwanted(line);
        let mut extensions = holder.extensions_mut();
        if let Some(ring) = extensions.get_mut::<Ring>() {
            return self.push_into(ring, line, is_wanted);
        }
        let mut ring = Ring::new();
        self.push_into(&mut ring, line, is_wanted);
        let _silence = ReentryGuard::enter();
        extensions.insert(ring);
    }

    #[inline]
    fn push_into(&self, ring: &mut Ring, line: &[u8], is_wanted: bool) {
        ring.widen(self.trail);
        if self.is_to_keep(ring.number, is_wanted) {
            ring.push(line, self.limits.trails);
        }
    }

    /// Returns whether a rule rejects the event: one on fields, or for a `log` record one on
    /// targets.
    #[inline]
    fn is_unwanted(&self, line: &[u8]) -> bool {
        let is_bridged = crate::event::is_bridged(self.event.metadata());
        (is_bridged || self.levels.have_field_rules())
            && encoded_lines(line).any(|(_, line)| !self.levels.keeps_line(&line))
    }

    /// Returns whether this block adds the event to the ring: it wants it, and no other block's
    /// layer has added it before.
    #[inline]
    fn is_to_keep(&self, ring: usize, is_wanted: bool) -> bool {
        let keep = |last: &Cell<Option<SeenEvent>>| {
            let before = last.get().filter(|before| self.is_again(ring, before));
            let kept_at = before.and_then(|before| before.kept_at);
            let is_kept = is_wanted && kept_at.is_none();
            last.set(Some(SeenEvent {
                event: std::ptr::from_ref(self.event).addr(),
                site: std::ptr::from_ref(self.event.metadata()).addr(),
                ring,
                by: before.map_or(0, |before| before.by) | self.limits.layer,
                kept_at: if is_kept { Some(self.time) } else { kept_at },
            }));
            is_kept
        };
        LAST_SEEN.try_with(keep).unwrap_or(is_wanted)
    }

    /// Returns when another block added this very event to the ring, if one did.
    fn kept_by_another(&self, ring: usize) -> Option<SystemTime> {
        let last = LAST_SEEN.try_with(Cell::get).ok().flatten()?;
        last.kept_at.filter(|_| self.is_again(ring, &last))
    }

    /// Returns whether other layers have seen this event. A later event may lie at the same
    /// address, but the first layer that sees it has also seen the one before.
    #[inline]
    fn is_again(&self, ring: usize, last: &SeenEvent) -> bool {
        last.event == std::ptr::from_ref(self.event).addr()
            && last.site == std::ptr::from_ref(self.event.metadata()).addr()
            && last.ring == ring
            && last.by & self.limits.layer == 0
    }
}

/// An event that layers have seen.
#[derive(Clone, Copy)]
struct SeenEvent {
    /// The address of the event, and that of its call site.
    event: usize,
    site: usize,
    ring: usize,
    /// The layers that have seen it, a bit each.
    by: u64,
    /// When one added it to the ring.
    kept_at: Option<SystemTime>,
}

thread_local! {
    /// The event that layers saw last on this thread.
    static LAST_SEEN: Cell<Option<SeenEvent>> = const { Cell::new(None) };
}

/// Appends the trail of a scope, some of whose spans the layer may not know. The trail is in the
/// outermost span that has one.
pub(crate) fn append_from_scope<'r, S>(
    scope: impl Iterator<Item = SpanRef<'r, S>>,
    trail: &Trail,
    levels: &Levels,
    limits: &CaptureLimits,
    buffer: &mut Vec<u8>,
) where
    S: for<'span> LookupSpan<'span> + 'r,
{
    let mut scope = scope.filter(|span| span.extensions().get::<Ring>().is_some());
    if let Some(holder) = holder(&mut scope, trail) {
        let wanted = TrailFilter {
            trail,
            levels,
            limits,
            of: None,
        };
        append(&holder, &wanted, buffer);
    }
}

/// The part of a trail that a block wants.
pub(super) struct TrailFilter<'w> {
    pub(super) trail: &'w Trail,
    pub(super) levels: &'w Levels,
    pub(super) limits: &'w CaptureLimits,
    /// The event that it is the trail of.
    pub(super) of: Option<&'w TrailEvent<'w>>,
}

/// Appends the trail that the span holds: the newest lines that this block wants and that fit.
pub(super) fn append<S>(holder: &SpanRef<'_, S>, wanted: &TrailFilter<'_>, buffer: &mut Vec<u8>)
where
    S: for<'span> LookupSpan<'span>,
{
    if let Err(missing) = append_in_place(holder, wanted, buffer) {
        buffer.reserve(missing);
        // Should it have grown meanwhile, it is left out.
        let _fits = append_in_place(holder, wanted, buffer);
    }
}

/// Appends in place, or returns the number of bytes to reserve first.
fn append_in_place<S>(
    holder: &SpanRef<'_, S>,
    by: &TrailFilter<'_>,
    buffer: &mut Vec<u8>,
) -> Result<(), usize>
where
    S: for<'span> LookupSpan<'span>,
{
    let most = by.limits.event;
    let mut extensions = holder.extensions_mut();
    let Some(ring) = extensions.get_mut::<Ring>() else {
        return Ok(());
    };
    let own = by.of.and_then(|event| event.kept_by_another(ring.number));
    let room = most.saturating_sub(buffer.len() + TRAIL_HEAD);
    let is_cut = ring.is_cut;
    let lines = &*ring.lines.make_contiguous();
    let wanted = || {
        encoded_lines(lines)
            .filter(|(_, line)| by.levels.keeps_line(line) && Some(line.time()) != own)
    };
    let (mut count, mut length) = (0_usize, 0);
    for (line, _) in wanted() {
        count += 1;
        length += line.len();
    }
    let mut oldest = 0;
    let mut no_room = false;
    for (line, _) in wanted() {
        let is_over = length > room;
        if count - oldest <= by.trail.events && !is_over {
            break;
        }
        no_room |= is_over;
        oldest += 1;
        length -= line.len();
    }
    if oldest == count && !is_cut && !no_room {
        return Ok(());
    }
    let needed = TRAIL_HEAD + length;
    if room < length || buffer.len() + needed > most {
        return Ok(());
    }
    if buffer.capacity() - buffer.len() < needed {
        return Err(needed);
    }
    encoding::trail_head(length, is_cut || no_room, buffer);
    for (line, _) in wanted().skip(oldest) {
        buffer.extend_from_slice(line);
    }
    Ok(())
}

/// The encoded lines of a trail, oldest first.
#[derive(Debug)]
struct Ring {
    lines: VecDeque<u8>,
    /// The number of lines.
    count: usize,
    /// The lines and bytes it may hold: the most that any block wants.
    events: usize,
    bytes: usize,
    /// Whether lines were dropped for lack of memory.
    is_cut: bool,
    /// A number that identifies the ring.
    number: usize,
    /// The bytes it has added to [`HELD`].
    held: usize,
}

impl Ring {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        HELD.fetch_add(size_of::<Self>(), Ordering::Relaxed);
        Self {
            lines: VecDeque::new(),
            count: 0,
            events: 0,
            bytes: 0,
            is_cut: false,
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            held: size_of::<Self>(),
        }
    }

    #[inline]
    fn widen(&mut self, trail: &Trail) {
        self.events = self.events.max(trail.events);
        self.bytes = self.bytes.max(trail.bytes);
    }

    /// Adds a line and removes the oldest ones to make room. Grows while all trails together have
    /// no more than `limit` bytes.
    #[inline]
    fn push(&mut self, line: &[u8], limit: usize) {
        // Room for one more line than is shown: if two blocks see an event, the second finds it
        // here.
        if self.count > self.events {
            // There are as many lines as allowed, so nothing is missing.
            self.is_cut = false;
            self.forget_oldest();
        }
        self.make_room(line.len(), self.bytes);
        let needed = self.lines.len() + line.len();
        if needed > self.lines.capacity() && !self.grow(needed, limit) {
            self.is_cut = true;
            self.make_room(line.len(), self.lines.capacity());
            if line.len() > self.lines.capacity() {
                return;
            }
        }
        self.lines.extend(line);
        self.count += 1;
    }

    /// Removes the oldest lines until one of `line` bytes fits into `most` bytes.
    #[inline]
    fn make_room(&mut self, line: usize, most: usize) {
        while self.count > 0 && self.lines.len() + line > most {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let byte = |at| self.lines.get(at).copied().unwrap_or_default();
        let length = usize::from(u16::from_le_bytes([byte(0), byte(1)])) + 2;
        self.lines.drain(..length.min(self.lines.len()));
        self.count = self.count.saturating_sub(1);
    }

    #[cold]
    fn grow(&mut self, needed: usize, limit: usize) -> bool {
        let doubled = usize::max(self.lines.capacity() * 2, FIRST_CAPACITY);
        let capacity = doubled.min(self.bytes).max(needed);
        let more = capacity - self.lines.capacity();
        if HELD.fetch_add(more, Ordering::Relaxed) + more > limit {
            HELD.fetch_sub(more, Ordering::Relaxed);
            return false;
        }
        self.held += more;
        let _silence = ReentryGuard::enter();
        self.lines.reserve_exact(capacity - self.lines.len());
        true
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        HELD.fetch_sub(self.held, Ordering::Relaxed);
    }
}
