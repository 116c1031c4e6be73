//! A problem of a configuration, for the person who has to fix it.

use std::fmt;

/// A problem of a configuration or a call: the key, the place of its value, and a line of text.
///
/// It contains no configured value, so you may log all of it.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [logout::Slack, logout::Discord] } }
/// let error = Alerts::from_figment(("slack.url", "nonsense")).unwrap_err();
/// let [slack, discord] = error.problems() else { unreachable!() };
///
/// assert_eq!(slack.key(), Some("slack.url"));
/// assert!(slack.place().is_some()); // the line of code that gave the figment
/// assert_eq!((discord.key(), discord.place()), (Some("discord.url"), None)); // it is missing
/// assert!(discord.text().starts_with("discord.url is missing"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the block, if it is a problem of a configuration.
    block: Option<&'static str>,
    key: Option<String>,
    place: Option<String>,
    text: String,
    is_hint: bool,
}

impl Problem {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            block: None,
            key: None,
            place: None,
            text: text.into(),
            is_hint: false,
        }
    }

    /// Adds the block.
    pub(crate) fn of_block(self, block: &'static str) -> Self {
        Self {
            block: Some(block),
            ..self
        }
    }

    /// Adds the key.
    pub(crate) fn with_key(self, key: impl Into<String>) -> Self {
        Self {
            key: Some(key.into()),
            ..self
        }
    }

    /// Adds the place of the value.
    pub(crate) fn with_place(self, place: Option<String>) -> Self {
        Self { place, ..self }
    }

    /// Turns it into a hint, which is no problem by itself and may explain another.
    pub(crate) fn into_hint(self) -> Self {
        Self {
            is_hint: true,
            ..self
        }
    }

    /// Returns the whole key, such as `slack.url`, in the form of
    /// [`Key::path`](crate::config::Key::path); `None` if it is about no single key.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// let error = Alerts::from_figment(("dry_run", "perhaps")).unwrap_err();
    /// assert_eq!(error.problems()[0].key(), Some("dry_run"));
    /// ```
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns where the value was given: the variable, the file, or the line of code; `None` if
    /// there was no value.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack { thread_ts: "yesterday" }] } }
    /// let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// let error = Alerts::from_figment(url).unwrap_err();
    /// assert_eq!(error.problems()[0].place(), Some("in the program's code"));
    /// ```
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Returns the line that [`Error`](crate::Error) shows for it: key and place, what is wrong,
    /// and what to do.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// let error = Alerts::from_figment(("slack.url", "")).unwrap_err();
    /// let problem = &error.problems()[0];
    /// assert!(problem.text().starts_with("slack.url is empty"));
    /// assert_eq!(problem.to_string(), problem.text());
    /// ```
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Formats the text, after `note:` if it is a hint.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.is_hint { "note: " } else { "" };
        write!(f, "{note}{}", self.text)
    }
}

/// Writes one sentence for a single problem, or a heading and a line for each.
pub(crate) fn write_problems(f: &mut fmt::Formatter<'_>, problems: &[Problem]) -> fmt::Result {
    let (hints, wrong): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| problem.is_hint);
    match wrong.as_slice() {
        [] => f.write_str("the configuration is wrong")?,
        [Problem { block, text, .. }] => {
            if let Some(block) = block {
                write!(f, "the configuration of {block} has a problem: ")?;
            }
            f.write_str(text)?;
        }
        [Problem { block, .. }, ..] => {
            f.write_str("the configuration")?;
            if let Some(block) = block {
                write!(f, " of {block}")?;
            }
            write!(f, " has {} problems:", wrong.len())?;
            for problem in wrong {
                write!(f, "\n  {problem}")?;
            }
        }
    }
    hints.iter().try_for_each(|hint| write!(f, "\n  {hint}"))
}
