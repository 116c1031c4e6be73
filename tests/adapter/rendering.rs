//! Rendering without a server.

use logout::{Adapter, Notice, Request, Step};

/// An adapter with settings as they would come from the environment.
pub(crate) fn adapter<A: Adapter>(settings: serde_json::Value) -> A {
    let adapter: A = serde_json::from_value(settings).unwrap();
    assert_eq!(adapter.check(), Ok(()));
    adapter
}

/// The request for one step of a notice.
pub(crate) fn rendered(adapter: &impl Adapter, notice: &Notice, step: Step<'_>) -> Request {
    let mut request = Request::new();
    adapter.render(notice, step, &mut request);
    assert_eq!(request.problem(), None);
    assert_eq!(request.method(), "POST");
    request
}
