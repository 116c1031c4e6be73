//! The block's `links`, filled with the values of an event.
//!
//! A link that leads to a wrong page is worse than none: if a value is not known, or does not fit
//! as a whole, the link is left out.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Composer;
use crate::adapter::{Notice, NoticeLink};
use crate::block::links::{Link, LinkPiece};
use crate::event::EventView;
use crate::event::encoding::TRUNCATED;
use crate::text::source_path::in_repository;

/// The most characters of an address: Discord takes no longer one, the others do.
const LONGEST: usize = 2_048;

/// The characters that are encoded in every part of an address: all but those that RFC 3986 calls
/// unreserved.
pub(super) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same in a path, in which slashes stay.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

impl Composer<'_> {
    /// Adds the links of an event to its notice.
    pub(super) fn add_links(&self, notice: &mut Notice, event: &EventView<'_>) {
        let Some(links) = self.origin.links else {
            return;
        };
        for link in links.all {
            let fields = link.pieces.iter().filter_map(|piece| match piece {
                LinkPiece::Field(name) => Some(self.value_for_link(event, name)),
                _ => None,
            });
            let fields: Vec<_> = fields.collect();
            notice.links.extend((links.fill)(link, notice, &fields));
        }
    }

    /// Returns the value of a field, unless it is hidden, cut or empty.
    fn value_for_link(&self, event: &EventView<'_>, name: &str) -> Option<String> {
        if self.mask.covers(name) {
            return None;
        }
        let value = event.field(name)?.into_text();
        let is_whole = !value.ends_with(TRUNCATED) && self.text(&value) == value;
        is_whole.then(|| value.into_owned())
    }
}

/// Fills in the address of a link with the values of its fields in their order; nothing if a value
/// is missing.
pub(crate) fn fill(link: &Link, notice: &Notice, fields: &[Option<String>]) -> Option<NoticeLink> {
    let mut url = String::new();
    let mut fields = fields.iter();
    for piece in link.pieces {
        let line;
        let value = match piece {
            LinkPiece::Text(text) => {
                url.push_str(text);
                continue;
            }
            LinkPiece::File => {
                let file = in_repository(&notice.file);
                push(&mut url, &file, RESERVED_IN_PATH)?;
                continue;
            }
            LinkPiece::Line => {
                line = notice.line?.to_string();
                &line
            }
            LinkPiece::Commit(commit) => (*commit)?,
            LinkPiece::Environment => &notice.environment,
            LinkPiece::Fingerprint => &notice.fingerprint,
            LinkPiece::Host => &notice.host,
            LinkPiece::Project => &notice.project,
            LinkPiece::Release => &notice.release,
            LinkPiece::Target => &notice.target,
            LinkPiece::Field(_) => fields.next()?.as_deref()?,
        };
        push(&mut url, value, RESERVED)?;
    }
    let is_short = url.len() <= LONGEST;
    (is_short && !has_dot_segment(&url)).then(|| NoticeLink::new(link.name, url))
}

/// Adds a value, encoded; nothing if there is none.
fn push(url: &mut String, value: &str, encoded: &'static AsciiSet) -> Option<()> {
    if value.is_empty() || value.len() > LONGEST {
        return None;
    }
    let in_path = !url.contains(['?', '#']);
    let encoded = if in_path { encoded } else { RESERVED };
    url.extend(utf8_percent_encode(value, encoded));
    Some(())
}

/// Returns whether the path has a segment `..` or `.`, by which a browser would leave it.
fn has_dot_segment(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|segment| matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, Link, LinkPiece, Notice, fill};

    const PAGE: LinkPiece = LinkPiece::Text("https://wiki.example.org/errors/");

    /// Fills in an address of these pieces with one field.
    fn filled(pieces: &'static [LinkPiece], value: &str) -> Option<String> {
        let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
        notice.file = "crates/pay/src/card desk.rs".to_owned();
        notice.line = Some(88);
        notice.release = "1.2.0+5".to_owned();
        let link = Link {
            name: "wiki",
            pieces,
        };
        fill(&link, &notice, &[Some(value.to_owned())]).map(|link| link.url)
    }

    #[test]
    fn values_are_encoded_for_where_they_stand() {
        const IN_PATH: &[LinkPiece] = &[PAGE, LinkPiece::Field("id"), LinkPiece::Text("/now")];
        const IN_QUERY: &[LinkPiece] = &[
            PAGE,
            LinkPiece::Text("?id="),
            LinkPiece::Field("id"),
            LinkPiece::Text("&file="),
            LinkPiece::File,
        ];
        const SOURCE: &[LinkPiece] = &[
            LinkPiece::Text("https://git.example.org/shop/blob/"),
            LinkPiece::Release,
            LinkPiece::Text("/"),
            LinkPiece::File,
            LinkPiece::Text("#L"),
            LinkPiece::Line,
        ];
        assert_eq!(
            filled(IN_PATH, "a/b?c#ü").unwrap(),
            "https://wiki.example.org/errors/a%2Fb%3Fc%23%C3%BC/now"
        );
        assert_eq!(
            filled(IN_QUERY, "1&admin=1").unwrap(),
            "https://wiki.example.org/errors/?id=1%26admin%3D1&file=crates%2Fpay%2Fsrc%2Fcard%20desk.rs"
        );
        assert_eq!(
            filled(SOURCE, "").unwrap(),
            "https://git.example.org/shop/blob/1.2.0%2B5/crates/pay/src/card%20desk.rs#L88"
        );
    }

    #[test]
    fn a_link_is_left_out_where_a_value_is_unknown_or_cannot_stand_there() {
        const FIELD: &[LinkPiece] = &[PAGE, LinkPiece::Field("id")];
        const HOST: &[LinkPiece] = &[PAGE, LinkPiece::Host];
        const COMMIT: &[LinkPiece] = &[PAGE, LinkPiece::Commit(None)];
        assert!(filled(FIELD, "7").is_some());
        for unfit in ["", ".", "..", &"x".repeat(LONGEST)] {
            assert_eq!(filled(FIELD, unfit), None, "{unfit}");
        }
        assert_eq!(filled(HOST, "7"), None);
        assert_eq!(filled(COMMIT, "7"), None);
        assert_eq!(
            filled(&[PAGE, LinkPiece::Commit(Some("4bf92f"))], "")
                .unwrap()
                .len(),
            38
        );
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_place(value in "\\PC{1,40}|[a-z./?#&%:@\\\\]{1,20}") {
            const IN_PATH: &[LinkPiece] = &[PAGE, LinkPiece::Field("id"), LinkPiece::Text("/x?y=1#z")];
            if let Some(url) = filled(IN_PATH, &value) {
                let inside = url
                    .strip_prefix("https://wiki.example.org/errors/")
                    .and_then(|rest| rest.strip_suffix("/x?y=1#z"));
                let inside = inside.unwrap();
                prop_assert!(inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
                prop_assert!(inside != "." && inside != "..");
                let back = percent_encoding::percent_decode_str(inside).decode_utf8();
                prop_assert_eq!(back.unwrap(), value);
            } else {
                prop_assert!(value == "." || value == "..", "{}", value);
            }
        }
    }
}
