//! A reader of Slack's markup, mrkdwn.

/// A part of a mrkdwn text.
enum MrkdwnToken<'t> {
    Text(&'t str),
    /// What stood between `<` and `>`.
    Control(&'t str),
}

/// Splits at `<...>`; a `<` that nothing closes, or that stands alone, is text.
fn parts(text: &str) -> Vec<MrkdwnToken<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        parts.push(MrkdwnToken::Text(before));
        match after.split_once('>') {
            Some((control, behind)) if !control.contains(['<', '\n']) => {
                parts.push(MrkdwnToken::Control(control));
                rest = behind;
            }
            _ => {
                parts.push(MrkdwnToken::Text("<"));
                rest = after;
            }
        }
    }
    parts.push(MrkdwnToken::Text(rest));
    parts
}

/// Returns the text as a person reads it.
pub(super) fn plain(text: &str) -> String {
    unescaped(&without_fences(&without_controls(text)))
}

/// Returns the same where `mrkdwn: false` leaves the markup as it is; what stands between `<` and
/// `>` is none.
pub(super) fn unformatted(text: &str) -> String {
    unescaped(&without_controls(text))
}

fn without_controls(text: &str) -> String {
    let mut plain = String::new();
    for part in parts(text) {
        match part {
            MrkdwnToken::Text(text) => plain.push_str(text),
            MrkdwnToken::Control(control) => plain.push_str(&shown(control)),
        }
    }
    plain
}

fn shown(control: &str) -> String {
    let (target, label) = match control.split_once('|') {
        Some((target, label)) => (target, Some(label)),
        None => (control, None),
    };
    match (target.split_at_checked(1), label) {
        (Some(("@", name)), label) => format!("@{}", label.unwrap_or(name)),
        (Some(("#", name)), label) => format!("#{}", label.unwrap_or(name)),
        (Some(("!", _)), Some(label)) => label.to_owned(),
        (Some(("!", name)), None) => format!("@{name}"),
        // An unescaped generic: Slack takes it for a link and the brackets vanish.
        (_, label) => label.unwrap_or(target).to_owned(),
    }
}

fn without_fences(text: &str) -> String {
    let mut shown = String::new();
    for line in text.split_inclusive('\n') {
        if line.trim() != "```" {
            shown.push_str(&line.replace("```", ""));
        }
    }
    shown
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Returns what notifies someone. A fence does not keep a mention from it, as far as is known, so
/// none is spared here.
pub(super) fn mentions(text: &str) -> Vec<String> {
    let is_mention = |control: &str| {
        let target = control.split('|').next().unwrap_or_default();
        target.starts_with('@')
            || target.starts_with("!subteam^")
            || ["!here", "!channel", "!everyone"].contains(&target)
    };
    parts(text)
        .iter()
        .filter_map(|part| match part {
            MrkdwnToken::Control(control) if is_mention(control) => Some(format!("<{control}>")),
            _ => None,
        })
        .collect()
}

/// Returns what `link_names` makes of plain names.
pub(super) fn names(text: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| word.len() > 1 && word.starts_with('@'))
        .map(str::to_owned)
        .collect()
}

/// Returns the URLs that can be followed; bare ones only unless `verbatim`.
pub(super) fn links(text: &str, verbatim: bool) -> Vec<String> {
    let mut links = Vec::new();
    for part in parts(text) {
        match part {
            MrkdwnToken::Text(text) if !verbatim => {
                links.extend(super::super::bare_urls::find_urls(text));
            }
            MrkdwnToken::Control(control) if !control.starts_with(['@', '#', '!']) => {
                links.extend(control.split('|').next().map(str::to_owned));
            }
            _ => {}
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_what_a_person_reads() {
        for (sent, read) in [
            ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
            ("see <https://x.org|the log>", "see the log"),
            ("<!channel> <@U1> <!subteam^S1|@ops>", "@channel @U1 @ops"),
            ("<!date^1700000000^{time}|12:04>", "12:04"),
            ("```\nx\n```\nafter", "x\nafter"),
            ("map<string,string>", "mapstring,string"),
            ("1 < 2", "1 < 2"),
        ] {
            assert_eq!(plain(sent), read);
        }
    }

    #[test]
    fn an_escaped_mention_is_none() {
        assert_eq!(mentions("<!here> <@U1|bob>"), ["<!here>", "<@U1|bob>"]);
        assert!(mentions("&lt;!here&gt; <!date^1^x|y> @channel").is_empty());
    }

    #[test]
    fn bare_addresses_are_links_unless_verbatim() {
        let text = "at http://x.org/a, <https://y.org|y>";
        assert_eq!(links(text, false), ["http://x.org/a", "https://y.org"]);
        assert_eq!(links(text, true), ["https://y.org"]);
    }
}
