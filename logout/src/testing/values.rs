//! The texts in a request's body.

use serde_json::Value;

use crate::transport::Request;

/// Returns every text in the body with its name: the key in a JSON body, the field of a form. Files
/// are left out, JSON in a field is read too, and a body of another kind is one text without a
/// name.
pub(super) fn all_values(request: &Request) -> Vec<(String, String)> {
    let content_type = request.header("content-type").unwrap_or_default();
    let body = String::from_utf8_lossy(request.body());
    let mut found = Vec::new();
    if let Some((_, boundary)) = content_type.split_once("boundary=") {
        for part in body.split(&format!("--{}", boundary.trim_matches('"'))) {
            let Some((head, text)) = part.split_once("\r\n\r\n") else {
                continue;
            };
            if !head.contains("filename=") {
                let name = head.split('"').nth(1).unwrap_or_default();
                add(name, text.strip_suffix("\r\n").unwrap_or(text), &mut found);
            }
        }
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        for (name, text) in form_urlencoded::parse(request.body()) {
            add(&name, &text, &mut found);
        }
    } else {
        add("", &body, &mut found);
    }
    found
}

/// Returns every text of the body that goes by `name`: as the key of a JSON object at any depth, or
/// as the field of a form. Files of a multipart body are left out, JSON in a field is read too.
///
/// ```
/// use logout::testing::values;
///
/// let mut request = logout::adapter::Request::new();
/// request.json(&serde_json::json!({ "blocks": [{ "text": "a" }, { "text": "b" }], "n": 1 }));
/// assert_eq!(values(&request, "text"), ["a", "b"]);
///
/// request.form([("topic", "shop"), ("content", "a & b")]);
/// assert_eq!(values(&request, "content"), ["a & b"]);
/// ```
#[must_use]
pub fn values(request: &Request, name: &str) -> Vec<String> {
    let all = all_values(request).into_iter();
    all.filter(|(known, _)| known == name)
        .map(|(_, text)| text)
        .collect()
}

fn add(name: &str, text: &str, found: &mut Vec<(String, String)>) {
    let json = text.starts_with(['{', '[', '"']);
    match serde_json::from_str(text) {
        Ok(value) if json => add_json(name, &value, found),
        _ => found.push((name.to_owned(), text.to_owned())),
    }
}

fn add_json(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        Value::Array(items) => items.iter().for_each(|item| add_json(name, item, found)),
        Value::Object(object) => object
            .iter()
            .for_each(|(name, value)| add_json(name, value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::values;
    use crate::transport::Request;
    use crate::transport::request::Part;

    #[test]
    fn json_in_a_field_is_read_and_a_file_is_not() {
        let mut request = Request::new();
        request.multipart(&[
            Part::field("payload_json", r#"{ "embeds": [{ "title": "a\nb" }] }"#),
            Part::file("files[0]", "log.txt", "text/plain", b"title"),
            Part::field("plain", "{ no json"),
        ]);
        assert_eq!(values(&request, "title"), ["a\nb"]);
        assert_eq!(values(&request, "plain"), ["{ no json"]);
        assert!(values(&request, "files[0]").is_empty());
    }

    #[test]
    fn a_body_of_another_kind_is_one_text() {
        let mut request = Request::new();
        request.bytes("text/plain", b"it broke");
        assert_eq!(values(&request, ""), ["it broke"]);
    }
}
