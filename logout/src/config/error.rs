//! The one error of this crate.

use std::fmt;

use crate::config::Problem;

/// Why logout could not be started, or why a call on its handle could not be carried out.
///
/// Its text is written for the person who has to mend it: a wrong configuration is one error
/// that lists every key that is missing or wrong, where it was looked for and what to set. It
/// never contains a configured value.
///
/// `Debug` shows the same text as `Display`, because that is what a `main` prints that returns it.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// let error = Alerts::from_figment(("slack.urk", "https://example.com/secret")).unwrap_err();
/// assert!(error.is_config());
/// assert!(error.to_string().contains("slack.url is missing"));
/// assert!(!format!("{error:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct Error {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Config(Vec<Problem>),
    Thread(String),
    #[cfg(all(feature = "signals", unix))]
    Signals(String),
    Timeout {
        left: u64,
    },
    Stopped,
    Change(String),
}

impl Error {
    pub(crate) fn config(problems: Vec<Problem>) -> Self {
        Self {
            kind: Kind::Config(problems),
        }
    }

    pub(crate) fn thread(why: &std::io::Error) -> Self {
        Self {
            kind: Kind::Thread(why.to_string()),
        }
    }

    #[cfg(all(feature = "signals", unix))]
    pub(crate) fn signals(why: &std::io::Error) -> Self {
        Self {
            kind: Kind::Signals(why.to_string()),
        }
    }

    pub(crate) fn timeout(left: u64) -> Self {
        Self {
            kind: Kind::Timeout { left },
        }
    }

    pub(crate) fn stopped() -> Self {
        Self {
            kind: Kind::Stopped,
        }
    }

    pub(crate) fn change(why: String) -> Self {
        Self {
            kind: Kind::Change(why),
        }
    }

    /// Whether the configuration is incomplete or wrong.
    ///
    /// To be told to whoever deploys: trying again changes nothing.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// let error = Alerts::from_figment(("level", "loud")).unwrap_err();
    /// assert!(error.is_config() && !error.is_timeout() && !error.is_stopped());
    /// ```
    #[must_use]
    pub fn is_config(&self) -> bool {
        matches!(self.kind, Kind::Config(_) | Kind::Change(_))
    }

    /// Whether a flush or shutdown ran out of time; [`left`](Self::left) tells what remained.
    ///
    /// The events are not lost by it: unless it was a shutdown, they go on being sent.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let flushed = guard.handle().flush(std::time::Duration::from_secs(3));
    /// if let Err(error) = flushed {
    ///     assert!(error.is_timeout() && error.left() > 0);
    /// }
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind, Kind::Timeout { .. })
    }

    /// Whether logout had already been shut down.
    ///
    /// What a handle says that outlived its guard; usually nothing is to be done about it.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// drop(guard);
    /// assert!(handle.enable(AlertsAdapter::Slack).unwrap_err().is_stopped());
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.kind, Kind::Stopped)
    }

    /// Everything that is wrong, a line each: of a configuration every key that is missing or
    /// wrong, of anything else the one thing it is.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack, logout::Discord] } }
    /// let error = Alerts::from_figment(("slack.url", "nonsense")).unwrap_err();
    /// let problems = error.problems();
    /// assert_eq!(problems.len(), 2);
    /// assert!(problems[1].starts_with("discord.url is missing"));
    /// ```
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        match &self.kind {
            Kind::Config(problems) => problems.iter().map(ToString::to_string).collect(),
            _ => vec![self.to_string()],
        }
    }

    /// How many deliveries were neither made nor accounted for when the time ran out; an event
    /// that two adapters still have to send counts twice. 0 for every other error.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// assert_eq!(Alerts::from_figment(("level", "loud")).unwrap_err().left(), 0);
    /// ```
    #[must_use]
    pub fn left(&self) -> u64 {
        match self.kind {
            Kind::Timeout { left } => left,
            _ => 0,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Config(problems) => crate::config::write_problems(f, problems),
            Kind::Thread(why) => write!(f, "the thread that sends could not be started: {why}"),
            #[cfg(all(feature = "signals", unix))]
            Kind::Signals(why) => write!(f, "the signals could not be watched: {why}"),
            Kind::Timeout { left: 0 } => f.write_str("the worker did not answer in time"),
            Kind::Timeout { left: 1 } => f.write_str("time ran out with 1 delivery left"),
            Kind::Timeout { left } => write!(f, "time ran out with {left} deliveries left"),
            Kind::Change(why) => f.write_str(why),
            Kind::Stopped => f.write_str("logout has been shut down"),
        }
    }
}

/// The same text as `Display`: it is what a `main` that returns the error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
