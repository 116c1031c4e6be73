//! The contents of a message in flight, encoded for the next leader.

use super::broker::Mark;

/// The contents of a message in flight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) marks: Vec<Mark>,
    /// The numbers of the known problems whose counts the message reports.
    pub(crate) keys: Vec<u64>,
}

impl InFlight {
    /// Encodes it as `marks|numbers`, each separated by spaces.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let marks: Vec<_> = self.marks.iter().map(|mark| mark.text()).collect();
        let keys: Vec<_> = self.keys.iter().map(|key| format!("{key:x}")).collect();
        format!("{}|{}", marks.join(" "), keys.join(" ")).into_bytes()
    }

    /// Decodes it, and leaves out what is malformed.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (marks, keys) = text.split_once('|').unwrap_or((&text, ""));
        let key = |text| u64::from_str_radix(text, 16).ok();
        Self {
            marks: marks.split(' ').filter_map(Mark::parse).collect(),
            keys: keys.split(' ').filter_map(key).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_going_is_read_as_it_was_written() {
        let mark = |time| Mark { time, number: 3 };
        for given in [
            InFlight::default(),
            InFlight {
                marks: vec![mark(1), mark(u64::MAX)],
                keys: Vec::new(),
            },
            InFlight {
                marks: Vec::new(),
                keys: vec![0, u64::MAX],
            },
        ] {
            assert_eq!(InFlight::decode(&given.encode()), given);
        }
        assert_eq!(InFlight::decode(b"x 1-2-3 |zz"), InFlight::default());
        assert_eq!(InFlight::decode(b""), InFlight::default());
    }
}
