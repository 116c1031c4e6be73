//! The parameters of a Bot API request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::message::File;
use super::super::multipart;
use super::super::request::{RawRequest, form_pairs};
use super::super::state::{OrRefusal, RequestContext};
use super::refuse;

/// The parameters of a request, whichever way they came.
pub(super) struct Parameters {
    values: BTreeMap<String, Value>,
    pub(super) files: Vec<(String, File)>,
}

impl Parameters {
    pub(super) fn read(raw: &RawRequest) -> OrRefusal<Self> {
        let text = |(name, value): (String, String)| (name, Value::String(value));
        let mut values: BTreeMap<_, _> = form_pairs(raw.query.as_bytes())
            .into_iter()
            .map(text)
            .collect();
        let mut files = Vec::new();
        match raw.media_type().as_str() {
            "application/json" => match serde_json::from_slice(&raw.body) {
                Ok(Value::Object(object)) => values.extend(object),
                Ok(_) | Err(_) if raw.body.is_empty() => {}
                Ok(_) => return refuse(400, "Bad Request: object expected as JSON"),
                Err(_) if std::str::from_utf8(&raw.body).is_err() => {
                    return refuse(400, "Bad Request: strings must be encoded in UTF-8");
                }
                Err(_) => return refuse(400, "Bad Request: can't parse JSON object"),
            },
            "application/x-www-form-urlencoded" => {
                values.extend(form_pairs(&raw.body).into_iter().map(text));
            }
            "multipart/form-data" => {
                let Some(parts) = multipart::parts(raw) else {
                    return refuse(400, "Bad Request: can't parse multipart/form-data");
                };
                for part in parts {
                    if let Some(name) = part.file_name {
                        let file = RequestContext::file(&name, &part.content_type, &part.content);
                        files.push((part.name, file));
                    } else if let Ok(text) = String::from_utf8(part.content.to_vec()) {
                        values.insert(part.name, Value::String(text));
                    } else {
                        return refuse(400, "Bad Request: strings must be encoded in UTF-8");
                    }
                }
            }
            // Any other body is not looked at, which leaves the query's parameters.
            _ => {}
        }
        Ok(Self { values, files })
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.value(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns a number, or its digits as text: forms know nothing else, and JSON may do it too.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        let value = self.value(name)?;
        value
            .as_i64()
            .or_else(|| value.as_str()?.trim().parse().ok())
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) => {
                ["true", "yes", "1"].contains(&text.to_lowercase().as_str())
            }
            _ => false,
        }
    }

    /// Returns a value that is JSON also within a form.
    pub(super) fn json(&self, name: &str) -> Option<Value> {
        match self.value(name)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            value => Some(value.clone()),
        }
    }
}
