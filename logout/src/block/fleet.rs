//! The setting `fleet`.

use std::time::Duration;

#[cfg(feature = "fleet")]
impl super::Block {
    /// Returns the name of a lane for the broker. It has the block's name too, because two blocks
    /// of one program may have instances of one name.
    pub(crate) fn fleet_lane(&self, index: usize) -> String {
        let declared = self.instances.get(index);
        let declared = declared.map_or("", |declared| declared.name);
        format!("{}.{declared}", self.name)
    }
}

/// Returns whether this is a valid name of a fleet. It is part of the broker's keys, in which
/// braces mark the part that selects the node of a cluster.
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
    /// Creates the setting with its defaults.
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
    /// Sets the fleet's name.
    name: &'static str => Some(name);
    /// Sets whether it may send for others.
    lead: bool => lead;
    /// Sets whether it sends for itself while the broker is away.
    alone: bool => alone;
    /// Sets how long the broker must be away before it does.
    timeout: Duration => timeout;
    /// Sets whether a broker on another machine may be used without TLS.
    allow_plain: bool => allow_plain;
} }

#[cfg(all(test, feature = "fleet"))]
mod tests;
