//! The validation of a Discord payload, with the errors of its form check.

mod embed;

use std::fmt;

use serde_json::{Map, Value, json};

use super::super::json::Fields as _;

/// Limits in code points and items, from
/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits> and Discord's
/// `OpenAPI` file.
const CONTENT: usize = 2_000;
const USERNAME: usize = 80;
const AVATAR_URL: usize = 2_048;
const THREAD_NAME: usize = 100;
const EMBEDS: usize = 10;
const URL: usize = 2_048;
/// Over the texts of all embeds.
const EMBEDS_SUM: usize = 6_000;
const MENTIONED: usize = 100;

/// The parts of an embed by which it is not empty.
#[rustfmt::skip]
const SHOWN: [&str; 7] = [
    "title", "description", "fields", "footer", "author", "image", "thumbnail",
];

/// The flags that a webhook may set.
const SUPPRESS_EMBEDS: u64 = 1 << 2;
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
const IS_COMPONENTS_V2: u64 = 1 << 15;

/// The errors of a form, each with its path.
#[derive(Debug, Default)]
pub(super) struct FormErrors(Vec<(String, &'static str, String)>);

impl FormErrors {
    fn add(&mut self, path: &str, code: &'static str, message: impl Into<String>) {
        self.0.push((path.to_owned(), code, message.into()));
    }

    /// Returns error 50035: a tree of the form's own shape, with every problem at its place.
    pub(super) fn answer(&self) -> Value {
        let mut tree = Map::new();
        for (path, code, message) in &self.0 {
            let segments: Vec<&str> = path.split('.').collect();
            insert_error(
                &mut tree,
                &segments,
                json!({ "code": code, "message": message }),
            );
        }
        json!({ "code": 50035, "errors": tree, "message": "Invalid Form Body" })
    }
}

/// Puts a problem under `_errors` at the end of its path.
fn insert_error(tree: &mut Map<String, Value>, path: &[&str], problem: Value) {
    if let Some((first, rest)) = path.split_first() {
        let branch = tree.entry(*first).or_insert_with(|| json!({}));
        if let Value::Object(branch) = branch {
            insert_error(branch, rest, problem);
        }
    } else if let Value::Array(errors) = tree.entry("_errors").or_insert_with(|| json!([])) {
        errors.push(problem);
    }
}

impl fmt::Display for FormErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("50035:")?;
        for (index, (path, _, message)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma} {path}: {message}")?;
        }
        Ok(())
    }
}

/// An object of a form, whose fields are judged one by one.
struct FormObject<'f> {
    errors: &'f mut FormErrors,
    fields: &'f Map<String, Value>,
    /// What the paths of its fields begin with: `embeds.0.`
    path: String,
}

/// Judges a payload by its fields' types and limits.
pub(super) fn check(payload: &Map<String, Value>) -> Result<(), FormErrors> {
    let mut errors = FormErrors::default();
    let mut form = FormObject {
        errors: &mut errors,
        fields: payload,
        path: String::new(),
    };
    form.text("content", 0, CONTENT);
    form.text("username", 1, USERNAME);
    form.check_username();
    form.text("avatar_url", 0, AVATAR_URL);
    if !matches!(payload.field("tts"), Value::Null | Value::Bool(_)) {
        form.add(
            "tts",
            "BOOLEAN_TYPE_CONVERT",
            "Must be either true or false.",
        );
    }
    form.text("thread_name", 0, THREAD_NAME);
    form.check_flags();
    if let Some(embeds) = form.list("embeds", EMBEDS) {
        for (index, embed) in embeds.iter().enumerate() {
            if let Some(mut embed) = form.object(&format!("embeds.{index}"), embed) {
                embed.check_embed();
            }
        }
        if embeds.iter().map(embed::size).sum::<usize>() > EMBEDS_SUM {
            let message = format!("Embed size exceeds maximum size of {EMBEDS_SUM}");
            form.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", message);
        }
    }
    let allowed = payload.field("allowed_mentions");
    if !allowed.is_null()
        && let Some(mut allowed) = form.object("allowed_mentions", allowed)
    {
        allowed.check_mentions();
    }
    if errors.0.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

impl<'f> FormObject<'f> {
    fn add(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        let path = format!("{}{name}", self.path);
        self.errors.add(&path, code, message);
    }

    /// Returns the object that stands at `name`; anything else is a mistake.
    fn object<'o>(&'o mut self, name: &str, value: &'o Value) -> Option<FormObject<'o>> {
        let Some(fields) = value.as_object() else {
            let message = "Only dictionaries may be used in a ModelType";
            self.add(name, "MODEL_TYPE_CONVERT", message);
            return None;
        };
        Some(FormObject {
            path: format!("{}{name}.", self.path),
            errors: self.errors,
            fields,
        })
    }

    fn list(&mut self, name: &str, most: usize) -> Option<&'f [Value]> {
        match self.fields.field(name) {
            Value::Null => None,
            Value::Array(list) => {
                if list.len() > most {
                    let message = format!("Must be {most} or fewer in length.");
                    self.add(name, "BASE_TYPE_MAX_LENGTH", message);
                }
                Some(list)
            }
            _ => {
                let message = "Only iterables may be used in a ListType";
                self.add(name, "LIST_TYPE_CONVERT", message);
                None
            }
        }
    }

    fn text(&mut self, name: &str, least: usize, most: usize) {
        match self.fields.field(name) {
            Value::Null => {}
            Value::String(text) => {
                let length = text.trim().chars().count();
                if least > 0 && !(least..=most).contains(&length) {
                    let message = format!("Must be between {least} and {most} in length.");
                    self.add(name, "BASE_TYPE_BAD_LENGTH", message);
                } else if length > most {
                    let message = format!("Must be {most} or fewer in length.");
                    self.add(name, "BASE_TYPE_MAX_LENGTH", message);
                }
            }
            // The server takes other scalars for their text; nothing here relies on it.
            _ => {
                let message = "Could not interpret it as string.";
                self.add(name, "STRING_TYPE_CONVERT", message);
            }
        }
    }

    fn required(&mut self, name: &str, most: usize) {
        let value = self.fields.field(name);
        let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        if value.is_null() || is_blank {
            self.add(name, "BASE_TYPE_REQUIRED", "This field is required");
        } else {
            self.text(name, 0, most);
        }
    }

    fn url(&mut self, name: &str) {
        self.text(name, 0, URL);
        if let Value::String(url) = self.fields.field(name)
            && !["http://", "https://"]
                .iter()
                .any(|scheme| url.starts_with(scheme))
        {
            let message = "Scheme must be one of ('http', 'https').";
            self.add(name, "URL_TYPE_INVALID_SCHEME", message);
        }
    }

    /// Refuses names that only Discord itself may bear ("Create Webhook": a name must not contain the
    /// substrings `clyde` and `discord`).
    fn check_username(&mut self) {
        let name = self.fields.string("username").to_lowercase();
        for reserved in ["clyde", "discord"] {
            if name.contains(reserved) {
                let message = format!("Username cannot contain \"{reserved}\"");
                self.add("username", "USERNAME_INVALID_CONTAINS", message);
            }
        }
    }

    /// Refuses flags that no webhook may set, and whatever components of the second version exclude
    /// ("Execute Webhook": `IS_COMPONENTS_V2` disables content, embeds and polls).
    fn check_flags(&mut self) {
        let flags = self.fields.field("flags");
        if flags.is_null() {
            return;
        }
        let Some(flags) = flags.as_u64() else {
            return self.add("flags", "NUMBER_TYPE_COERCE", "Value is not int.");
        };
        // Discord does not say what becomes of others; here they are a mistake.
        if flags & !(SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2) != 0 {
            let message = "Value is not one of the flags that can be set.";
            self.add("flags", "BASE_TYPE_CHOICES", message);
        }
        if flags & IS_COMPONENTS_V2 == 0 {
            return;
        }
        for legacy in ["content", "embeds", "poll"] {
            let is_given = match self.fields.field(legacy) {
                Value::Null => false,
                Value::String(text) => !text.is_empty(),
                Value::Array(list) => !list.is_empty(),
                _ => true,
            };
            if is_given {
                let message = format!(
                    "The '{legacy}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                );
                let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
                self.add(legacy, code, message);
            }
        }
    }

    /// Judges what may be mentioned.
    fn check_mentions(&mut self) {
        let parse = self.fields.list("parse").iter();
        let parse: Vec<_> = parse
            .map(|kind| kind.as_str().unwrap_or_default())
            .collect();
        for (index, kind) in parse.iter().enumerate() {
            if !["roles", "users", "everyone"].contains(kind) {
                let message = "Value must be one of {'roles', 'users', 'everyone'}.";
                self.add(&format!("parse.{index}"), "BASE_TYPE_CHOICES", message);
            }
        }
        for name in ["users", "roles"] {
            let Some(ids) = self.list(name, MENTIONED) else {
                continue;
            };
            if !ids.is_empty() && parse.contains(&name) {
                let message =
                    format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive.");
                let code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE";
                self.errors.add("allowed_mentions", code, message);
            }
            for (index, id) in ids.iter().enumerate() {
                if !id.as_str().is_some_and(is_snowflake) {
                    let message = format!("Value {id} is not snowflake.");
                    self.add(&format!("{name}.{index}"), "NUMBER_TYPE_COERCE", message);
                }
            }
        }
    }
}

/// Returns whether a payload shows nothing: blanks are trimmed away, and so are embeds without
/// content. Components count only for a request that asks for them by `with_components`.
pub(super) fn is_empty(payload: &Map<String, Value>, with_components: bool) -> bool {
    let shows = |embed: &Value| {
        SHOWN.iter().any(|part| match embed.field(part) {
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(list) => !list.is_empty(),
            part => part.is_object(),
        })
    };
    payload.string("content").trim().is_empty()
        && !payload.list("embeds").iter().any(shows)
        && (!with_components || payload.list("components").is_empty())
        && !payload.field("poll").is_object()
}

fn is_snowflake(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_digit())
}
