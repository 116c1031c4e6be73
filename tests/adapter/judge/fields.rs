//! Request bodies parsed, in each of the forms that platforms take.

use logout::adapter::Request;
use serde_json::Value;

/// Returns the fields of a form, parsed where they hold JSON.
pub(crate) fn fields(request: &Request) -> Value {
    let content_type = request.header("content-type").unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    if content_type == "application/json" {
        return serde_json::from_str(body).unwrap();
    }
    if content_type == "application/x-www-form-urlencoded" {
        let pairs = form_urlencoded::parse(request.body());
        return pairs
            .map(|(name, value)| (name.into_owned(), Value::from(value)))
            .collect();
    }
    let boundary = content_type.split_once("boundary=").unwrap().1;
    let boundary = format!("--{boundary}");
    let parts = body.split(&*boundary).filter_map(|part| {
        let (header, value) = part.split_once("\r\n\r\n")?;
        let name = header.split('"').nth(1)?;
        let value = value.strip_suffix("\r\n")?;
        let json = || serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        let is_file = header.contains("filename");
        Some((name.to_owned(), if is_file { value.into() } else { json() }))
    });
    parts.collect()
}
