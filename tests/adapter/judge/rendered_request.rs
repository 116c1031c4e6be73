//! Rendering without a server.

use logout::adapter::{Request, Step};
use logout::{Adapter, Notice};

/// Renders the request for one step of a notice.
pub(crate) fn rendered(adapter: &impl Adapter, notice: &Notice, step: Step<'_>) -> Request {
    let mut request = Request::new();
    adapter.render(notice, step, &mut request);
    assert_eq!(request.problem(), None);
    assert_eq!(request.method(), "POST");
    request
}
