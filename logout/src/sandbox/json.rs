//! The fields of a JSON object.

use serde_json::{Map, Value};

/// Reads the fields of what may be an object.
pub(super) trait Fields {
    /// Returns the field of this name; null without one.
    fn field(&self, name: &str) -> &Value;

    /// Returns the text of a field; an empty one where it is none.
    fn string(&self, name: &str) -> &str {
        self.field(name).as_str().unwrap_or_default()
    }

    /// Returns the list of a field; an empty one where it is none.
    fn list(&self, name: &str) -> &[Value] {
        self.field(name).as_array().map_or(&[], Vec::as_slice)
    }
}

impl Fields for Value {
    fn field(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

impl Fields for Map<String, Value> {
    fn field(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

/// Returns the object that a value is, or that `what` is none.
pub(super) fn object<'v>(value: &'v Value, what: &str) -> Result<&'v Map<String, Value>, String> {
    value
        .as_object()
        .ok_or_else(|| format!("{what} is not an object"))
}
