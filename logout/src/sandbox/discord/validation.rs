//! The validation of a Discord payload, with the errors of its form check.

mod embed;

use std::fmt;

use serde_json::{Map, Value, json};

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
            plant(
                &mut tree,
                &segments,
                json!({ "code": code, "message": message }),
            );
        }
        json!({ "code": 50035, "errors": tree, "message": "Invalid Form Body" })
    }
}

/// Puts a problem under `_errors` at the end of its path.
fn plant(tree: &mut Map<String, Value>, path: &[&str], problem: Value) {
    if let Some((first, rest)) = path.split_first() {
        let branch = tree.entry(*first).or_insert_with(|| json!({}));
        if let Value::Object(branch) = branch {
            plant(branch, rest, problem);
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

/// Judges a payload by its fields' types and limits.
pub(super) fn check(payload: &Map<String, Value>) -> Result<(), FormErrors> {
    let mut errors = FormErrors::default();
    text(&mut errors, payload, "content", "content", 0, CONTENT);
    text(&mut errors, payload, "username", "username", 1, USERNAME);
    check_username(&mut errors, payload);
    text(
        &mut errors,
        payload,
        "avatar_url",
        "avatar_url",
        0,
        AVATAR_URL,
    );
    if payload
        .get("tts")
        .is_some_and(|tts| !tts.is_null() && !tts.is_boolean())
    {
        let message = "Must be either true or false.";
        errors.add("tts", "BOOLEAN_TYPE_CONVERT", message);
    }
    text(
        &mut errors,
        payload,
        "thread_name",
        "thread_name",
        0,
        THREAD_NAME,
    );
    check_flags(&mut errors, payload);
    if let Some(embeds) = list(&mut errors, payload, "embeds", "embeds", EMBEDS) {
        for (index, embed) in embeds.iter().enumerate() {
            embed::check(&mut errors, embed, &format!("embeds.{index}"));
        }
        if embeds.iter().map(embed::size).sum::<usize>() > EMBEDS_SUM {
            let message = format!("Embed size exceeds maximum size of {EMBEDS_SUM}");
            errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", message);
        }
    }
    match payload.get("allowed_mentions") {
        None | Some(Value::Null) => {}
        Some(Value::Object(allowed)) => check_mentions(&mut errors, allowed),
        Some(_) => no_object(&mut errors, "allowed_mentions"),
    }
    if errors.0.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// Refuses names that only Discord itself may bear ("Create Webhook": a name must not contain the
/// substrings `clyde` and `discord`).
fn check_username(errors: &mut FormErrors, payload: &Map<String, Value>) {
    let name = payload.get("username").and_then(Value::as_str);
    let name = name.unwrap_or_default().to_lowercase();
    for reserved in ["clyde", "discord"] {
        if name.contains(reserved) {
            let message = format!("Username cannot contain \"{reserved}\"");
            errors.add("username", "USERNAME_INVALID_CONTAINS", message);
        }
    }
}

/// Refuses flags that no webhook may set, and whatever components of the second version exclude
/// ("Execute Webhook": `IS_COMPONENTS_V2` disables content, embeds and polls).
fn check_flags(errors: &mut FormErrors, payload: &Map<String, Value>) {
    let flags = match payload.get("flags") {
        None | Some(Value::Null) => return,
        Some(flags) => flags.as_u64(),
    };
    let Some(flags) = flags else {
        return errors.add("flags", "NUMBER_TYPE_COERCE", "Value is not int.");
    };
    // Discord does not say what becomes of others; here they are a mistake.
    if flags & !(SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_COMPONENTS_V2) != 0 {
        errors.add(
            "flags",
            "BASE_TYPE_CHOICES",
            "Value is not one of the flags that can be set.",
        );
    }
    if flags & IS_COMPONENTS_V2 == 0 {
        return;
    }
    for legacy in ["content", "embeds", "poll"] {
        let is_given = payload.get(legacy).is_some_and(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => true,
        });
        if is_given {
            let message = format!(
                "The '{legacy}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            );
            let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
            errors.add(legacy, code, message);
        }
    }
}

/// Returns whether a payload shows nothing: blanks are trimmed away, and so are embeds without
/// content. Components count only for a request that asks for them by `with_components`.
pub(super) fn is_empty(payload: &Map<String, Value>, with_components: bool) -> bool {
    let content = payload.get("content").and_then(Value::as_str);
    let shows = |embed: &Value| {
        let parts = [
            "title",
            "description",
            "fields",
            "footer",
            "author",
            "image",
            "thumbnail",
        ];
        parts.iter().any(|part| match embed.get(part) {
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Object(_)) => true,
            _ => false,
        })
    };
    let listed = |name: &str| payload.get(name).and_then(Value::as_array);
    content.is_none_or(|content| content.trim().is_empty())
        && !listed("embeds").is_some_and(|embeds| embeds.iter().any(shows))
        && (!with_components || listed("components").is_none_or(Vec::is_empty))
        && !payload.get("poll").is_some_and(Value::is_object)
}

fn no_object(errors: &mut FormErrors, path: &str) {
    errors.add(
        path,
        "MODEL_TYPE_CONVERT",
        "Only dictionaries may be used in a ModelType",
    );
}

fn check_mentions(errors: &mut FormErrors, allowed: &Map<String, Value>) {
    let listed = |name: &str| allowed.get(name).and_then(Value::as_array);
    let parse: Vec<&str> = listed("parse")
        .into_iter()
        .flatten()
        .map(|kind| kind.as_str().unwrap_or_default())
        .collect();
    for (index, kind) in parse.iter().enumerate() {
        if !["roles", "users", "everyone"].contains(kind) {
            errors.add(
                &format!("allowed_mentions.parse.{index}"),
                "BASE_TYPE_CHOICES",
                "Value must be one of {'roles', 'users', 'everyone'}.",
            );
        }
    }
    for name in ["users", "roles"] {
        let path = format!("allowed_mentions.{name}");
        let Some(ids) = list(errors, allowed, name, &path, MENTIONED) else {
            continue;
        };
        if !ids.is_empty() && parse.contains(&name) {
            let message =
                format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive.");
            errors.add(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                message,
            );
        }
        for (index, id) in ids.iter().enumerate() {
            if !id.as_str().is_some_and(is_snowflake) {
                let message = format!("Value {id} is not snowflake.");
                errors.add(&format!("{path}.{index}"), "NUMBER_TYPE_COERCE", message);
            }
        }
    }
}

fn is_snowflake(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_digit())
}

fn required(
    errors: &mut FormErrors,
    object: &Map<String, Value>,
    name: &str,
    path: &str,
    most: usize,
) {
    let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    if object
        .get(name)
        .is_none_or(|value| value.is_null() || blank(value))
    {
        errors.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    } else {
        text(errors, object, name, path, 0, most);
    }
}

fn text(
    errors: &mut FormErrors,
    object: &Map<String, Value>,
    name: &str,
    path: &str,
    least: usize,
    most: usize,
) {
    match object.get(name) {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => {
            let length = text.trim().chars().count();
            if least > 0 && !(least..=most).contains(&length) {
                let message = format!("Must be between {least} and {most} in length.");
                errors.add(path, "BASE_TYPE_BAD_LENGTH", message);
            } else if length > most {
                let message = format!("Must be {most} or fewer in length.");
                errors.add(path, "BASE_TYPE_MAX_LENGTH", message);
            }
        }
        // The server takes other scalars for their text; nothing here relies on it.
        Some(_) => errors.add(
            path,
            "STRING_TYPE_CONVERT",
            "Could not interpret it as string.",
        ),
    }
}

fn url(errors: &mut FormErrors, object: &Map<String, Value>, name: &str, path: &str) {
    let path = format!("{path}.{name}");
    text(errors, object, name, &path, 0, URL);
    if let Some(Value::String(url)) = object.get(name)
        && !["http://", "https://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
    {
        let message = "Scheme must be one of ('http', 'https').";
        errors.add(&path, "URL_TYPE_INVALID_SCHEME", message);
    }
}

fn list<'v>(
    errors: &mut FormErrors,
    object: &'v Map<String, Value>,
    name: &str,
    path: &str,
    most: usize,
) -> Option<&'v Vec<Value>> {
    match object.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::Array(list)) => {
            if list.len() > most {
                let message = format!("Must be {most} or fewer in length.");
                errors.add(path, "BASE_TYPE_MAX_LENGTH", message);
            }
            Some(list)
        }
        Some(_) => {
            errors.add(
                path,
                "LIST_TYPE_CONVERT",
                "Only iterables may be used in a ListType",
            );
            None
        }
    }
}
