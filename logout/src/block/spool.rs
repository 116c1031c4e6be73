//! The setting `spool`.

/// The storage of pending events on disk.
///
/// Written by the macro as the value of `spool`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spool {
    /// None.
    #[default]
    Off,
    /// The system's directory for the state of programs.
    Standard,
    /// This directory.
    Directory(&'static str),
}
