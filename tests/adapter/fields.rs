//! Request bodies taken apart, in each of the forms that platforms take.

use logout::adapter::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The fields of a form, JSON where they hold JSON.
pub(crate) fn fields(request: &Request) -> Value {
    let content_type = request.header("content-type").unwrap();
    let body = std::str::from_utf8(request.body()).unwrap();
    if content_type == "application/json" {
        return serde_json::from_str(body).unwrap();
    }
    if content_type == "application/x-www-form-urlencoded" {
        let pairs = body.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8().unwrap();
            (name.to_owned(), Value::from(value.into_owned()))
        });
        return pairs.collect();
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
