//! Where a block keeps what waits.

/// Whether what waits to be told is kept on disk, and where.
///
/// Written by the macro as the value of `spool`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spool {
    /// Nowhere.
    #[default]
    Off,
    /// Where the system keeps the state of programs.
    Standard,
    /// In this directory.
    Directory(&'static str),
}
