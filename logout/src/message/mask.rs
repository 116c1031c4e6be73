//! Fields that are shown without their values, for they are called like credentials.

use crate::block::mask::MaskList;

/// Which fields are shown without their values.
///
/// A field is covered when its name holds one of the words whole: `token` covers `access_token`
/// and `accessToken`, and does not cover `tokens`.
#[derive(Clone, Debug)]
pub(crate) struct Mask {
    list: MaskList,
    /// Each between two underscores.
    words: Vec<String>,
}

impl Default for Mask {
    fn default() -> Self {
        Self::new(MaskList::default())
    }
}

impl Mask {
    pub(crate) fn new(list: MaskList) -> Self {
        Self {
            words: list.names().iter().map(|name| bounded(name)).collect(),
            list,
        }
    }

    /// Returns the mask after `entries`, which add names and, with a `-`, take them away.
    ///
    /// # Errors
    ///
    /// What is wrong with an entry.
    pub(crate) fn changed(&self, entries: &[String]) -> Result<Self, String> {
        self.list.changed(entries).map(Self::new)
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
    fn the_list_can_be_extended_and_taken_back() {
        let entries = |entries: &[&str]| -> Vec<String> {
            entries.iter().map(|&entry| entry.to_owned()).collect()
        };
        let mask = Mask::default()
            .changed(&entries(&["card.number", "-cookie"]))
            .unwrap();
        assert!(mask.covers("password") && mask.covers("user_card_number"));
        assert!(!mask.covers("cookie"));
        let mask = mask.changed(&entries(&["-default"])).unwrap();
        assert!(mask.covers("card-number") && !mask.covers("password") && !mask.covers(""));
    }
}
