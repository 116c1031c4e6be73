//! Claims about an adapter's verdicts on answers.

use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use super::Contract;
use super::rendering::excerpt;
use crate::adapter::{Adapter, AdapterOptions, Verdict};
use crate::transport::Response;

/// The longest reasonable wait.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest reasonable reason, in characters.
const REASON: usize = 500;

const STATUSES: [u16; 56] = [
    0, 100, 101, 199, 200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 307,
    308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 418, 421, 422, 423, 425, 429,
    431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 520, 522, 529, 599, 600, 999, 65_535,
];

/// Headers as a faulty server writes them.
const HEADERS: [&[(&str, &str)]; 13] = [
    &[],
    &[("Retry-After", "")],
    &[("Retry-After", "0")],
    &[("Retry-After", "7")],
    &[("Retry-After", "28.75")],
    &[("Retry-After", "-1")],
    &[("Retry-After", "NaN")],
    &[("Retry-After", "1e999")],
    &[("Retry-After", "99999999999999999999")],
    &[("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")],
    &[("Retry-After", "\u{661}\u{662}")],
    &[
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset-After", "inf"),
    ],
    &[
        ("Content-Type", "text/html"),
        ("Location", "https://evil.example/"),
    ],
];

pub(super) const BODIES: [&[u8]; 24] = [
    b"",
    b"ok",
    b"1",
    b"error",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"{\"ok\":tr",
    b"{\"ok\":true}",
    b"{\"ok\":false,\"error_code\":-1,\"description\":null}",
    b"{\"ok\":false,\"description\":\"x\\n\\u001b[31m\\u202e\",\"parameters\":{\"retry_after\":-5}}",
    b"{\"code\":\"10015\",\"message\":[1,2],\"retry_after\":\"soon\",\"errors\":{\"_errors\":7}}",
    b"{\"retry_after\":1e308,\"retry-after\":1e308,\"code\":1e308}",
    b"{\"result\":\"error\",\"msg\":{},\"code\":\"RATE_LIMIT_HIT\"}",
    b"{\"result\":\"success\"",
    b"{\"id\":\"api.error\",\"message\":\"no\",\"status_code\":99999999999}",
    b"{\"migrate_to_chat_id\":\"x\",\"parameters\":{\"migrate_to_chat_id\":1e30}}",
    b"<html><body>502 Bad Gateway</body></html>",
    b"caf\xe9 \xff\xfe\x00",
    b"\xef\xbb\xbf{\"ok\":true}",
    b"\r\n\r\n",
];

impl<A: Adapter + AdapterOptions> Contract<A> {
    /// Claims that the platform's answer to a message that arrived is a delivery, and that every
    /// other [`answer`](Self::answer) of the contract gets its verdict.
    ///
    /// # Errors
    ///
    /// Which answer is taken for something else.
    pub fn known_answers_are_understood(&self) -> Result<(), String> {
        let knows_success = self
            .answers
            .iter()
            .any(|(_, verdict)| *verdict == Verdict::Delivered);
        let successes =
            [200, 201, 202, 204].map(|status| (Response::new(status), Verdict::Delivered));
        let successes = successes.iter().filter(|_| !knows_success);
        for (response, expected) in self.answers.iter().chain(successes) {
            let verdict = judged(&mut self.adapter()?, response)?;
            if !is_as(&verdict, expected) {
                return Err(format!(
                    "{verdict:?} instead of {expected:?}: {}",
                    shown(response)
                ));
            }
        }
        Ok(())
    }

    /// Claims that a destination that answers 429 is left alone for at least as long as
    /// `Retry-After` says, and for a while where it says nothing; the message is not lost.
    ///
    /// # Errors
    ///
    /// Which answer is taken for something else.
    pub fn a_busy_destination_is_waited_for(&self) -> Result<(), String> {
        for (header, least) in [
            (Some("7"), Duration::from_secs(7)),
            (Some("3600"), Duration::from_secs(3_600)),
            (None, Duration::from_millis(1)),
        ] {
            let mut response = Response::new(429);
            if let Some(header) = header {
                response.append_header("Retry-After", header);
            }
            match judged(&mut self.adapter()?, &response)? {
                Verdict::Wait(pause) if pause >= least => {}
                Verdict::Retry(_) if header.is_none() => {}
                verdict => {
                    return Err(format!(
                        "{verdict:?} instead of a wait of {least:?} or more: {}",
                        shown(&response)
                    ));
                }
            }
        }
        Ok(())
    }

    /// Claims that a server in trouble is tried again: 500, 502, 503 and 504 with nothing, or with
    /// a proxy's web page, say nothing of the message.
    ///
    /// # Errors
    ///
    /// Which answer is taken for something else.
    pub fn a_server_in_trouble_is_tried_again(&self) -> Result<(), String> {
        for status in [500, 502, 503, 504] {
            for body in ["", "<html><body>Bad Gateway</body></html>"] {
                let mut response = Response::new(status);
                response.set_body(body);
                match judged(&mut self.adapter()?, &response)? {
                    Verdict::Retry(_) | Verdict::Away(_) | Verdict::Wait(_) => {}
                    verdict => {
                        return Err(format!(
                            "{verdict:?} instead of another try: {}",
                            shown(&response)
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// Claims that a web page is not taken for the platform: a proxy's, a firewall's or a sign-in's
    /// page is no delivery under 200, and no word about the destination under 3xx or 4xx.
    ///
    /// # Errors
    ///
    /// Which answer is taken for the platform's.
    pub fn a_web_page_is_not_taken_for_the_platform(&self) -> Result<(), String> {
        let page = "<html><head><title>Sign in</title></head><body>Who are you?</body></html>";
        for status in [200, 302, 400, 401, 403, 404, 410, 413] {
            let mut response = Response::new(status);
            response
                .append_header("Content-Type", "text/html; charset=utf-8")
                .set_body(page);
            let verdict = judged(&mut self.adapter()?, &response)?;
            let is_taken = matches!(
                verdict,
                Verdict::Delivered | Verdict::Gone(_) | Verdict::GoneForGood(_)
            );
            if is_taken && self.is_http {
                return Err(format!(
                    "{verdict:?}, as if the platform had said so (`Verdict::from_stranger` is for what it does not say): {}",
                    shown(&response)
                ));
            }
        }
        Ok(())
    }

    /// Claims that any answer gets a verdict without a panic: a status above 299 is never a
    /// delivery (409 aside, by which some say that they have the message already), a wait is a day
    /// at most, and a reason is one short line.
    ///
    /// # Errors
    ///
    /// Which answer is taken for something else.
    pub fn any_answer_is_judged(&self) -> Result<(), String> {
        let mut adapter = self.adapter()?;
        for status in STATUSES {
            for headers in HEADERS {
                for body in BODIES {
                    let mut response = Response::new(status);
                    for (name, value) in headers {
                        response.append_header(name, value);
                    }
                    response.set_body(body);
                    judge_any(&mut adapter, &response)?;
                }
            }
        }
        let mut long = Response::new(400);
        long.set_body("{\"description\":\"".to_owned() + &"x\n".repeat(32 * 1024));
        judge_any(&mut adapter, &long)
    }
}

fn judge_any<A: Adapter>(adapter: &mut A, response: &Response) -> Result<(), String> {
    let verdict = judged(adapter, response)?;
    let fail = |why: &str| Err(format!("{why}: {verdict:?} for {}", shown(response)));
    if verdict == Verdict::Delivered && response.status() > 299 && response.status() != 409 {
        return fail("a refusal is taken for a delivery");
    }
    if matches!(verdict, Verdict::Wait(pause) if pause > DAY) {
        return fail("nobody waits so long");
    }
    match reason(&verdict) {
        Some(reason) if reason.trim().is_empty() => fail("its reason says nothing"),
        Some(reason) if reason.chars().count() > REASON || reason.contains(char::is_control) => {
            fail("its reason is no short line")
        }
        _ => Ok(()),
    }
}

fn judged<A: Adapter>(adapter: &mut A, response: &Response) -> Result<Verdict, String> {
    catch_unwind(AssertUnwindSafe(|| adapter.judge(response)))
        .map_err(|_| format!("`judge` panicked: {}", shown(response)))
}

fn reason(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Delivered | Verdict::Wait(_) => None,
        Verdict::Retry(reason)
        | Verdict::Away(reason)
        | Verdict::Refused(reason)
        | Verdict::Unroutable(reason)
        | Verdict::Gone(reason)
        | Verdict::GoneForGood(reason)
        | Verdict::Moved(reason) => Some(reason),
    }
}

/// Returns whether it is the expected verdict; an empty expected reason stands for any.
fn is_as(verdict: &Verdict, expected: &Verdict) -> bool {
    match reason(expected) {
        Some("") => discriminant(verdict) == discriminant(expected),
        _ => verdict == expected,
    }
}

pub(super) fn shown(response: &Response) -> String {
    let retry_after = match response.header("retry-after") {
        Some(value) => format!(", Retry-After {value:?}"),
        None => String::new(),
    };
    format!(
        "status {}{retry_after}, body {}",
        response.status(),
        excerpt(&response.text())
    )
}
