//! The routing of a request to its platform and destination.

use super::super::destination::Destination;
use super::super::request::RawRequest;
use super::super::{Answer, Platform};
use super::{Decision, OrRefusal};

pub(super) fn unknown_path() -> OrRefusal<Decision> {
    let answer = Answer::new(404).body("not found");
    Err((answer, "no platform answers at this path".to_owned()))
}

pub(super) fn locate(
    platform: Platform,
    destinations: &[Destination],
    raw: &RawRequest,
) -> Option<usize> {
    let is_it = |destination: &Destination| platform.is_for(raw, destination);
    destinations.iter().position(is_it)
}
