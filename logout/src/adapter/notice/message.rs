//! The formatting of a whole notice as plain text.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Notice, NoticeLink};

/// Returns a whole notice as plain text, in the order in which people read: what broke, project and
/// host, the rest of the message, trail, fields, spans, links, place.
///
/// It escapes nothing. See [`Adapter`](crate::Adapter) for what hostile text can do.
///
/// ```
/// use logout::{Notice, format_message};
/// use logout::adapter::NoticeField;
///
/// let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
/// notice.body = "caused by: gateway answered 402".to_owned();
/// notice.fields.push(NoticeField::new("order", "42"));
/// assert_eq!(format_message(&notice), "🔥 payment failed\ncaused by: gateway answered 402\norder: 42");
/// ```
#[must_use]
pub fn format_message(notice: &Notice) -> String {
    format(notice, &notice.backtrace, &notice.links)
}

/// Formats like [`format_message`], for text in which an address is no link: in code, or broken up.
pub(crate) fn format_without_links(notice: &Notice) -> String {
    format(notice, &notice.backtrace, &[])
}

/// Formats like [`format_message`], with nothing left out.
pub(crate) fn format_whole(notice: &Notice) -> String {
    if notice.whole_backtrace.is_empty() {
        format_message(notice)
    } else {
        format(notice, &notice.whole_backtrace, &notice.links)
    }
}

fn format(notice: &Notice, backtrace: &str, links: &[NoticeLink]) -> String {
    let mut text = format!("{} {}", notice.emoji(), notice.headline);
    let mut add = |part: Cow<'_, str>| {
        if !part.is_empty() {
            text.push('\n');
            text.push_str(&part);
        }
    };
    add(notice.context().into());
    add(notice.body.as_str().into());
    if !notice.trail_title().is_empty() {
        add(format!("{}:", notice.trail_title()).into());
    }
    for line in &notice.trail {
        add(line.to_string().into());
    }
    for field in &notice.fields {
        add(format!("{}: {}", field.name, field.value).into());
    }
    add(notice.span_path().into());
    for link in links {
        add(format!("{}: {}", link.name, link.url).into());
    }
    let mut place = notice.place();
    if !notice.thread.is_empty() {
        let _infallible = write!(place, " · thread {}", notice.thread);
    }
    if !notice.fingerprint.is_empty() {
        let _infallible = write!(place, " · #{}", notice.fingerprint);
    }
    add(place.trim_start_matches(" · ").into());
    add(backtrace.into());
    text
}

/// Returns where a notice comes from, as LogOut's `format_mfa` has it: `module:line`.
///
/// ```
/// let mut notice = logout::Notice::new(tracing::Level::WARN, "disk almost full");
/// notice.module = "shop::disk".to_owned();
/// notice.line = Some(88);
/// assert_eq!(logout::format_origin(&notice), "shop::disk:88");
/// ```
#[must_use]
pub fn format_origin(notice: &Notice) -> String {
    let module = if notice.module.is_empty() {
        &notice.target
    } else {
        &notice.module
    };
    match notice.line {
        Some(line) => format!("{module}:{line}"),
        None => module.clone(),
    }
}
