//! Telegram's three markups, read as tdlib's `MessageEntity.cpp` reads them.

use super::super::details::TelegramEntity;
use super::styled::{Styled, utf16_length};

mod html;
mod v2;

pub(super) use self::html::html;
pub(super) use self::v2::markdown_v2;

type Parsed = Result<Styled, String>;

/// An entity whose end has not come yet.
#[derive(Debug)]
struct OpenEntity {
    kind: &'static str,
    /// Where it begins, in bytes of the raw text.
    at: usize,
    /// All that is known of it but its kind and length.
    entity: TelegramEntity,
}

impl Styled {
    fn open(&self, kind: &'static str, at: usize) -> OpenEntity {
        let entity = TelegramEntity {
            offset: utf16_length(&self.text),
            ..TelegramEntity::default()
        };
        OpenEntity { kind, at, entity }
    }

    /// Ends an entity here; an empty one styles nothing.
    fn close(&mut self, open: OpenEntity) {
        let length = utf16_length(&self.text) - open.entity.offset;
        if length > 0 {
            self.entities.push(TelegramEntity {
                kind: open.kind.to_owned(),
                length,
                ..open.entity
            });
            self.entities.sort_by_key(|entity| entity.offset);
        }
    }
}

/// Returns the old Markdown: only ``_ * ` [`` begin something, nothing nests, and a backslash works
/// outside of entities alone.
pub(super) fn markdown(raw: &str) -> Parsed {
    let mut styled = Styled::default();
    let mut rest = raw;
    while let Some(sign) = rest.chars().next() {
        let at = raw.len() - rest.len();
        if let Some(escaped) = rest.strip_prefix('\\')
            && let Some(next) = escaped.chars().next().filter(|sign| "_*`[".contains(*sign))
        {
            styled.text.push(next);
            rest = escaped.get(1..).unwrap_or_default();
            continue;
        }
        let Some((mark, kind)) = mark(rest) else {
            styled.text.push(sign);
            rest = rest.get(sign.len_utf8()..).unwrap_or_default();
            continue;
        };
        let inner = rest.get(mark.len()..).unwrap_or_default();
        let end = if mark == "[" { "]" } else { mark };
        let Some((text, behind)) = inner.split_once(end) else {
            return Err(unended("entity", at));
        };
        let mut open = styled.open(kind, at);
        let text = match (kind, language(text)) {
            ("pre", Some((language, code))) => {
                open.entity.language = Some(language.to_owned());
                code
            }
            ("pre", None) => text.strip_prefix('\n').unwrap_or(text),
            _ => text,
        };
        styled.text.push_str(text);
        rest = behind;
        if kind == "text_link" {
            let Some(url) = rest.strip_prefix('(') else {
                continue;
            };
            let (url, behind) = url.split_once(')').unwrap_or((url, ""));
            open.entity.url = Some(url.to_owned());
            rest = behind;
        }
        styled.close(open);
    }
    Ok(styled)
}

/// Returns the mark at the beginning of `text`, and what it begins.
fn mark(text: &str) -> Option<(&'static str, &'static str)> {
    [
        ("_", "italic"),
        ("*", "bold"),
        ("[", "text_link"),
        ("```", "pre"),
        ("`", "code"),
    ]
    .into_iter()
    .find(|(mark, _)| text.starts_with(mark))
}

/// Returns the language in the first line of a fenced block.
fn language(block: &str) -> Option<(&str, &str)> {
    let (first, code) = block.split_once('\n')?;
    let fits = !first.is_empty() && !first.contains(char::is_whitespace);
    fits.then_some((first, code))
}

fn unended(what: &str, at: usize) -> String {
    format!("Can't find end of the {what} starting at byte offset {at}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(parsed: Parsed) -> (String, Vec<(String, usize, usize)>) {
        let styled = parsed.unwrap();
        let entities = styled.entities.into_iter();
        let entities = entities.map(|entity| (entity.kind, entity.offset, entity.length));
        (styled.text, entities.collect())
    }

    fn entity(kind: &str, offset: usize, length: usize) -> (String, usize, usize) {
        (kind.to_owned(), offset, length)
    }

    #[test]
    fn old_markdown_fails_at_what_is_not_closed() {
        assert!(markdown("user_id").is_err());
        assert!(markdown("```\nuser_id ` x\n```").is_ok());
        let error = markdown("*a*\n```\n``` x ```").unwrap_err();
        assert_eq!(
            error,
            "Can't find end of the entity starting at byte offset 14"
        );
        let (text, entities) = shape(markdown("🔥 *a* \\_b [l](http://x)"));
        assert_eq!(text, "🔥 a _b l");
        assert_eq!(entities, [entity("bold", 3, 1), entity("text_link", 8, 1)]);
    }

    #[test]
    fn html_knows_its_tags_alone() {
        let (text, entities) = shape(html(
            "<b>🔥 a</b> <pre><code class=\"language-rust\">Vec&lt;u8&gt; &amp; &foo;</code></pre>",
        ));
        assert_eq!(text, "🔥 a Vec<u8> & &foo;");
        assert_eq!(entities, [entity("bold", 0, 4), entity("pre", 5, 15)]);
        for (raw, error) in [
            ("Vec<T>", "Unsupported start tag \"t\" at byte offset 3"),
            (
                "<b>a",
                "Can't find end tag corresponding to start tag \"b\"",
            ),
            (
                "<b>a</i>",
                "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
            ),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("a < b", "Unsupported start tag \"\" at byte offset 2"),
        ] {
            assert_eq!(html(raw).unwrap_err(), error);
        }
    }

    #[test]
    fn markdown_v2_wants_every_sign_escaped() {
        let (text, entities) = shape(markdown_v2("*b _i_* `a\\`.b` ||s|| [l](http://x\\)) a\\.b"));
        assert_eq!(text, "b i a`.b s l a.b");
        assert_eq!(
            entities,
            [
                entity("bold", 0, 3),
                entity("italic", 2, 1),
                entity("code", 4, 4),
                entity("spoiler", 9, 1),
                entity("text_link", 11, 1)
            ]
        );
        let (text, entities) = shape(markdown_v2("```rust\nlet a = 1;\n```"));
        assert_eq!(text, "let a = 1;\n");
        assert_eq!(entities, [entity("pre", 0, 11)]);
        for (raw, error) in [
            (
                "a-b",
                "Character '-' is reserved and must be escaped with the preceding '\\'",
            ),
            ("*a", "Can't find end of Bold entity at byte offset 0"),
            ("`a", "Can't find end of Code entity at byte offset 0"),
        ] {
            assert_eq!(markdown_v2(raw).unwrap_err(), error);
        }
    }
}
