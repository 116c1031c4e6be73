//! The program's own functions of `scrub`.
//!
//! They run on the thread of all lanes, so what they are given and what they return is bounded, and
//! if one panics the text is not shown at all.

use std::borrow::Cow;

use super::MASK;
use crate::event::encoding::{EVENT, TRUNCATED, catch_panics};
use crate::text::prefix;

/// The most bytes that a function is given: those of a whole event.
const GIVEN: usize = EVENT;

/// The most bytes that a function may return beyond twice what it was given.
const MORE: usize = 1_024;

/// The text that is shown if a function panicked.
const PANICKED: &str = " (a function of `scrub` panicked)";

/// Returns the output of the function, if it differs from the text.
pub(super) fn scrub(function: fn(&str) -> Cow<'_, str>, text: &str) -> Option<String> {
    let given = prefix(text, GIVEN);
    let returned = catch_panics(|| {
        let returned = function(given);
        let most = given.len() * 2 + MORE;
        let kept = prefix(&returned, most);
        let is_whole = kept.len() == returned.len() && given.len() == text.len();
        if is_whole && kept == given {
            return None;
        }
        let mut kept = kept.to_owned();
        if !is_whole {
            kept.push_str(TRUNCATED);
        }
        Some(kept)
    });
    returned.unwrap_or_else(|| Some([MASK, PANICKED].concat()))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{GIVEN, MORE, PANICKED, scrub};
    use crate::event::encoding::TRUNCATED;

    fn plates(text: &str) -> Cow<'_, str> {
        if text.contains("B-AB 1") {
            return Cow::Owned(text.replace("B-AB 1", "[plate]"));
        }
        Cow::Borrowed(text)
    }

    #[test]
    fn what_a_function_takes_out_is_gone_and_other_text_stays_as_it_is() {
        assert_eq!(
            scrub(plates, "car B-AB 1 left"),
            Some("car [plate] left".into())
        );
        assert_eq!(scrub(plates, "car left"), None);
        assert_eq!(
            scrub(|text| Cow::Borrowed(&text[..1]), "abc"),
            Some("a".into())
        );
        assert_eq!(scrub(|_| Cow::Borrowed(""), ""), None);
    }

    #[test]
    fn a_function_that_panics_shows_nothing_of_the_text() {
        let shown = scrub(|_| panic!("as asked for"), "hunter2").unwrap();
        assert!(
            shown.ends_with(PANICKED) && !shown.contains("hunter2"),
            "{shown}"
        );
    }

    #[test]
    fn what_a_function_is_given_and_what_it_returns_is_bounded() {
        let endless = |_: &str| Cow::Owned("endless ".repeat(10 << 17));
        let shown = scrub(endless, "abc").unwrap();
        assert!(shown.ends_with(TRUNCATED));
        assert!(shown.len() <= 6 + MORE + TRUNCATED.len(), "{}", shown.len());

        let long = "a".repeat(10 << 20);
        let shown = scrub(
            |text| {
                assert!(text.len() <= GIVEN);
                Cow::Borrowed(text)
            },
            &long,
        );
        assert_eq!(shown.unwrap().len(), GIVEN + TRUNCATED.len());
    }
}
