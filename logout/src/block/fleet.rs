//! What a block says of its fleet.

use std::time::Duration;

#[cfg(feature = "fleet")]
impl super::Block {
    /// The name that the broker knows a lane by: two blocks of one program may have an instance of one
    /// name.
    pub(crate) fn fleet_lane(&self, index: usize) -> String {
        let declared = self.instances.get(index);
        let declared = declared.map_or("", |declared| declared.name);
        format!("{}.{declared}", self.name)
    }
}

/// Whether this can be the name of a fleet: part of a key of the broker, in which braces say which part of
/// it chooses its node of a cluster.
#[cfg(feature = "fleet")]
pub(crate) const fn is_name(name: &str) -> bool {
    let mut rest = name.as_bytes();
    while let [byte, tail @ ..] = rest {
        if matches!(byte, b'{' | b'}') || byte.is_ascii_control() {
            return false;
        }
        rest = tail;
    }
    !name.is_empty()
}

/// The setting `fleet`, written by the macro.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    pub(crate) name: Option<&'static str>,
    pub(crate) lead: bool,
    pub(crate) alone: bool,
    pub(crate) timeout: Duration,
    pub(crate) allow_plain: bool,
}

impl Fleet {
    /// One that sets nothing.
    #[must_use]
    pub const fn defaults() -> Self {
        Self {
            name: None,
            lead: true,
            alone: true,
            timeout: Duration::from_secs(10),
            allow_plain: false,
        }
    }
}

setters! { Fleet {
    /// Who speaks with one voice.
    name: &'static str => Some(name);
    /// Whether it sends for others.
    lead: bool => lead;
    /// Whether it sends for itself while the broker is away.
    alone: bool => alone;
    /// After how long without a broker it does.
    timeout: Duration => timeout;
    /// Whether the broker may be spoken to without TLS where it is another machine.
    allow_plain: bool => allow_plain;
} }

#[cfg(all(test, feature = "fleet"))]
mod tests;
