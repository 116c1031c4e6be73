//! Frames of a log, each with a checksum, and their recovery from damaged bytes.
//!
//! ```text
//! frame = magic u16, length u32, crc32 u32, payload   the checksum is the payload's
//! ```
//!
//! A frame is one batch, or a part of one that is longer than a frame: it is whole or it is not there.
//! Pure, and total on any bytes.

use std::ops::Range;

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// The first bytes of a frame; no text in UTF-8 contains them.
const MAGIC: [u8; 2] = [0xf5, 0x9c];

/// The number of bytes before the payload.
pub(super) const HEADER: usize = 10;

/// The longest payload: several times what all lanes together hold by default.
pub(super) const LONGEST: usize = 32 << 20;

/// How many times the bytes of a log are summed up at most while frames are looked for in damage.
/// Bytes that look like long frames everywhere would otherwise take hours.
const MOST_PASSES: usize = 8;

/// CRC-32 as in zip, png and Ethernet, a byte at a time.
static CRC: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC);

fn checksum(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}

/// Appends a frame with this payload.
pub(super) fn append(payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).unwrap_or_default();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&checksum(payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// A part of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LogPiece {
    /// The payload of a frame with the right checksum.
    Frame(Range<usize>),
    /// Bytes that belong to no such frame.
    Damage(Range<usize>),
    /// The beginning of a frame that was being written when the process ended.
    Torn(Range<usize>),
}

/// Splits the bytes from `start` on. After a frame with a wrong checksum it looks for the next
/// valid one.
pub(super) fn pieces(bytes: &[u8], start: usize) -> Vec<LogPiece> {
    let mut pieces = Vec::new();
    let mut at = start;
    let mut left = bytes.len().saturating_mul(MOST_PASSES);
    while at < bytes.len() {
        if let Some(payload) = frame(bytes, at) {
            at = payload.end;
            pieces.push(LogPiece::Frame(payload));
            continue;
        }
        let mut is_frame = |next: &usize| {
            let length = header(bytes.get(*next..).unwrap_or_default());
            let length = length.map_or(0, |(length, _)| length.min(bytes.len()));
            let looks = length <= left;
            if looks {
                left -= length;
            }
            looks && frame(bytes, *next).is_some()
        };
        let next = (at + 1..bytes.len()).find(&mut is_frame);
        match next {
            Some(next) => pieces.push(LogPiece::Damage(at..next)),
            None if is_torn(bytes, at) => pieces.push(LogPiece::Torn(at..bytes.len())),
            None => pieces.push(LogPiece::Damage(at..bytes.len())),
        }
        at = next.unwrap_or(bytes.len());
    }
    pieces
}

/// Returns the payload of the frame that begins here, if its checksum is right.
fn frame(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let (length, sum) = header(bytes.get(at..)?)?;
    let start = at + HEADER;
    let end = start.checked_add(length).filter(|_| length <= LONGEST)?;
    let checks = checksum(bytes.get(start..end)?) == sum;
    checks.then_some(start..end)
}

/// Returns the length and the checksum in a header.
fn header(bytes: &[u8]) -> Option<(usize, u32)> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (length, rest) = rest.split_first_chunk()?;
    let (sum, _) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    Some((length, u32::from_le_bytes(*sum)))
}

/// Returns whether a frame begins here that was not written to its end. One with its whole payload
/// and a wrong length is damaged instead.
fn is_torn(bytes: &[u8], at: usize) -> bool {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.len() < HEADER {
        let known = rest.len().min(MAGIC.len());
        return rest.get(..known) == MAGIC.get(..known);
    }
    let payload = rest.get(HEADER..).unwrap_or_default();
    header(rest).is_some_and(|(length, sum)| {
        length > payload.len() && length <= LONGEST && checksum(payload) != sum
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HEADER, LogPiece, append, checksum, pieces};
    use crate::text::linear_time::assert_linear;

    fn log(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for payload in payloads {
            append(payload, &mut bytes);
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Vec<&[u8]> {
        let frames = pieces(bytes, 0)
            .into_iter()
            .filter_map(|piece| match piece {
                LogPiece::Frame(payload) => Some(&bytes[payload]),
                _ => None,
            });
        frames.collect()
    }

    fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..6)
    }

    #[test]
    fn what_looks_like_frames_everywhere_is_read_in_linear_time() {
        // Each says that it is half as long as all of them together.
        let frames = |number: usize| {
            let half = u32::try_from(HEADER * number / 2).unwrap();
            let looks = [&super::MAGIC[..], &half.to_le_bytes(), &[1; 4]].concat();
            looks.repeat(number)
        };
        assert_linear("frames", 20_000, frames, |bytes| {
            assert_eq!(pieces(bytes, 0), [LogPiece::Damage(0..bytes.len())]);
        });
    }

    #[test]
    fn the_checksum_is_the_standards() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(payloads in payloads()) {
            let bytes = log(&payloads);
            prop_assert_eq!(read(&bytes), payloads.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let covered: usize = pieces(&bytes, 0).iter().map(|piece| match piece {
                LogPiece::Frame(payload) => payload.len() + HEADER,
                LogPiece::Damage(range) | LogPiece::Torn(range) => range.len(),
            }).sum();
            prop_assert_eq!(covered, bytes.len());
        }

        #[test]
        fn cut_anywhere_it_is_torn_and_not_damaged(payloads in payloads(), cut in any::<prop::sample::Index>()) {
            let bytes = log(&payloads);
            let bytes = &bytes[..cut.index(bytes.len() + 1)];
            let pieces = pieces(bytes, 0);
            prop_assert!(!pieces.iter().any(|piece| matches!(piece, LogPiece::Damage(_))), "{:?}", pieces);
            let whole = read(bytes);
            prop_assert!(payloads.iter().map(Vec::as_slice).take(whole.len()).eq(whole.iter().copied()));
        }

        #[test]
        fn a_flipped_bit_takes_one_frame_and_is_said(payloads in payloads(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let mut bytes = log(&payloads);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let found = read(&bytes);
            prop_assert_eq!(found.len(), payloads.len() - 1);
            prop_assert!(found.iter().all(|one| payloads.iter().any(|known| known == one)));
            let is_said = pieces(&bytes, 0).iter().any(|piece| matches!(piece, LogPiece::Damage(_)));
            prop_assert!(is_said);
        }
    }
}
