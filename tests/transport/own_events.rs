//! Events that are logged while a request is sent, which must not become requests.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::certificates::{Authority, BOTH, answer};
use crate::server::{Face, Server};

static EVENTS: AtomicUsize = AtomicUsize::new(0);

/// A layer that records everything.
struct EventCounter;

impl Subscriber for EventCounter {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        EVENTS.fetch_add(1, Ordering::SeqCst);
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        eprintln!("{event:?}");
        EVENTS.fetch_add(1, Ordering::SeqCst);
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn nothing_is_logged_while_a_request_is_sent() {
    // For the whole process: the resolver and the reactor have threads of their own.
    tracing::subscriber::set_global_default(EventCounter).unwrap();
    tracing_log::LogTracer::init().unwrap();
    let authority = Authority::new("ours");
    let config = authority.certify(&["localhost"], BOTH, |_| {});
    let server = Server::start_tls(config, answer);
    for face in Face::both(|| authority.trusted()) {
        assert_eq!(face.post(&server.https("localhost")).unwrap().status(), 200);
        face.post(&server.url("/s3cret")).unwrap_err();
        face.post(&server.https("127.0.0.1")).unwrap_err();
    }
    assert_eq!(EVENTS.load(Ordering::SeqCst), 0);

    tracing::error!("it does hear");
    assert_eq!(EVENTS.load(Ordering::SeqCst), 1);
}
