//! Connections to the broker: one, or in a cluster one per node.

use std::collections::BTreeMap;

use crate::transport::Url;

/// The connections to the nodes of a broker.
#[derive(Debug)]
pub(super) struct Nodes<S> {
    /// By address; `None` is the configured one.
    open: Vec<(Option<Url>, S)>,
    /// The lanes whose keys are on another node.
    moved: BTreeMap<String, Url>,
}

impl<S> Default for Nodes<S> {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            moved: BTreeMap::new(),
        }
    }
}

impl<S> Nodes<S> {
    /// Returns the node that has the keys of a lane, if it is not the configured one.
    pub(super) fn address(&self, lane: &str) -> Option<&Url> {
        self.moved.get(lane)
    }

    /// Returns the connection that serves a lane.
    pub(super) fn session(&mut self, lane: &str) -> Option<&mut S> {
        let address = self.moved.get(lane);
        let mut open = self.open.iter_mut();
        let (_, session) = open.find(|(node, _)| node.as_ref() == address)?;
        Some(session)
    }

    /// Adds the connection for a lane.
    pub(super) fn open(&mut self, lane: &str, session: S) {
        let address = self.moved.get(lane).cloned();
        self.open.push((address, session));
    }

    /// Notes that another node has the keys of a lane; returns whether to ask it. It returns true
    /// once only: nodes that redirect to each other do not know either.
    pub(super) fn follow(&mut self, lane: &str, to: Url) -> bool {
        let follows = !self.moved.contains_key(lane);
        if follows {
            self.moved.insert(lane.to_owned(), to);
        }
        follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_that_moved_is_followed_once() {
        let there = || Url::parse("http://127.0.0.1:7001/").unwrap();
        let mut nodes = Nodes::default();
        assert_eq!(nodes.session("0"), None);
        nodes.open("0", "first");
        assert_eq!(nodes.session("1"), Some(&mut "first"), "one for all lanes");
        assert!(nodes.follow("1", there()));
        assert_eq!(nodes.session("1"), None);
        assert_eq!(nodes.address("1"), Some(&there()));
        nodes.open("1", "second");
        assert!(!nodes.follow("1", there()), "once");
        assert!(nodes.follow("2", there()));
        assert_eq!(nodes.session("2"), Some(&mut "second"), "one for a node");
        assert_eq!(nodes.session("0"), Some(&mut "first"));
    }
}
