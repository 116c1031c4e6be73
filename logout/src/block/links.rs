//! The links of a block: addresses with gaps that an event fills.

use crate::adapter::{Notice, NoticeLink};

/// An entry of `links`: its name, and its address split at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// `trace`
    pub name: &'static str,
    /// The pieces of the address, in order.
    pub pieces: &'static [LinkPiece],
}

/// A piece of a link's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPiece {
    /// Text as it stands.
    Text(&'static str),
    /// `{commit}`, if it was known when the program was compiled.
    Commit(Option<&'static str>),
    /// `{environment}`
    Environment,
    /// `{file}`
    File,
    /// `{fingerprint}`
    Fingerprint,
    /// `{host}`
    Host,
    /// `{line}`
    Line,
    /// `{project}`
    Project,
    /// `{release}`
    Release,
    /// `{target}`
    Target,
    /// A field of the event or of a span around it.
    Field(&'static str),
}

/// The links of a block, with the function that fills them in, which programs without links need
/// not contain.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    pub(crate) all: &'static [Link],
    pub(crate) fill: fn(&Link, &Notice, &[Option<String>]) -> Option<NoticeLink>,
}
