//! Numbers, spans of time and moments as a person reads them.

pub(crate) mod human;
pub(crate) mod list;
pub(crate) mod timestamp;
pub(crate) mod visible;
