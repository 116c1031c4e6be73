//! One process of a fleet: the worker's part in its lane, with numbers in place of events.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::fleet::{
    BrokerRequest, Effect, Entry, EntryKind, InFlight, Mark, Member, MemberOptions, Takeover,
};

/// The level of all events.
const LEVEL: u8 = 0;

/// How many entries may wait in the stream before the broker keeps their contents in their place.
const MOST_WAITING: usize = 12;

/// How long after a message the next one of a known kind is sent.
const REMINDS: Duration = Duration::from_secs(5);

/// A time longer than any wait.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The contents of an entry: a kind, and the numbers of its events.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) ids: Vec<u32>,
    marks: Vec<Mark>,
    pub(super) repeats: bool,
    /// Whether it has a whole event, and not just a line of each.
    is_whole: bool,
    /// Whether the broker keeps some of it in place of the entries.
    is_kept: bool,
}

impl Group {
    fn absorb(&mut self, later: Self) {
        self.ids.extend(later.ids);
        self.marks.extend(later.marks);
        self.repeats |= later.repeats;
        self.is_whole |= later.is_whole;
        self.is_kept |= later.is_kept;
    }
}

/// The state of a kind that the broker keeps: whether it is known, its count, and the events that
/// are in no entry.
#[derive(Clone, Debug, Default)]
struct Kept {
    kind: u8,
    is_known: bool,
    counted: Vec<u32>,
    untold: Vec<u32>,
    is_whole: bool,
    /// Whether those events may have been sent by an earlier leader.
    repeats: bool,
}

impl Kept {
    fn encode(&self) -> Vec<u8> {
        let flags = [self.is_known, self.is_whole, self.repeats];
        let flags = flags.iter().rev();
        let flags = flags.fold(0, |flags, flag| flags << 1 | u8::from(*flag));
        let counted = u32::try_from(self.counted.len()).unwrap();
        let ids = self.counted.iter().chain(&self.untold);
        let numbers = std::iter::once(&counted).chain(ids);
        let numbers = numbers.flat_map(|number| number.to_le_bytes());
        [self.kind, flags].into_iter().chain(numbers).collect()
    }

    fn decode(bytes: &[u8]) -> Self {
        let (kind, flags, mut numbers) = decode(bytes);
        let counted = usize::try_from(numbers.remove(0)).unwrap();
        Self {
            kind,
            is_known: flags & 1 != 0,
            untold: numbers.split_off(counted),
            counted: numbers,
            is_whole: flags & 2 != 0,
            repeats: flags & 4 != 0,
        }
    }
}

pub(super) fn encode(kind: u8, ids: &[u32], is_whole: bool) -> Vec<u8> {
    let ids = ids.iter().flat_map(|id| id.to_le_bytes());
    [kind, is_whole.into()].into_iter().chain(ids).collect()
}

fn decode(bytes: &[u8]) -> (u8, u8, Vec<u32>) {
    let ids = bytes[2..].chunks(4);
    let ids = ids.map(|id| u32::from_le_bytes(id.try_into().unwrap()));
    (bytes[0], bytes[1], ids.collect())
}

/// A message in flight.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    pub(super) number: u64,
    pub(super) ids: Vec<u32>,
    pub(super) repeats: bool,
    in_flight: InFlight,
    pub(super) is_alone: bool,
    /// Whether it reports a new kind, and has no more than a line of it.
    pub(super) is_brief: bool,
    /// How many members the fleet has, as far as a process without a broker knows.
    pub(super) members: Option<u64>,
    is_posted: bool,
}

/// A kind that was sent before.
#[derive(Clone, Debug)]
struct Known {
    told: Instant,
    untold: Group,
}

pub(super) struct Process {
    pub(super) member: Member,
    pub(super) is_alive: bool,
    pub(super) is_ending: bool,
    pub(super) frozen_until: Option<Instant>,
    span: Duration,
    /// By kind; not handed over yet.
    pub(super) outbox: BTreeMap<u8, Group>,
    handed_over: BTreeMap<u8, Group>,
    /// To be sent; if it leads, read from the stream.
    groups: BTreeMap<u8, Group>,
    known: BTreeMap<u8, Known>,
    /// What its predecessor may have sent.
    in_flight: InFlight,
    pub(super) sending: Option<Message>,
    sent: Option<Instant>,
    messages: u64,
    /// The request that is not answered yet, by its number.
    pub(super) asked: Option<(u64, BrokerRequest, Instant)>,
    pub(super) takeovers: u64,
    pub(super) falls: u64,
    pub(super) briefs: u64,
    pub(super) keeps: u64,
}

impl Process {
    pub(super) fn new(options: MemberOptions, now: Instant) -> Self {
        Self {
            span: options.span,
            member: Member::new(options, now),
            is_alive: true,
            is_ending: false,
            frozen_until: None,
            outbox: BTreeMap::new(),
            handed_over: BTreeMap::new(),
            groups: BTreeMap::new(),
            known: BTreeMap::new(),
            in_flight: InFlight::default(),
            sending: None,
            sent: None,
            messages: 0,
            asked: None,
            takeovers: 0,
            falls: 0,
            briefs: 0,
            keeps: 0,
        }
    }

    pub(super) fn runs(&self, now: Instant) -> bool {
        self.is_alive && self.frozen_until.is_none_or(|until| until <= now)
    }

    pub(super) fn log(&mut self, kind: u8, id: u32, now: Instant) {
        self.outbox.entry(kind).or_default().ids.push(id);
        self.member.note(kind.into(), now);
    }

    /// Returns the events that are in no stream, and are lost with the process.
    pub(super) fn own(&self) -> impl Iterator<Item = u32> + '_ {
        let own = self.outbox.values().chain(self.handed_over.values());
        own.flat_map(|group| group.ids.iter().copied())
    }

    /// Handles what is due by time; returns a message to post.
    pub(super) fn run(&mut self, now: Instant) -> Option<Message> {
        while let Some(effect) = self.member.tick(now) {
            self.follow(effect, now);
        }
        if self.is_ending {
            self.leave(now);
        }
        if self.member.wants_batch(now) {
            let outbox = std::mem::take(&mut self.outbox);
            let (mut kinds, mut entries) = (Vec::new(), Vec::new());
            for (kind, group) in &outbox {
                let number = (*kind).into();
                let is_whole = !self.member.is_known(number, LEVEL, now);
                self.briefs += u64::from(!is_whole);
                let whole = is_whole.then_some(LEVEL);
                kinds.push(EntryKind { number, whole });
                entries.push(encode(*kind, &group.ids, is_whole));
            }
            self.member.put(kinds, entries, now);
            self.handed_over = outbox;
        }
        if self.sent.is_some_and(|sent| now < sent + self.span) {
            return None;
        }
        if self.sending.is_none() {
            self.choose(now);
        }
        let message = self.sending.as_mut()?;
        let may_send = message.is_alone || self.member.may_send(now);
        if message.is_posted || !may_send {
            return None;
        }
        message.is_posted = true;
        self.sent = Some(now);
        Some(message.clone())
    }

    /// Leaves as soon as no events are left that only this process has.
    fn leave(&mut self, now: Instant) {
        if self.own().next().is_none() {
            self.member.leave(now);
            self.is_alive = !self.member.has_left();
        } else if !self.member.is_putting() {
            self.member.make_due(now);
        }
    }

    fn choose(&mut self, now: Instant) {
        if self.member.is_leaving() {
            return;
        }
        self.messages += 1;
        let mut message = Message {
            number: self.messages,
            ..Message::default()
        };
        let mut is_brief = false;
        let mut tell = |group: Group| {
            message.ids.extend(group.ids);
            message.repeats |= group.repeats;
            message.in_flight.marks.extend(group.marks);
        };
        if self.member.sends_until(now).is_some() {
            let mut keys = Vec::new();
            for (kind, group) in std::mem::take(&mut self.groups) {
                is_brief |= !group.is_whole;
                keys.extend(group.is_kept.then_some(u64::from(kind)));
                tell(group);
            }
            for (kind, known) in &mut self.known {
                if !known.untold.ids.is_empty() && known.told + REMINDS <= now {
                    known.told = now;
                    tell(std::mem::take(&mut known.untold));
                    keys.push(u64::from(*kind));
                }
            }
            message.in_flight.keys = keys;
            message.is_brief = is_brief;
            if !message.ids.is_empty() {
                self.member.begin(message.in_flight.clone());
            }
        } else if self.member.slot_until(now).is_some()
            && !(self.outbox.is_empty() && self.handed_over.is_empty())
        {
            let repeats = self.member.abandon();
            for mut group in std::mem::take(&mut self.handed_over).into_values() {
                group.repeats = repeats;
                tell(group);
            }
            std::mem::take(&mut self.outbox)
                .into_values()
                .for_each(&mut tell);
            message.is_alone = true;
            message.members = self.member.place().map(|place| place.members);
            self.member.note_slot_used(now);
        }
        if !message.ids.is_empty() {
            self.sending = Some(message);
        }
    }

    /// Handles the chat's confirmation of a message.
    pub(super) fn answered(&mut self, number: u64, now: Instant) {
        let Some(message) = self.sending.take_if(|one| one.number == number) else {
            return;
        };
        if message.is_alone {
            return;
        }
        let marks: Vec<_> = message.in_flight.marks.clone();
        for mark in marks {
            self.member.settle(mark);
        }
        self.member.note_counts_sent(&message.in_flight.keys);
        self.member.end();
        for kind in 0..4 {
            let is_told = message.ids.iter().any(|id| kind_of(*id) == kind);
            if is_told && !self.known.contains_key(&kind) {
                let known = Known {
                    told: now,
                    untold: Group::default(),
                };
                self.known.insert(kind, known);
            }
            if is_told {
                // Events that came meanwhile are counted.
                match self.groups.remove(&kind) {
                    Some(group) => self.count(kind, group),
                    None => self.know(kind),
                }
            }
        }
    }

    /// Writes waiting entries to the broker's state of their kinds if there are many.
    fn keep_waiting(&mut self) {
        if self.member.unsettled() <= MOST_WAITING {
            return;
        }
        let sending = self.sending.as_ref();
        let sent: Vec<_> = sending
            .iter()
            .flat_map(|message| message.ids.iter().map(|id| kind_of(*id)))
            .collect();
        let waiting = self.groups.iter_mut();
        let waiting = waiting.filter(|(kind, _)| !sent.contains(kind));
        let mut kinds = Vec::new();
        for (kind, group) in waiting {
            for mark in std::mem::take(&mut group.marks) {
                self.member.settle(mark);
            }
            group.is_kept = true;
            kinds.push(*kind);
        }
        self.keeps += kinds.len() as u64;
        kinds.into_iter().for_each(|kind| self.know(kind));
    }

    fn count(&mut self, kind: u8, group: Group) {
        let Some(known) = self.known.get_mut(&kind) else {
            return;
        };
        known.untold.ids.extend(group.ids);
        known.untold.repeats |= group.repeats;
        for mark in group.marks {
            self.member.settle(mark);
        }
        self.know(kind);
    }

    fn know(&mut self, kind: u8) {
        let known = self.known.get(&kind);
        let untold = self.groups.get(&kind).filter(|group| group.is_kept);
        let kept = Kept {
            kind,
            is_known: known.is_some(),
            counted: known.map_or_else(Vec::new, |known| known.untold.ids.clone()),
            untold: untold.map_or_else(Vec::new, |group| group.ids.clone()),
            is_whole: untold.is_some_and(|group| group.is_whole),
            repeats: untold.is_some_and(|group| group.repeats),
        };
        self.member.set_known(kind.into(), kept.encode());
    }

    pub(super) fn follow(&mut self, effect: Effect, now: Instant) {
        match effect {
            Effect::Stored => self.handed_over.clear(),
            Effect::Took(takeover) => self.take_over(&takeover, now),
            Effect::Read(entries) => {
                entries.into_iter().for_each(|entry| self.read(entry));
                self.keep_waiting();
            }
            Effect::Recalled(_) => {}
            Effect::Lost => self.drop_stream(),
            Effect::Alone => self.falls += 1,
            Effect::Joined => {
                for kind in self.outbox.keys() {
                    self.member.note((*kind).into(), now);
                }
            }
        }
    }

    fn drop_stream(&mut self) {
        self.groups.clear();
        self.known.clear();
        if self.sending.as_ref().is_some_and(|one| !one.is_alone) {
            self.sending = None;
        }
    }

    fn take_over(&mut self, takeover: &Takeover, now: Instant) {
        self.takeovers += 1;
        self.drop_stream();
        let in_flight = InFlight::decode(&takeover.going);
        for bytes in &takeover.known {
            let Kept {
                kind,
                is_known,
                counted,
                untold,
                is_whole,
                repeats,
            } = Kept::decode(bytes);
            let is_going = in_flight.keys.contains(&u64::from(kind));
            let of = |ids, repeats| Group {
                ids,
                repeats: repeats || is_going,
                is_whole,
                ..Group::default()
            };
            if is_known {
                let untold = of(counted, false);
                self.known.insert(kind, Known { told: now, untold });
            }
            if !untold.is_empty() {
                let group = Group {
                    is_kept: true,
                    ..of(untold, repeats)
                };
                self.take(kind, group);
            }
        }
        self.in_flight = in_flight;
    }

    fn read(&mut self, Entry { mark, bytes }: Entry) {
        let (kind, flags, ids) = decode(&bytes);
        let group = Group {
            ids,
            marks: vec![mark],
            repeats: self.in_flight.marks.contains(&mark),
            is_whole: flags != 0,
            is_kept: false,
        };
        self.take(kind, group);
    }

    fn take(&mut self, kind: u8, group: Group) {
        let is_going = |message: &Message| message.ids.iter().any(|id| kind_of(*id) == kind);
        let waits = self.sending.as_ref().is_some_and(is_going);
        // While a message of a kind is in flight, its state is written when that is settled.
        if !waits && !group.repeats && self.known.contains_key(&kind) {
            return self.count(kind, group);
        }
        self.groups.entry(kind).or_default().absorb(group);
    }

    /// Asserts that it does not sleep while it has a request to make.
    pub(super) fn assert_sleeps(&mut self, now: Instant) {
        let wakes = self.member.wakes_at(now);
        let before = wakes.map_or(now + A_DAY, |at| at - Duration::from_nanos(1));
        if before > now {
            let missed = self.member.next(before);
            assert!(
                missed.is_none(),
                "it sleeps until {wakes:?}, but {missed:?}"
            );
            let wants = self.member.wants_batch(before);
            assert!(
                !wants || self.member.wants_batch(now),
                "it sleeps until {wakes:?}"
            );
        }
    }

    /// Returns when it next does something by itself.
    pub(super) fn wakes_at(&self, now: Instant) -> Option<Instant> {
        let paced = self.sent.map(|sent| sent + self.span);
        let reminds = self.known.values();
        let reminds = reminds.filter(|known| !known.untold.ids.is_empty());
        let reminds = reminds.map(|known| known.told + REMINDS);
        let moments = self.member.wakes_at(now).into_iter().chain(paced);
        let moments = moments.chain(reminds).filter(|at| *at > now);
        moments.chain(self.frozen_until).min()
    }
}

/// Returns the kind of an event.
pub(super) fn kind_of(id: u32) -> u8 {
    (id % 4) as u8
}
