//! Web pages that answer in a platform's place: a proxy's, a firewall's, a sign-in's.

use crate::text::prefix;
use crate::transport::{Response, Url};

/// The bytes of a body that are searched for its title and its headings.
const LOOKED_AT: usize = 16 * 1024;

/// The longest title that is quoted, in characters.
const LONGEST_TITLE: usize = 200;

/// Tags at or near the beginning of a page.
const TAGS: [&str; 7] = [
    "<!doctype html",
    "<html",
    "<head",
    "<title",
    "<body",
    "<h1",
    "<center",
];

/// Returns whether the answer is a web page, by its type or by its content.
///
/// A success without a body, or with a mere `ok`, is none, whatever its type: script servers call
/// everything HTML, and so does Slack.
pub(super) fn is_web_page(response: &Response) -> bool {
    let body = response.body().trim_ascii();
    if response.is_success() && (body.is_empty() || body.eq_ignore_ascii_case(b"ok")) {
        return false;
    }
    let media_type = response.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if ["text/html", "application/xhtml+xml"]
        .iter()
        .any(|html| media_type.eq_ignore_ascii_case(html))
    {
        return true;
    }
    looks_like_html(response)
}

fn looks_like_html(response: &Response) -> bool {
    let beginning = beginning(response);
    let beginning = beginning.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    beginning.starts_with('<') && TAGS.iter().any(|tag| beginning.contains(tag))
}

/// Describes an answer that is not the platform's: by the title of a page, the target of a
/// redirect, or else the status.
pub(super) fn describe(response: &Response) -> String {
    let status = response.status();
    let redirect = (300..400).contains(&status).then(|| {
        let to = response.header("location").and_then(host);
        let to = to.map_or_else(String::new, |host| format!(" to {host}"));
        format!("a redirect{to}, which is not followed")
    });
    let title = looks_like_html(response).then(|| title(response));
    match (title, redirect) {
        (Some(Some(title)), Some(redirect)) if response.header("location").is_some() => {
            format!("{title} ({redirect})")
        }
        (Some(Some(title)), _) => title,
        (_, Some(redirect)) => format!("status {status}, {redirect}"),
        (Some(None), None) => format!("a web page (status {status})"),
        // `status 200` alone reads as if all were well.
        (None, None) if response.is_success() && response.body().trim_ascii().is_empty() => {
            format!("an empty answer (status {status})")
        }
        (None, None) if response.is_success() => {
            format!("an answer that is not the platform's (status {status})")
        }
        (None, None) => format!("status {status}"),
    }
}

/// Returns the host that a redirect leads to; the rest may hold a secret.
fn host(location: &str) -> Option<String> {
    let url = Url::parse(location).ok()?;
    Some(url.host().to_owned()).filter(|host| !host.is_empty())
}

/// Returns the page's title, or its first heading.
fn title(response: &Response) -> Option<String> {
    let text = response.text();
    let lower = beginning(response);
    ["title", "h1", "h2"]
        .iter()
        .find_map(|tag| readable(element(&text, &lower, tag)?))
}

/// Returns the beginning of the body in lower case, with all byte positions unchanged.
fn beginning(response: &Response) -> String {
    let text = response.text();
    prefix(&text, LOOKED_AT).to_ascii_lowercase()
}

/// Returns the text between the first tag of this name and its end.
fn element<'t>(text: &'t str, lower: &str, tag: &str) -> Option<&'t str> {
    let mut from = 0;
    loop {
        let start = from + lower.get(from..)?.find(&format!("<{tag}"))? + 1 + tag.len();
        let behind = lower.get(start..)?;
        if behind.starts_with(|c: char| c == '>' || c.is_whitespace()) {
            let inside = start + behind.find('>')? + 1;
            let length = lower.get(inside..)?.find(&format!("</{tag}"))?;
            return text.get(inside..inside + length);
        }
        from = start;
    }
}

/// Returns the text of an element on one line, without tags in it; `None` if nothing is left.
fn readable(inside: &str) -> Option<String> {
    let mut text = String::new();
    let mut is_tag = false;
    for c in inside.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    for (entity, sign) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, sign);
    }
    let words: Vec<_> = text.split_whitespace().collect();
    let text: String = words.join(" ").chars().take(LONGEST_TITLE).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{describe, is_web_page};
    use crate::transport::Response;

    fn answer(status: u16, content_type: &str, body: &str) -> Response {
        let mut response = Response::new(status);
        if !content_type.is_empty() {
            response.append_header("content-type", content_type);
        }
        response.set_body(body);
        response
    }

    #[test]
    fn a_page_is_known_by_its_type_or_its_looks() {
        for (content_type, body, is_page) in [
            ("text/html; charset=utf-8", "Forbidden", true),
            ("TEXT/HTML", "x", true),
            ("", "\u{feff}\r\n<!DOCTYPE html><html>", true),
            ("text/plain", "<html><body>x</body></html>", true),
            ("", "<center><h1>404 Not Found</h1></center>", true),
            ("application/json", "{\"message\":\"<html>\"}", false),
            ("application/xml", "<?xml version=\"1.0\"?><ok/>", false),
            ("text/plain", "ok", false),
            ("text/html", "", false),
            ("text/html", "ok\n", false),
        ] {
            let response = answer(200, content_type, body);
            assert_eq!(is_web_page(&response), is_page, "{content_type} {body}");
        }
        assert!(is_web_page(&answer(403, "text/html", "")));
    }

    #[test]
    fn the_title_of_a_page_is_what_it_says() {
        for (body, said) in [
            (
                "<html><head><title>403 Forbidden</title></head>",
                "403 Forbidden",
            ),
            (
                "<HTML><TITLE lang=\"en\">\n Attention Required!\t| Cloudflare </TITLE>",
                "Attention Required! | Cloudflare",
            ),
            (
                "<html><center><h1>404 <b>Not</b> Found</h1></center><hr>nginx",
                "404 Not Found",
            ),
            ("<html><title>Q&amp;A &lt;x&gt;</title>", "Q&A <x>"),
            ("<html><title> </title><h1>Sign in</h1>", "Sign in"),
            ("<html><titles>no</titles>", "a web page (status 403)"),
            ("<html><title>never ends", "a web page (status 403)"),
        ] {
            assert_eq!(describe(&answer(403, "", body)), said, "{body}");
        }
    }

    #[test]
    fn a_redirect_says_where_it_leads_and_no_secret_of_it() {
        let mut response = answer(302, "text/html", "<title>302 Found</title>");
        response.append_header("location", "https://sso.example.org/in?token=s3cret");
        assert_eq!(
            describe(&response),
            "302 Found (a redirect to sso.example.org, which is not followed)"
        );
        let mut response = Response::new(307);
        response.append_header("location", "/in?token=s3cret");
        assert_eq!(
            describe(&response),
            "status 307, a redirect, which is not followed"
        );
    }

    #[test]
    fn a_success_that_nobody_knows_is_not_told_as_a_mere_status() {
        assert_eq!(
            describe(&answer(204, "", "")),
            "an empty answer (status 204)"
        );
        assert_eq!(
            describe(&answer(200, "text/plain", "welcome")),
            "an answer that is not the platform's (status 200)"
        );
        assert_eq!(describe(&answer(401, "text/plain", "no")), "status 401");
    }

    proptest! {
        #[test]
        fn whatever_a_page_holds_is_told_on_one_short_line(body in any::<Vec<u8>>(), status in 200_u16..600, kind in 0_usize..3) {
            let mut page = [&b"<html><title>"[..], b"<html><h1>", b"<html>"].get(kind).copied().unwrap_or_default().to_vec();
            page.extend(&body);
            page.extend(b"</title></h1>");
            let mut response = Response::new(status);
            response.set_body(page);
            let said = describe(&response);
            assert!(!said.is_empty() && said.chars().count() <= super::LONGEST_TITLE + 100);
            assert!(!said.contains(char::is_control), "{said:?}");
        }
    }
}
