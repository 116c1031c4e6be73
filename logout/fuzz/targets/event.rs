//! Round trips of encoded events. Any bytes are read to an end, and text composed of them is clean.
#![no_main]

use libfuzzer_sys::fuzz_target;
use logout::__private::fuzzing::{self, Given};

/// Is in every text that is composed, and must not come out.
const SECRET: &str = "hunter2/s3cret+key";

/// A reader that takes values off the front of the data.
struct Bytes<'d>(&'d [u8]);

impl<'d> Bytes<'d> {
    fn take(&mut self, most: usize) -> &'d [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> u128 {
        let mut bytes = [0; 16];
        let taken = self.take(16);
        bytes[..taken.len()].copy_from_slice(taken);
        u128::from_le_bytes(bytes)
    }

    fn byte(&mut self) -> usize {
        self.take(1).first().copied().unwrap_or_default().into()
    }

    fn text(&mut self) -> String {
        let length = self.byte() * 4;
        String::from_utf8_lossy(self.take(length)).into_owned()
    }

    fn given(&mut self) -> Given {
        match self.byte() % 9 {
            0 => Given::Str(self.text()),
            1 => Given::Text(self.text()),
            2 => Given::I64(self.number() as i64),
            3 => Given::U64(self.number() as u64),
            4 => Given::I128(self.number() as i128),
            5 => Given::U128(self.number()),
            6 => Given::F64(self.number() as u64),
            7 => Given::Bool(self.byte() % 2 == 0),
            _ => Given::Error((0..=self.byte() % 20).map(|_| self.text()).collect()),
        }
    }
}

/// Returns whether `read` is `given`, whole or cut after `truncate` bytes.
fn is_text(given: &str, read: &str, truncate: usize) -> bool {
    given == read
        || read.strip_suffix(fuzzing::TRUNCATED).is_some_and(|head| {
            given.len() > truncate && given.starts_with(head) && head.len() <= truncate
        })
}

fn is_same(given: &Given, read: &Given, truncate: usize) -> bool {
    match (given, read) {
        (Given::Str(given), Given::Str(read)) | (Given::Text(given), Given::Text(read)) => {
            is_text(given, read, truncate)
        }
        (Given::Error(given), Given::Error(read)) => {
            read.len() == given.len().min(fuzzing::DEPTH)
                && given
                    .iter()
                    .zip(read)
                    .all(|(given, read)| is_text(given, read, truncate))
        }
        _ => given == read,
    }
}

fn round(data: &[u8]) {
    let mut bytes = Bytes(data);
    let truncate = bytes.byte() * 8;
    let mut fields = Vec::new();
    while !bytes.0.is_empty() && fields.len() < 64 {
        fields.push((bytes.byte() % fuzzing::FIELDS, bytes.given()));
    }
    let encoded = fuzzing::encode(&fields, truncate, usize::MAX);
    let read = fuzzing::decode(&encoded);
    assert_eq!(read.len(), fields.len());
    for ((index, given), (name, value)) in fields.iter().zip(&read) {
        assert_eq!(*name, fuzzing::name(*index));
        assert!(is_same(given, value, truncate), "{given:?} {value:?}");
    }
    // Where there is little room what does not fit is left out, and the rest is whole.
    let room = data.len() / 2;
    let bounded = fuzzing::encode(&fields, truncate, room);
    assert!(bounded.len() <= room.max(1), "{} > {room}", bounded.len());
    assert!(fuzzing::decode(&bounded).len() <= fields.len());
}

fn compose(bytes: &[u8], spans_at: usize) {
    let told = fuzzing::compose(bytes, spans_at, SECRET);
    let is_hidden = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(!told.contains(is_hidden), "{told:?}");
    assert!(!told.contains(SECRET), "{told:?}");
}

fuzz_target!(|data: &[u8]| {
    round(data);
    let spans_at = data.first().copied().unwrap_or_default().into();
    compose(data, spans_at);
    let texts = String::from_utf8_lossy(data);
    let fields = [
        (0, Given::Str(format!("{texts}{SECRET}"))),
        (1, Given::Text(format!("{SECRET}{texts}"))),
        (2, Given::Error(vec![texts.into_owned(), SECRET.to_owned()])),
    ];
    let encoded = fuzzing::encode(&fields, usize::MAX, usize::MAX);
    compose(&encoded, encoded.len());
});
