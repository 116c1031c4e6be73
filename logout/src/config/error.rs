//! The one error type of this crate.

use std::fmt;

use super::problem::{Problem, write_problems};

/// The error when logout could not start, or when a call on its handle failed.
///
/// Its text is for the person who has to fix it. A wrong configuration is one error that lists
/// every key that is missing or wrong, where it was looked for and what to set. It never contains a
/// configured value.
///
/// `Debug` shows the same text as `Display`, because a `main` that returns the error prints
/// `Debug`.
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
    kind: ErrorKind,
    /// At least one.
    problems: Vec<Problem>,
    left: u64,
}

/// The kind of an [`Error`], for a program that decides by it.
///
/// ```
/// use logout::config::ErrorKind;
///
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// let error = Alerts::from_figment(("level", "loud")).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Config);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration is incomplete or wrong, or a change asks for something impossible.
    Config,
    /// The sending thread could not start.
    Start,
    /// The process's signals could not be watched.
    Signals,
    /// A flush, a shutdown or a verification ran out of time.
    Timeout,
    /// logout was already shut down, its worker has died, or this process was forked after the
    /// start.
    Stopped,
}

impl Error {
    fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            problems: vec![Problem::new(text)],
            left: 0,
        }
    }

    pub(crate) fn config(problems: Vec<Problem>) -> Self {
        Self {
            kind: ErrorKind::Config,
            problems,
            left: 0,
        }
    }

    pub(crate) fn thread(why: &std::io::Error) -> Self {
        let text = format!("the thread that sends could not be started: {why}");
        Self::new(ErrorKind::Start, text)
    }

    #[cfg(all(feature = "signals", unix))]
    pub(crate) fn signals(why: &std::io::Error) -> Self {
        let text = format!("the signals could not be watched: {why}");
        Self::new(ErrorKind::Signals, text)
    }

    pub(crate) fn timeout(left: u64) -> Self {
        let text = match left {
            0 => "the worker did not answer in time".to_owned(),
            left => format!("time ran out with {} left", deliveries(left)),
        };
        Self {
            left,
            ..Self::new(ErrorKind::Timeout, text)
        }
    }

    /// Creates a timeout before the time is up, because nothing can be sent until then.
    pub(crate) fn cannot_finish(left: u64) -> Self {
        let text = format!(
            "nothing more can be sent in time: {} left",
            deliveries(left)
        );
        Self {
            left,
            ..Self::new(ErrorKind::Timeout, text)
        }
    }

    pub(crate) fn stopped() -> Self {
        Self::new(ErrorKind::Stopped, "logout has been shut down")
    }

    pub(crate) fn died() -> Self {
        let text = "logout's worker has died, and nothing is sent any more";
        Self::new(ErrorKind::Stopped, text)
    }

    pub(crate) fn forked() -> Self {
        let text = "this process was forked after logout was started; start it in the child";
        Self::new(ErrorKind::Stopped, text)
    }

    pub(crate) fn started_before_fork() -> Self {
        let text = "logout was started in the process that this one was forked from, and its reactor and threads are there; start it after forking, in the child alone";
        Self::new(ErrorKind::Start, text)
    }

    pub(crate) fn change(why: String) -> Self {
        Self::new(ErrorKind::Config, why)
    }

    /// Returns the kind of error.
    ///
    /// ```
    /// use logout::config::ErrorKind;
    ///
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// drop(guard);
    /// match handle.enable(AlertsAdapter::Slack).map_err(|error| error.kind()) {
    ///     Err(ErrorKind::Stopped) => {} // it was the end
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns whether the configuration is incomplete or wrong.
    ///
    /// Show it to whoever deploys: trying again changes nothing.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// let error = Alerts::from_figment(("level", "loud")).unwrap_err();
    /// assert!(error.is_config() && !error.is_timeout() && !error.is_stopped());
    /// ```
    #[must_use]
    pub fn is_config(&self) -> bool {
        self.kind == ErrorKind::Config
    }

    /// Returns whether a flush or shutdown ran out of time; [`left`](Self::left) says how much
    /// remained.
    ///
    /// The events are not lost: unless it was a shutdown, logout keeps sending them.
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
        self.kind == ErrorKind::Timeout
    }

    /// Returns whether there is no worker any more: logout was already shut down, its worker has
    /// died, or this process was forked after the start.
    ///
    /// A handle that outlives its guard returns this; usually there is nothing to do about it.
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
        self.kind == ErrorKind::Stopped
    }

    /// Returns everything that is wrong: each key of a configuration that is missing or wrong, or
    /// the single problem of any other error.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack, logout::Discord] } }
    /// let error = Alerts::from_figment(("slack.url", "nonsense")).unwrap_err();
    /// let problems = error.problems();
    /// assert_eq!(problems.len(), 2);
    /// assert_eq!(problems[1].key(), Some("discord.url"));
    /// assert!(problems[1].text().starts_with("discord.url is missing"));
    /// ```
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns how many deliveries were neither made nor counted as lost when the time ran out. An
    /// event that two adapters still have to send counts twice. Returns 0 for every other error.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// assert_eq!(Alerts::from_figment(("level", "loud")).unwrap_err().left(), 0);
    /// ```
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }
}

fn deliveries(left: u64) -> String {
    match left {
        1 => "1 delivery".to_owned(),
        left => format!("{left} deliveries"),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_problems(f, &self.problems)
    }
}

/// Formats the same text as `Display`, because a `main` that returns the error prints `Debug`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
