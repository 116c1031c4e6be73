//! `multipart/form-data`, read as RFC 7578 has it.

use hyper::body::Bytes;

use super::request::RawRequest;

/// A part of a form.
#[derive(Debug)]
pub(super) struct FormPart {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: String,
    pub(super) content: Bytes,
}

/// Returns the parts of a request's body, `None` if it is not well formed.
pub(super) fn parts(raw: &RawRequest) -> Option<Vec<FormPart>> {
    let header = raw.header("content-type")?;
    let boundary = parameter(header, "boundary")?;
    if boundary.is_empty() || boundary.len() > 70 {
        return None;
    }
    let delimiter = format!("--{boundary}");
    let body = &raw.body;
    let mut at = find(body, delimiter.as_bytes(), 0)? + delimiter.len();
    let next = format!("\r\n{delimiter}");
    let mut parts = Vec::new();
    loop {
        match body.get(at..at + 2)? {
            b"--" => return Some(parts),
            b"\r\n" => at += 2,
            _ => return None,
        }
        let end = find(body, next.as_bytes(), at)?;
        parts.push(part(body, at, end)?);
        at = end + next.len();
    }
}

fn part(body: &Bytes, start: usize, end: usize) -> Option<FormPart> {
    let blank = find(body, b"\r\n\r\n", start)?;
    if blank + 4 > end {
        return None;
    }
    let head = std::str::from_utf8(body.get(start..blank)?).ok()?;
    let header = |name: &str| {
        head.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    if !disposition.to_ascii_lowercase().starts_with("form-data") {
        return None;
    }
    Some(FormPart {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        content_type: header("content-type").unwrap_or_default().to_owned(),
        content: body.slice(blank + 4..end),
    })
}

/// Returns a parameter of a header, quoted or not.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, parameters)) = rest.split_once(';') {
        let (key, value) = parameters.split_once('=')?;
        let (text, behind) = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = value.find(';').unwrap_or(value.len());
                let (text, behind) = value.split_at(end);
                (text.trim().to_owned(), behind)
            }
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(text);
        }
        rest = behind;
    }
    None
}

/// Returns the text up to the closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut plain = String::new();
    let mut signs = text.char_indices();
    while let Some((index, sign)) = signs.next() {
        match sign {
            '"' => return Some((plain, text.get(index + 1..)?)),
            '\\' => plain.push(signs.next()?.1),
            _ => plain.push(sign),
        }
    }
    None
}

fn find(body: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let found = body
        .get(from..)?
        .windows(what.len())
        .position(|window| window == what)?;
    Some(from + found)
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{CONTENT_TYPE, HeaderValue};

    use super::*;

    fn read(
        content_type: &'static str,
        body: &'static str,
    ) -> Option<Vec<(String, Option<String>, String)>> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        let raw = RawRequest {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers,
            body: Bytes::from_static(body.as_bytes()),
            connection: 1,
        };
        let parts = parts(&raw)?.into_iter();
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        Some(
            parts
                .map(|part| (part.name, part.file_name, text(&part.content)))
                .collect(),
        )
    }

    #[test]
    fn parts_are_read_as_they_were_written() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{}\r\n\
                    --x\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; name=\"files[0]\"; \
                    filename=\"a\\\"; b.txt\"\r\n\r\n\r\n--y\r\n\r\n--x--\r\n";
        let parts = read("multipart/form-data; charset=utf-8; boundary=\"x\"", body).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], ("payload_json".to_owned(), None, "{}".to_owned()));
        assert_eq!(
            parts[1],
            (
                "files[0]".to_owned(),
                Some("a\"; b.txt".to_owned()),
                "\r\n--y\r\n".to_owned()
            )
        );
    }

    #[test]
    fn a_body_that_does_not_end_is_refused() {
        let open = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\n";
        assert_eq!(read("multipart/form-data; boundary=x", open), None);
        assert_eq!(read("multipart/form-data", "--x--"), None);
        assert_eq!(read("multipart/form-data; boundary=x", "no boundary"), None);
    }
}
