//! The settings `mention_when` and `mention_every`.

use std::fmt;
use std::time::Duration;

/// The messages that mention the people in an adapter's `mention`.
///
/// [`Change::mention_when`](crate::Change::mention_when) takes it. In a block it is written as
/// `mention_when: Always`, in a file and a variable as `always`.
///
/// ```
/// use logout::config::MentionWhen;
///
/// assert_eq!(MentionWhen::default(), MentionWhen::New);
/// assert_eq!(MentionWhen::Always.to_string(), "always");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MentionWhen {
    /// Messages about a problem that is new or more severe than before; no reminder and no report.
    #[default]
    New,
    /// All messages from the level up at which the adapter mentions.
    Always,
}

impl MentionWhen {
    /// Their names in files and variables.
    pub(crate) const NAMES: &'static [&'static str] = &["new", "always"];

    /// Returns the variant of that name, in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::New, Self::Always]
            .into_iter()
            .find(|when| when.name().eq_ignore_ascii_case(text.trim()))
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Always => "always",
        }
    }
}

impl fmt::Display for MentionWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `mention_every` by default.
pub(crate) const DEFAULT_EVERY: Duration = Duration::from_secs(5 * 60);

/// The maximum, because people mentioned more rarely miss what breaks in between.
pub(crate) const LONGEST_EVERY: Duration = Duration::from_secs(60 * 60);

/// The error for a longer `mention_every`, in files and variables.
pub(crate) const TOO_LONG: &str = "it is longer than `1h`, the maximum: whoever is called less \
often misses the second outage; write `1h` or less, or `0` for no limit";

/// The settings of an instance's mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MentionSettings {
    /// Which messages mention people.
    pub(crate) when: MentionWhen,
    /// At most one mention in this time; zero is no limit.
    pub(crate) every: Duration,
}

#[cfg(test)]
mod tests {
    use super::MentionWhen;

    #[test]
    fn every_name_is_read_in_any_case() {
        for name in MentionWhen::NAMES {
            let read = MentionWhen::parse(&format!(" {} ", name.to_uppercase()));
            assert_eq!(read.map(MentionWhen::name), Some(*name));
        }
        assert_eq!(MentionWhen::parse("never"), None);
    }
}
