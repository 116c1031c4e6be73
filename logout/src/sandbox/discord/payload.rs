//! The payload and the files of a request, from any of the three content types.

use serde_json::{Map, Value};

use super::super::message::File;
use super::super::multipart;
use super::super::request::{RawRequest, form_pairs};
use super::super::state::{OrRefusal, RequestContext};
use super::{invalid_form, refuse};

/// Bytes of one file (<https://discord.com/developers/docs/reference#uploading-files>).
const FILE: usize = 10 << 20;

pub(super) fn read(raw: &RawRequest) -> OrRefusal<(Map<String, Value>, Vec<File>)> {
    match raw.media_type().as_str() {
        "application/json" => Ok((object(&raw.body)?, Vec::new())),
        "application/x-www-form-urlencoded" => Ok((of_form(raw)?, Vec::new())),
        "multipart/form-data" => of_parts(raw),
        _ => invalid_form("the content type is neither JSON nor a form nor multipart"),
    }
}

fn of_form(raw: &RawRequest) -> OrRefusal<Map<String, Value>> {
    let pairs = form_pairs(&raw.body);
    match pairs.iter().find(|(name, _)| name == "payload_json") {
        Some((_, json)) => object(json.as_bytes()),
        None => {
            let fields = pairs.into_iter();
            Ok(fields
                .map(|(name, value)| (name, Value::from(value)))
                .collect())
        }
    }
}

fn of_parts(raw: &RawRequest) -> OrRefusal<(Map<String, Value>, Vec<File>)> {
    let Some(parts) = multipart::parts(raw) else {
        return invalid_form("the multipart body is not well formed");
    };
    let mut payload = Map::new();
    let mut files = Vec::new();
    for part in parts {
        let Some(name) = part.file_name else {
            if part.name == "payload_json" {
                payload = object(&part.content)?;
            } else {
                let text = String::from_utf8_lossy(&part.content).into_owned();
                payload.insert(part.name, Value::from(text));
            }
            continue;
        };
        if part.content.len() > FILE {
            let why = format!("`{name}` is larger than 10 MiB");
            return refuse(413, 40005, "Request entity too large", &why);
        }
        files.push(RequestContext::file(
            &name,
            &part.content_type,
            &part.content,
        ));
    }
    Ok((payload, files))
}

fn object(json: &[u8]) -> OrRefusal<Map<String, Value>> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => invalid_form("the body is not a JSON object"),
        Err(_) => refuse(
            400,
            50109,
            "The request body contains invalid JSON.",
            "the body is no JSON",
        ),
    }
}
