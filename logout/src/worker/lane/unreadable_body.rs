//! Successes whose body could not be read.

use super::{Clock, RunningLane};
use crate::adapter::Verdict;
use crate::transport::Response;

impl<T, C: Clock> RunningLane<'_, T, C> {
    /// Counts a success whose body could not be read as delivered: at once if its head speaks of
    /// JSON, else after a second try.
    ///
    /// A sign-in page that hangs has the same head as Slack's `ok`, and a marked repeat costs less
    /// than a lost message. Behind a proxy that damages all bodies each message would come twice,
    /// so what held for one holds until a body can be read.
    ///
    /// A body that begins as a web page is excluded: no platform answers with one.
    pub(super) fn trust_head(&mut self, verdict: Verdict, response: &Response) -> Verdict {
        if response.is_complete() {
            self.trusts_heads = false;
            return verdict;
        }
        let is_page = response.body().trim_ascii().starts_with(b"<");
        if verdict == Verdict::Delivered || !response.is_success() || is_page {
            return verdict;
        }
        let Some(sending) = &mut self.sending else {
            return verdict;
        };
        let status = response.status();
        let is_second = std::mem::replace(&mut sending.unread, true);
        if !is_second && !self.trusts_heads && !declares_json(response) {
            let why = format!("the rest of an answer of status {status} cannot be read");
            return Verdict::Retry(why);
        }
        if !std::mem::replace(&mut self.trusts_heads, true) {
            self.say(&format!(
                "the rest of an answer of status {status} cannot be read; its message counts as delivered, and so do those that are answered like it"
            ));
        }
        Verdict::Delivered
    }
}

/// Returns whether the head says that the body is JSON, as a platform's is and a page's is not.
fn declares_json(response: &Response) -> bool {
    let media_type = response.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}
