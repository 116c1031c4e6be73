//! The setting `notices`: messages about the program's own runs.

/// An event of the program's own run to report.
///
/// Written by the macro as an entry of `notices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeOf {
    /// The previous process crashed.
    Crashed,
    /// The program has started.
    Started,
    /// The program ends.
    Stopped,
}

#[cfg(feature = "spool")]
impl NoticeOf {
    const ALL: [Self; 3] = [Self::Crashed, Self::Started, Self::Stopped];

    /// Returns the variant of that name, in any case.
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
