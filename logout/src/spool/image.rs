//! The contents of a log: the result of applying its records in order.
//!
//! Pure; any bytes are accepted.

use super::frame::{self, LogPiece};
use super::history::History;
use super::process_run::ProcessRun;
use super::record::{ParsedRecord, Record, StoredGroup, StoredProblems, VERSION, records};
use crate::text::sorted_map::SortedMap;

/// The first bytes of a log.
const NAME: [u8; 7] = *b"lgspool";

/// The mark of a log in which nothing is missing.
const COMPLETE: u8 = b'.';

/// The mark of a log to which something could not be written.
pub(super) const DOUBTFUL: u8 = b'?';

/// The head of a log: its name, its version and that mark.
pub(super) const HEAD: [u8; 9] = {
    let [l, g, s, p, o, q, m] = NAME;
    [l, g, s, p, o, q, m, VERSION, COMPLETE]
};

/// The position of the mark.
pub(super) const DOUBT_AT: u64 = 8;

/// The contents of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Image {
    /// By their numbers, which grow with age: the oldest first.
    pub(crate) groups: SortedMap<u64, Box<StoredGroup>>,
    pub(crate) history: History,
    /// The run of the process that wrote it.
    pub(crate) run: Option<ProcessRun>,
    /// When it was last written to, in seconds since 1970.
    pub(crate) last_sign: u32,
    /// A number above all in the log.
    pub(crate) next_id: u64,
    /// Bytes that could not be read.
    pub(crate) damaged: u64,
    /// Bytes of records in a newer version.
    pub(crate) newer: u64,
    /// Whether something could not be written to it. Its groups may then have been sent, and its
    /// process may have ended properly.
    pub(crate) is_doubtful: bool,
    /// The length of the part that new frames follow.
    pub(super) end: usize,
}

impl Image {
    /// Reads a log.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut image = Self {
            next_id: 1,
            ..Self::default()
        };
        if HEAD.starts_with(bytes) {
            // It was being created when the process ended.
            return image;
        }
        let head = bytes.strip_prefix(&NAME);
        let head = head.and_then(|rest| rest.split_first_chunk::<2>());
        let head = head.map(|([version, state], _)| (*version, *state));
        if head.is_some_and(|(version, _)| version > VERSION) {
            image.newer = bytes.len() as u64;
            return image;
        }
        // If the head is damaged, the frames after it are still valid.
        let start = head.map_or(0, |_| HEAD.len());
        image.end = start;
        match head {
            Some((VERSION, COMPLETE)) | None => {}
            Some((VERSION, DOUBTFUL)) => image.is_doubtful = true,
            // No such version or mark exists.
            Some(_) => image.damaged = 1,
        }
        for piece in frame::pieces(bytes, start) {
            match piece {
                LogPiece::Frame(payload) => {
                    image.end = payload.end;
                    image.apply_frame(bytes.get(payload).unwrap_or_default());
                }
                LogPiece::Damage(range) => {
                    image.damaged += range.len() as u64;
                    image.end = range.end;
                    image.mark_all();
                }
                LogPiece::Torn(_) => {}
            }
        }
        if image.is_doubtful {
            image.mark_all();
        }
        image
    }

    fn apply_frame(&mut self, payload: &[u8]) {
        let (mut is_newer, mut is_wrong) = (false, false);
        for found in records(payload) {
            match found {
                ParsedRecord::Record(record) => self.apply(record),
                ParsedRecord::Newer => is_newer = true,
                ParsedRecord::Wrong => is_wrong = true,
            }
        }
        if is_newer {
            self.newer += payload.len() as u64;
        }
        if is_wrong {
            self.damaged += payload.len() as u64;
            self.mark_all();
        }
    }

    pub(super) fn apply(&mut self, record: Record) {
        let id = match record {
            Record::Group(group) => {
                let id = group.id;
                self.groups.insert(id, Box::new(group));
                id
            }
            Record::Change(change) => {
                let id = change.id;
                if let Some(group) = self.groups.get_mut(id) {
                    group.change(change);
                }
                id
            }
            Record::Gone(id) => {
                self.groups.remove(id);
                id
            }
            Record::Problems(known) => {
                for (index, release) in known.releases {
                    self.history.set_release(index, release);
                }
                for problem in known.problems {
                    self.history.set(problem);
                }
                return;
            }
            Record::Run(run) => {
                self.run = Some(run);
                return;
            }
            // Only fleets use these.
            #[cfg(feature = "fleet")]
            Record::Losses(_) | Record::Mute(_) => return,
        };
        self.next_id = self.next_id.max(id.saturating_add(1));
    }

    /// Marks all groups as possibly sent, which the unreadable bytes may have said.
    fn mark_all(&mut self) {
        for group in self.groups.values_mut() {
            group.in_flight = true;
        }
    }

    /// Returns whether the log has bytes that this version cannot read, and must not discard.
    pub(super) fn is_to_be_set_aside(&self) -> bool {
        self.damaged > 0 || self.newer > 0
    }

    /// Encodes a log with the same contents.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = HEAD.to_vec();
        let mut payload = Vec::new();
        if !self.history.is_empty() {
            let releases = self.history.releases();
            let known = StoredProblems {
                releases: releases
                    .map(|(index, text)| (index, text.to_owned()))
                    .collect(),
                problems: self.history.problems(),
            };
            Record::Problems(known).write(&mut payload);
            frame::append(&payload, &mut bytes);
            payload.clear();
        }
        if let Some(run) = &self.run {
            Record::Run(run.clone()).write(&mut payload);
            frame::append(&payload, &mut bytes);
            payload.clear();
        }
        let last = self.groups.len().saturating_sub(1);
        for (index, group) in self.groups.values().enumerate() {
            Record::Group(StoredGroup::clone(group)).write(&mut payload);
            if index == last || payload.len() >= frame::LONGEST / 32 {
                frame::append(&payload, &mut bytes);
                payload.clear();
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: u64, text: &str) -> Record {
        Record::Group(StoredGroup {
            id,
            events: 1,
            last: text.to_owned(),
            ..StoredGroup::default()
        })
    }

    fn change(id: u64, events: u64) -> Record {
        Record::Change(StoredGroup {
            id,
            events,
            last: "payment failed".to_owned(),
            ..StoredGroup::default()
        })
    }

    /// Encodes a log with one record a frame; returns it with the start of each.
    fn log(given: &[Record]) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut starts) = (HEAD.to_vec(), Vec::new());
        for record in given {
            let mut payload = Vec::new();
            record.write(&mut payload);
            starts.push(bytes.len());
            frame::append(&payload, &mut bytes);
        }
        starts.push(bytes.len());
        (bytes, starts)
    }

    fn some_records() -> Vec<Record> {
        let mut given: Vec<_> = (1..=30).map(|id| group(id, "payment failed")).collect();
        given.push(change(3, 1_204));
        given.extend([1, 2, 29].map(Record::Gone));
        given
    }

    #[test]
    fn what_lives_is_what_was_written_and_is_not_gone() {
        let (bytes, _) = log(&some_records());
        let image = Image::read(&bytes);
        let ids: Vec<_> = image.groups.values().map(|group| group.id).collect();
        let expected: Vec<_> = (3..=28).chain([30]).collect();
        assert_eq!(ids, expected);
        assert_eq!(
            (image.groups.get(3).unwrap().events, image.next_id),
            (1_204, 31)
        );
        assert_eq!((image.damaged, image.newer, image.end), (0, 0, bytes.len()));
        let again = Image::read(&image.write());
        assert_eq!(again.groups, image.groups);
    }

    #[test]
    fn cut_at_each_byte_it_holds_what_was_written_by_then() {
        let given = some_records();
        let (bytes, starts) = log(&given);
        for cut in 0..bytes.len() {
            let image = Image::read(&bytes[..cut]);
            let whole = starts.iter().filter(|start| **start <= cut).count();
            let whole = whole.saturating_sub(1);
            let mut expected = Image::default();
            given[..whole]
                .iter()
                .cloned()
                .for_each(|record| expected.apply(record));
            assert_eq!(image.groups, expected.groups, "cut at {cut}");
            assert_eq!((image.damaged, image.newer), (0, 0), "cut at {cut}");
        }
    }

    #[test]
    fn a_byte_that_is_wrong_anywhere_is_said_and_tells_nothing_wrong() {
        let given = some_records();
        let (bytes, _) = log(&given);
        let known = Image::read(&bytes);
        for place in 0..bytes.len() {
            for wrong in [1, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[place] ^= wrong;
                let image = Image::read(&bytes);
                assert!(image.is_to_be_set_aside(), "{wrong} at {place}");
                for group in image.groups.values() {
                    let right = known.groups.get(group.id);
                    let is_repeat = right.is_none_or(|right| right.events != group.events);
                    assert!(
                        !is_repeat || group.in_flight,
                        "{wrong} at {place}: {group:?}"
                    );
                    assert_eq!(
                        group.last,
                        right.map_or("payment failed", |right| &right.last)
                    );
                }
                if image.newer == 0 {
                    let lost = known
                        .groups
                        .values()
                        .filter(|group| !image.groups.contains(group.id));
                    assert!(lost.count() <= 1, "{wrong} at {place}");
                }
            }
        }
    }

    #[test]
    fn of_a_log_to_which_something_could_not_be_written_all_may_have_been_told() {
        let (mut bytes, _) = log(&some_records());
        bytes[usize::try_from(DOUBT_AT).unwrap()] = DOUBTFUL;
        let image = Image::read(&bytes);
        assert!(image.is_doubtful && !image.is_to_be_set_aside());
        assert!(image.groups.values().all(|group| group.in_flight));
        let again = Image::read(&image.write());
        assert!(!again.is_doubtful && again.groups == image.groups);
    }

    #[test]
    fn a_newer_log_is_not_read() {
        let (mut bytes, _) = log(&some_records());
        bytes[7] = VERSION + 1;
        let image = Image::read(&bytes);
        assert_eq!((image.groups.len(), image.newer), (0, bytes.len() as u64));
    }

    #[test]
    fn garbage_is_damage() {
        for garbage in [
            vec![0_u8; 4_096],
            vec![0xf5; 4_096],
            b"garbage ".repeat(512),
        ] {
            let image = Image::read(&garbage);
            assert!(image.groups.is_empty());
            assert_eq!(image.damaged, 4_096);
        }
        assert_eq!(Image::read(b"lgsp").damaged, 0);
    }
}
