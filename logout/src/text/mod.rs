//! Numbers, sizes, spans of time and moments as a person writes and reads them.

pub(crate) mod duration;
pub(crate) mod human;
pub(crate) mod list;
pub(crate) mod size;
pub(crate) mod timestamp;
pub(crate) mod visible;
