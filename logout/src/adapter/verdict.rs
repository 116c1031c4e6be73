//! The meaning of a platform's answer.

use std::time::Duration;

use super::web_page::{describe, is_web_page};
use crate::transport::Response;

/// The meaning of an answer for the message and for its destination.
///
/// A reason is a short sentence for the person who has to fix it, without a secret. Use the
/// platform's own word (`no_service`, `chat not found`), because people will search for it.
///
/// The verdict decides between "again" and "never". If you are in doubt about a message, return
/// [`Refused`](Self::Refused), which costs that message. If you are in doubt about who has
/// answered, return [`Away`](Self::Away), which costs nothing once the platform comes back.
/// [`Gone`](Self::Gone) is only for the platform's own words: a proxy that knows nothing about the
/// platform answers 404 too.
///
/// ```
/// use logout::adapter::{Response, Verdict};
///
/// let mut busy = Response::new(429);
/// busy.append_header("retry-after", "7");
/// assert_eq!(Verdict::from_status(&busy), Verdict::Wait(std::time::Duration::from_secs(7)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It arrived.
    Delivered,
    /// The destination asks for a pause, a day at most. Then the same message is sent again, with
    /// what has arrived in the meantime. All instances that share its [pace](crate::Adapter::pace)
    /// pause.
    Wait(Duration),
    /// A transient fault: the same message is sent again, after a second at first and a minute at
    /// most, until its events are older than `max_age`.
    ///
    /// A proxy's page under 502 or 503 is this and not [`Away`](Self::Away): such an outage ends by
    /// itself, and is then noticed within a minute. After ten minutes of [`Away`](Self::Away) it
    /// could take an hour.
    Retry(String),
    /// Something else answers in the platform's place, such as a proxy, a firewall or a sign-in
    /// page; or the platform answers in words that it does not document.
    ///
    /// What waits is kept and retried as after [`Retry`](Self::Retry). Firewalls refuse texts with
    /// 403, so a 403 is answered with the [plain form](crate::adapter::Form::Plain) once. After ten
    /// minutes of nothing else, the other chats and standard error say that the destination
    /// answers, but not as its platform does, with this reason. It is then asked 1, 5, 15 and 60
    /// minutes later, then every hour.
    Away(String),
    /// This message is refused for its content; the destination is fine. It is sent once more in
    /// the [plain form](crate::adapter::Form::Plain), and then given up.
    Refused(String),
    /// The thread, topic or channel this message was sent to does not exist.
    ///
    /// The adapter cannot know whether the message was sent there by one of its own
    /// [`routes`](crate::Notice::routes) or by the configuration. So it is sent once more without
    /// its routes, and then without what the adapter has [remembered](crate::Adapter::remember); a
    /// message with neither is [`Gone`](Self::Gone).
    Unroutable(String),
    /// The destination is gone, in the platform's own words, until somebody corrects its
    /// configuration.
    ///
    /// The other chats and standard error say so. What waits is kept until `max_age`, and the
    /// destination is asked again 1, 5, 15 and 60 minutes later, then every hour.
    Gone(String),
    /// The destination was deleted, and the platform treats asking again as abuse. This is
    /// [`Gone`](Self::Gone), but it is asked again only after the instance is
    /// [enabled](crate::Handle::enable) or gets another destination.
    GoneForGood(String),
    /// The destination has moved and the adapter has noted where: the same message is sent again at
    /// once. Twice for one message is [`Gone`](Self::Gone).
    Moved(String),
}

impl Verdict {
    /// Returns what the status means, for a platform about which nothing else is known.
    ///
    /// | answer | verdict |
    /// |---|---|
    /// | 429 | [`Wait`](Self::Wait) as `Retry-After` says, 30 s without it |
    /// | 408, 425 and 5xx except 501 and 511 | [`Retry`](Self::Retry) |
    /// | a web page (HTML, or of the type `text/html` and not just `ok`) under any other status, even 200 | [`Away`](Self::Away), its title is the reason |
    /// | 3xx, 401, 402, 403, 404, 405, 407, 410, 421, 423, 426, 451, 501, 511 | [`Away`](Self::Away) |
    /// | any other 2xx | [`Delivered`](Self::Delivered) |
    /// | anything else | [`Refused`](Self::Refused) |
    ///
    /// It is never [`Gone`](Self::Gone), because that takes the platform's own words: an adapter
    /// that knows them reads the body first.
    ///
    /// ```
    /// use logout::adapter::{Response, Verdict};
    ///
    /// assert_eq!(Verdict::from_status(&Response::new(204)), Verdict::Delivered);
    ///
    /// let mut page = Response::new(200);
    /// page.set_body("<html><head><title>Sign in</title></head></html>");
    /// assert_eq!(Verdict::from_status(&page), Verdict::Away("Sign in".to_owned()));
    /// ```
    #[must_use]
    pub fn from_status(response: &Response) -> Self {
        match response.status() {
            408 | 425 | 429 | 500 | 502..=510 | 512..=599 => Self::from_stranger(response),
            _ if is_web_page(response) => Self::from_stranger(response),
            200..=299 => Self::Delivered,
            300..=399 | 401..=405 | 407 | 410 | 421 | 423 | 426 | 451 | 501 | 511 => {
                Self::from_stranger(response)
            }
            status => Self::Refused(format!("status {status}")),
        }
    }

    /// Returns the meaning of an answer that is not the platform's own, whatever its status: nobody
    /// knows whether the platform has seen the message.
    ///
    /// 429 is [`Wait`](Self::Wait), for `Retry-After` or 30 s, because whatever is in front of a
    /// platform may limit in its place. 408, 425 and 5xx except 501 and 511 are
    /// [`Retry`](Self::Retry), because such an outage ends by itself. Everything else is
    /// [`Away`](Self::Away), even a success.
    ///
    /// ```
    /// use logout::adapter::{Response, Verdict};
    ///
    /// let mut answer = Response::new(200);
    /// answer.set_body("welcome");
    /// // An adapter whose platform answers `ok` and nothing else.
    /// let reason = "an answer that is not the platform's (status 200)";
    /// assert_eq!(Verdict::from_stranger(&answer), Verdict::Away(reason.to_owned()));
    /// ```
    #[must_use]
    pub fn from_stranger(response: &Response) -> Self {
        match response.status() {
            // A limit in front of the platform is respected, in whatever form it is stated.
            429 => Self::Wait(response.retry_after().unwrap_or(BUSY)),
            // For ten minutes Away would be as good, since its waits are the same. After them it is
            // asked at 1, 5, 15 and 60 minutes, so after a longer outage messages would wait up to
            // an hour instead of one minute; and a 502 may have passed the message on, which Away
            // does not say.
            408 | 425 | 500 | 502..=510 | 512..=599 => Self::Retry(match describe(response) {
                title if title.contains(&response.status().to_string()) => title,
                title => format!("{title} (status {})", response.status()),
            }),
            _ => Self::Away(describe(response)),
        }
    }
}

/// The pause for a destination that asks for one and does not say for how long.
const BUSY: Duration = Duration::from_secs(30);

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use proptest::prelude::{any, proptest};

    use super::Verdict;
    use crate::transport::Response;

    const PAGE: &str = "<html><head><title>403 Forbidden</title></head></html>";

    pub(in crate::adapter) fn answer(status: u16, body: &str) -> Response {
        let mut response = Response::new(status);
        response.set_body(body);
        response
    }

    /// Checks that an answer in a platform's place never means that the destination is gone.
    pub(in crate::adapter) fn assert_strangers_are_away(judge: fn(&Response) -> Verdict) {
        for status in [302, 400, 401, 403, 404, 410, 413] {
            for body in [
                "",
                "<html><title>Blocked</title></html>",
                r#"{"error":"no"}"#,
                r#"{"error":{"code":404,"message":"no route"}}"#,
                r#"{"code":404,"message":"no route"}"#,
                r#"{"success":false}"#,
            ] {
                let verdict = judge(&answer(status, body));
                assert!(
                    matches!(verdict, Verdict::Away(_)),
                    "{status} {body}: {verdict:?}"
                );
            }
        }
    }

    #[test]
    fn one_page_means_the_same_under_every_status_that_blames_no_server() {
        for status in [200, 204, 302, 400, 401, 403, 404, 410, 413, 418, 422, 501] {
            assert_eq!(
                Verdict::from_status(&answer(status, PAGE)),
                Verdict::Away("403 Forbidden".to_owned()),
                "{status}"
            );
        }
        let mut busy = answer(429, PAGE);
        busy.append_header("retry-after", "60");
        assert_eq!(
            Verdict::from_status(&busy),
            Verdict::Wait(Duration::from_secs(60))
        );
        assert_eq!(
            Verdict::from_status(&answer(502, "<html><title>Bad Gateway</title>")),
            Verdict::Retry("Bad Gateway (status 502)".to_owned())
        );
    }

    #[test]
    fn without_a_page_the_status_decides() {
        for (status, verdict) in [
            (200, Verdict::Delivered),
            (204, Verdict::Delivered),
            (404, Verdict::Away("status 404".to_owned())),
            (400, Verdict::Refused("status 400".to_owned())),
            (413, Verdict::Refused("status 413".to_owned())),
            (503, Verdict::Retry("status 503".to_owned())),
            (
                301,
                Verdict::Away("status 301, a redirect, which is not followed".to_owned()),
            ),
        ] {
            assert_eq!(Verdict::from_status(&Response::new(status)), verdict);
        }
    }

    proptest! {
        #[test]
        fn no_status_and_no_body_alone_mean_gone(status in any::<u16>(), body in any::<String>(), html in any::<bool>()) {
            let mut response = answer(status, &body);
            if html {
                response.append_header("content-type", "text/html");
            }
            for verdict in [Verdict::from_status(&response), Verdict::from_stranger(&response)] {
                assert!(!matches!(verdict, Verdict::Gone(_) | Verdict::GoneForGood(_)), "{verdict:?}");
            }
            assert_ne!(Verdict::from_stranger(&response), Verdict::Delivered);
        }
    }
}
