//! Slack's syntax, which the server replaces before it reads any Markdown, in code too.

/// Returns a message's text as the server keeps it: announcements become mentions, and links with a name
/// those of Markdown (`linkWithTextRegex`).
pub(super) fn translate_text(text: &str) -> String {
    let text = translate(text);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find('<') {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        match named_link(from) {
            Some((address, name, behind)) => {
                kept.push_str(&format!("[{name}]({address})"));
                rest = behind;
            }
            None => {
                kept.push('<');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    kept.push_str(rest);
    kept
}

/// Returns a text of an attachment as the server keeps it (`expandAnnouncement`).
pub(super) fn translate(text: &str) -> String {
    text.replace("<!channel>", "@channel")
        .replace("<!here>", "@here")
        .replace("<!all>", "@all")
}

/// Returns address, name and what stands behind, where `<address|name>` begins.
fn named_link(text: &str) -> Option<(&str, &str, &str)> {
    let inside = text.strip_prefix('<')?;
    let (address, behind) = inside.split_at_checked(inside.find(['\n', '<', '|', '>'])?)?;
    let behind = behind.strip_prefix('|')?;
    let (name, behind) = behind.split_at_checked(behind.find(['|', '\n', '>'])?)?;
    let behind = behind.strip_prefix('>')?;
    (!address.is_empty() && !name.is_empty()).then_some((address, name, behind))
}

#[cfg(test)]
mod tests {
    use super::translate_text;

    #[test]
    fn slacks_announcements_and_links_are_replaced_even_in_code() {
        for (text, kept) in [
            ("`<!here>` <!all>", "`@here` @all"),
            ("```\n<https://a|b c>\n```", "```\n[b c](https://a)\n```"),
            ("Vec<u8> | <a|> <|b> <\na|b>", "Vec<u8> | <a|> <|b> <\na|b>"),
            ("<<a|b>", "<[b](a)"),
        ] {
            assert_eq!(translate_text(text), kept, "{text}");
        }
    }
}
