//! Fields that are shown without their values, for they are called like credentials.

/// The word that stands for the default list.
const DEFAULT: &str = "default";

/// The default list, as the documentation of the setting `mask` has it.
const DEFAULTS: [&str; 19] = [
    "access_key",
    "api_key",
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "dsn",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "pwd",
    "secret",
    "session_id",
    "token",
    "webhook_url",
];

/// Which fields are shown without their values.
///
/// A field is covered when its name holds one of the words whole: `token` covers `access_token`
/// and `accessToken`, and does not cover `tokens`.
#[derive(Clone, Debug)]
pub(crate) struct Mask {
    /// Each between two underscores.
    words: Vec<String>,
}

impl Default for Mask {
    fn default() -> Self {
        Self::new([DEFAULT])
    }
}

impl Mask {
    /// The mask of these names; the name `default` stands for the default list.
    pub(crate) fn new<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut words = Vec::new();
        for name in names {
            match name.as_ref().trim() {
                "" => {}
                DEFAULT => words.extend(DEFAULTS.iter().map(|name| bounded(name))),
                name => words.push(bounded(name)),
            }
        }
        Self { words }
    }

    /// Whether a field of this name is shown without its value.
    pub(crate) fn covers(&self, name: &str) -> bool {
        let name = bounded(name);
        self.words.iter().any(|word| name.contains(word))
    }
}

/// The words of a name with an underscore around each: `x-authTokenID` is `_x_auth_token_id_`.
fn bounded(name: &str) -> String {
    let mut bounded = String::from("_");
    let mut before = None;
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let begins = match before {
            Some(before) if c.is_uppercase() => {
                char::is_lowercase(before) || chars.peek().is_some_and(|next| next.is_lowercase())
            }
            Some(before) => c.is_numeric() != char::is_numeric(before),
            None => false,
        };
        if (begins || !c.is_alphanumeric()) && !bounded.ends_with('_') {
            bounded.push('_');
        }
        if c.is_alphanumeric() {
            bounded.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    if !bounded.ends_with('_') {
        bounded.push('_');
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn telling_names_are_masked_and_ordinary_ones_are_not() {
        let mask = Mask::default();
        for name in [
            "password",
            "db_password",
            "api-key",
            "apiKey",
            "accessToken",
            "Authorization",
            "x.auth.token",
            "http.request.header.cookie",
            "session_id",
            "userIDToken",
            "password2",
        ] {
            assert!(mask.covers(name), "{name}");
        }
        for name in ["author", "tokens_used", "order", "secretary", "passage", ""] {
            assert!(!mask.covers(name), "{name}");
        }
    }

    #[test]
    fn the_documentation_of_the_block_names_the_default_list() {
        let page = include_str!("../../docs/settings.md");
        let (_, section) = page.split_once("# Masked fields").unwrap();
        let words = section.split("nothing is masked:").nth(1).unwrap();
        let words = words.split("A name").next().unwrap();
        let documented: Vec<_> = words.split('`').skip(1).step_by(2).collect();
        assert_eq!(documented, super::DEFAULTS);
    }

    #[test]
    fn the_list_can_be_extended_replaced_and_emptied() {
        let extended = Mask::new(["default", " card.number "]);
        assert!(extended.covers("password") && extended.covers("user_card_number"));
        let replaced = Mask::new(["iban"]);
        assert!(replaced.covers("IBAN") && !replaced.covers("password"));
        for empty in [&[][..], &["", " "]] {
            assert!(!Mask::new(empty).covers("password") && !Mask::new(empty).covers(""));
        }
    }
}
