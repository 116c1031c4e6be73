//! Buffers that an encoder writes into.

/// A growing sequence of bytes.
pub(crate) trait Buffer {
    fn bytes(&self) -> &[u8];
    fn length(&self) -> usize;
    fn append(&mut self, bytes: &[u8]);
    /// Keeps the first `length` bytes alone.
    fn cut(&mut self, length: usize);
    /// Writes over bytes that are already there.
    fn overwrite(&mut self, place: usize, bytes: [u8; 4]);
}

impl Buffer for Vec<u8> {
    #[inline]
    fn bytes(&self) -> &[u8] {
        self
    }

    #[inline]
    fn length(&self) -> usize {
        self.len()
    }

    #[inline]
    fn append(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn cut(&mut self, length: usize) {
        self.truncate(length);
    }

    #[inline]
    fn overwrite(&mut self, place: usize, bytes: [u8; 4]) {
        overwrite(self, place, bytes);
    }
}

/// The bytes that the name and two or three fields of a span take.
const SHORT: usize = 64;

/// A buffer that allocates only beyond a few bytes.
///
/// A span's go into its extensions, where the registry boxes whatever it keeps. An allocation of
/// their own beside that box, and its release, were 130 of the 2,600 instructions of a span.
#[derive(Debug)]
pub(crate) struct SmallBuffer {
    /// How many bytes of `short` are in use; beyond its end where all are in `long`.
    length: usize,
    short: [u8; SHORT],
    long: Vec<u8>,
}

impl SmallBuffer {
    #[cold]
    fn append_long(&mut self, bytes: &[u8]) {
        if let Some(short) = self.short.get(..self.length) {
            self.long.extend_from_slice(short);
        }
        self.long.extend_from_slice(bytes);
        self.length = usize::MAX;
    }
}

impl Default for SmallBuffer {
    #[inline]
    fn default() -> Self {
        Self {
            length: 0,
            short: [0; SHORT],
            long: Vec::new(),
        }
    }
}

impl From<Vec<u8>> for SmallBuffer {
    fn from(long: Vec<u8>) -> Self {
        Self {
            length: usize::MAX,
            short: [0; SHORT],
            long,
        }
    }
}

impl Buffer for SmallBuffer {
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.short.get(..self.length).unwrap_or(&self.long)
    }

    #[inline]
    fn length(&self) -> usize {
        if self.length <= SHORT {
            self.length
        } else {
            self.long.len()
        }
    }

    #[inline]
    fn append(&mut self, bytes: &[u8]) {
        let room = self.short.get_mut(self.length..).unwrap_or_default();
        match room.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => self.append_long(bytes),
        }
    }

    #[inline]
    fn cut(&mut self, length: usize) {
        if self.length <= SHORT {
            self.length = self.length.min(length);
        } else {
            self.long.truncate(length);
        }
    }

    #[inline]
    fn overwrite(&mut self, place: usize, bytes: [u8; 4]) {
        let all = if self.length <= SHORT {
            self.short.as_mut_slice()
        } else {
            self.long.as_mut_slice()
        };
        overwrite(all, place, bytes);
    }
}

#[inline]
fn overwrite(all: &mut [u8], place: usize, bytes: [u8; 4]) {
    if let Some(there) = all.get_mut(place..).and_then(<[u8]>::first_chunk_mut) {
        *there = bytes;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Buffer, SHORT, SmallBuffer};

    proptest! {
        /// Applies the same operations to both, which then hold the same.
        #[test]
        fn small_holds_what_a_vector_holds(steps in prop::collection::vec((0_usize..4, any::<Vec<u8>>(), 0..3 * SHORT), 0..20)) {
            let (mut small, mut vector) = (SmallBuffer::default(), Vec::new());
            for (step, bytes, number) in steps {
                match step {
                    0 | 1 => {
                        small.append(&bytes);
                        Buffer::append(&mut vector, &bytes);
                    }
                    2 => {
                        small.cut(number);
                        vector.cut(number);
                    }
                    _ if number + 4 <= vector.length() => {
                        small.overwrite(number, [1, 2, 3, 4]);
                        vector.overwrite(number, [1, 2, 3, 4]);
                    }
                    _ => {}
                }
                prop_assert_eq!(small.length(), vector.length());
                prop_assert_eq!(small.bytes(), vector.as_slice());
            }
        }
    }
}
