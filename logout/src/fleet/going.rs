//! What a message on its way tells, as it is written for whoever leads next.

use super::broker::Mark;

/// What a message on its way tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Going {
    pub(crate) marks: Vec<Mark>,
    /// The numbers of known problems of which it tells what was counted.
    pub(crate) keys: Vec<u64>,
}

impl Going {
    /// Writes it as `marks|numbers`, separated by spaces.
    pub(crate) fn written(&self) -> Vec<u8> {
        let marks: Vec<_> = self.marks.iter().map(|mark| mark.text()).collect();
        let keys: Vec<_> = self.keys.iter().map(|key| format!("{key:x}")).collect();
        format!("{}|{}", marks.join(" "), keys.join(" ")).into_bytes()
    }

    /// Reads it; what cannot be read is left out.
    pub(crate) fn read(bytes: &[u8]) -> Self {
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
            Going::default(),
            Going {
                marks: vec![mark(1), mark(u64::MAX)],
                keys: Vec::new(),
            },
            Going {
                marks: Vec::new(),
                keys: vec![0, u64::MAX],
            },
        ] {
            assert_eq!(Going::read(&given.written()), given);
        }
        assert_eq!(Going::read(b"x 1-2-3 |zz"), Going::default());
        assert_eq!(Going::read(b""), Going::default());
    }
}
