//! Sizes of text and memory as a person writes them: `16 MiB`, `8KiB`, `8192`.

/// The syntax of [`parse`], as error messages say it.
pub(crate) const EXPECTED: &str = "a size such as `8192`, `8 KiB` or `16 MiB`, with the units `B`, `KiB`, `MiB`, `GiB` (1024 each) and `kB`, `MB`, `GB` (1000 each)";

/// The units, in lower case, with their bytes: those of IEC 80000-13, and those of the SI. A single
/// letter is none, since programs differ on what it means.
const UNITS: [(&str, usize); 8] = [
    ("", 1),
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
];

/// Reads a number of bytes: a whole number, followed by a unit in whatever case, or none.
///
/// The crates for this read fractions, and a reader of floating-point numbers is sixteen kilobytes
/// on a small device.
pub(crate) fn parse(text: &str) -> Option<usize> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim_start().to_ascii_lowercase();
    let (_, bytes) = UNITS.iter().find(|(known, _)| *known == unit)?;
    number.parse::<usize>().ok()?.checked_mul(*bytes)
}

/// Returns `bytes` as [`parse`] reads it, in the largest unit of 1024 that it is a multiple of.
pub(crate) fn format(bytes: usize) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{} {name}", bytes / unit);
        }
    }
    bytes.to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{format, parse};

    #[test]
    fn sizes_are_read_with_their_units_in_whatever_case() {
        for (text, bytes) in [
            ("8192", Some(8_192)),
            ("0", Some(0)),
            ("512 B", Some(512)),
            ("8KiB", Some(8_192)),
            (" 16 MiB ", Some(16 << 20)),
            ("16 mib", Some(16 << 20)),
            ("1 GiB", Some(1 << 30)),
            ("1kB", Some(1_000)),
            ("1 KB", Some(1_000)),
            ("2 MB", Some(2_000_000)),
            ("1 GB", Some(1_000_000_000)),
            ("", None),
            ("KiB", None),
            ("8 K", None),
            ("8k", None),
            ("1.5 MiB", None),
            ("-1", None),
            ("8 bits", None),
            ("8 KiB 2", None),
            ("99999999999999999999", None),
            ("18446744073709551615 GiB", None),
        ] {
            assert_eq!(parse(text), bytes, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_size_is_read_as_it_was_written(bytes: usize) {
            prop_assert_eq!(parse(&format(bytes)), Some(bytes));
        }
    }
}
