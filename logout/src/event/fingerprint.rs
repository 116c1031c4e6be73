//! What makes two events the same: the number they are grouped, muted and ignored under.

use std::fmt::{self, Write};

use super::view::EventView;

impl EventView<'_> {
    /// Hashes the field `fingerprint` (the event's, else the innermost span's), or else the call
    /// site: target, file, line and name.
    ///
    /// It is FNV-1a of 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>), so it is the same in
    /// every run and build of a program as long as the call site stays where it is.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hash = Fnv::new();
        let _infallible = match self.field("fingerprint") {
            Some(value) => write!(hash, "{value}"),
            None => write!(
                hash,
                "{}\0{}\0{}\0{}",
                self.target(),
                self.file().unwrap_or_default(),
                self.line().unwrap_or_default(),
                self.metadata().name(),
            ),
        };
        hash.0
    }
}

/// Returns the four hexadecimal digits that people see and write.
pub(crate) fn short(fingerprint: u64) -> String {
    format!("{:04x}", fold(fingerprint))
}

/// Folds the bits, which is FNV's own advice for fewer of them: not to cut.
fn fold(fingerprint: u64) -> u16 {
    let folded = fingerprint ^ (fingerprint >> 32);
    u16::try_from((folded ^ (folded >> 16)) & 0xffff).unwrap_or_default()
}

/// A fingerprint as people write it: four hexadecimal digits, `3fa9` or `#3fa9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(u16);

impl Fingerprint {
    /// Reads what stands in a message.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches('#');
        (digits.len() == 4)
            .then(|| u16::from_str_radix(digits, 16).ok().map(Self))
            .flatten()
    }

    pub(crate) fn of(event: &EventView<'_>) -> Self {
        Self(fold(event.fingerprint()))
    }
}

struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    #[test]
    fn the_hash_is_fnv_1a() {
        // Test vectors of the authors: http://www.isthe.com/chongo/src/fnv/test_fnv.c
        for (text, hash) in [
            ("", 0xcbf2_9ce4_8422_2325_u64),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            let mut fnv = super::Fnv::new();
            write!(fnv, "{text}").unwrap();
            assert_eq!(fnv.0, hash);
        }
    }

    #[test]
    fn a_short_fingerprint_has_four_digits() {
        assert_eq!(super::short(0), "0000");
        assert_eq!(super::short(0x0001_0000_0000_3fa8), "3fa9");
    }
}
