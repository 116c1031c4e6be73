//! What of the program's own life is told: the setting `notices`.

/// What of the program's own life is told, where it is asked for.
///
/// Written by the macro as an entry of `notices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeOf {
    /// That the process before this one ended without a word.
    Crashed,
    /// That it has started.
    Started,
    /// That it ends.
    Stopped,
}

#[cfg(feature = "spool")]
impl NoticeOf {
    const ALL: [Self; 3] = [Self::Crashed, Self::Started, Self::Stopped];

    /// Returns the one of that name, in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|one| one.name().eq_ignore_ascii_case(text.trim()))
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crashed => "crashed",
            Self::Started => "started",
            Self::Stopped => "stopped",
        }
    }
}
