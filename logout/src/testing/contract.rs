//! The contract of an adapter: the facts its tests need.

use std::fmt;
use std::marker::PhantomData;

use super::values::all_values;
use crate::adapter::{Adapter, AdapterOptions, Verdict};
use crate::config::read_adapter;
use crate::transport::{Request, Response, Secret};

/// The contract against which [`adapter_contract!`](crate::adapter_contract) tests an adapter:
/// settings to test it with, the limits of its platform, and how to read its message.
///
/// Each method adds to it. Required are the [`setting`](Self::setting)s and a limit
/// ([`most_characters`](Self::most_characters) or [`most_bytes`](Self::most_bytes)). If the log's
/// text is outside a code block, say what makes it harmless there ([`inert`](Self::inert) or
/// [`never`](Self::never)). The functions are plain ones, so a closure cannot capture anything.
///
/// ```
/// use logout::testing::{Contract, outside_code, values};
/// use logout::{Adapter, Notice};
/// use logout::adapter::{Request, Response, SecretUrl, Step, Verdict};
///
/// #[derive(Default, serde::Deserialize)]
/// struct Mattermost {
///     url: SecretUrl,
///     channel: String,
/// }
///
/// impl Adapter for Mattermost {
///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
///         let text = logout::format_message(notice).replace("```", "'''");
///         let text: String = text.chars().take(16_000).collect();
///         let text = format!("```text\n{text}\n```");
///         request.post(self.url.expose());
///         request.json(&serde_json::json!({ "channel": self.channel, "text": text }));
///     }
/// }
///
/// fn contract() -> Contract<Mattermost> {
///     Contract::new()
///         .setting("url", "https://mattermost.example.com/hooks/x1y2z3a4b5c6d7e8")
///         .setting("channel", "ops")
///         .text(|request| values(request, "text").concat())
///         .most_characters(16_383)
///         .inert(|text| !outside_code(text).contains('@'))
///         .answer(Response::new(404), Verdict::Away(String::new()))
/// }
///
/// assert_eq!(contract().what_is_huge_stays_within_the_limits(), Ok(()));
///
/// let broken = contract().most_characters(1_000).what_is_huge_stays_within_the_limits();
/// assert!(broken.unwrap_err().starts_with("the text has 16,012 characters, and 1,000 are allowed"));
/// ```
pub struct Contract<A> {
    settings: Vec<(String, String)>,
    pub(super) refused: Vec<RefusedSetting>,
    pub(super) text: fn(&Request) -> String,
    pub(super) most_characters: Option<usize>,
    pub(super) most_bytes: Option<usize>,
    pub(super) never: Vec<&'static str>,
    pub(super) inert: Vec<fn(&str) -> bool>,
    pub(super) requests: Vec<RequestCheck>,
    pub(super) answers: Vec<(Response, Verdict)>,
    pub(super) is_http: bool,
    /// The fields at the top of a JSON body in which the platform takes its secrets.
    pub(super) secret_fields: Vec<&'static str>,
    /// Whether the log's text must be in code, because the contract does not say what is harmless.
    pub(super) strict: bool,
    adapter: PhantomData<fn() -> A>,
}

/// A check of a request, whose error says what is wrong.
type RequestCheck = fn(&Request) -> Result<(), String>;

/// A setting that must be refused.
#[derive(Clone, Debug)]
pub(super) struct RefusedSetting {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) said: String,
}

impl<A: Adapter + AdapterOptions> Contract<A> {
    /// Creates a contract about an adapter without settings, on a platform without limits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            settings: Vec::new(),
            refused: Vec::new(),
            text: all_texts,
            most_characters: None,
            most_bytes: None,
            never: Vec::new(),
            inert: Vec::new(),
            requests: Vec::new(),
            answers: Vec::new(),
            is_http: true,
            secret_fields: Vec::new(),
            strict: false,
            adapter: PhantomData,
        }
    }

    /// Sets a setting of the adapter, written as in a variable: `-5` for a number, `a, b` for a
    /// list.
    ///
    /// Use secrets as long as real ones, because the tests search messages for them.
    #[must_use]
    pub fn setting(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.settings.retain(|(known, _)| known != key);
        self.settings.push((key.to_owned(), value.to_string()));
        self
    }

    /// Says that with this value the settings must be refused, in words that contain `said`: by the
    /// type of the field or by [`check`](Adapter::check).
    ///
    /// Use it for each limit that `check` knows, with the first value beyond it.
    ///
    /// ```
    /// use logout::{Adapter, Notice, testing::Contract};
    /// use logout::adapter::{Request, SecretUrl, Step};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: SecretUrl,
    ///     priority: u8,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     // ... and `render`
    /// #     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    /// #         request.post(self.url.expose()).bytes("text/plain", notice.headline.as_bytes());
    /// #     }
    /// #
    ///     fn check(&self) -> Result<(), String> {
    ///         match self.priority {
    ///             0..=5 => Ok(()),
    ///             _ => Err("`priority` must be between 0 and 5".to_owned()),
    ///         }
    ///     }
    /// }
    ///
    /// let contract = Contract::<Pager>::new()
    ///     .setting("url", "https://pager.example.org/0a1b2c3d4e5f")
    ///     .setting("priority", 3)
    ///     .refuses("priority", 6, "between 0 and 5") // by `check`
    ///     .refuses("priority", -1, "priority"); // by `u8`
    /// assert_eq!(contract.wrong_settings_are_refused(), Ok(()));
    /// ```
    #[must_use]
    pub fn refuses(mut self, key: &str, value: impl fmt::Display, said: &str) -> Self {
        self.refused.push(RefusedSetting {
            key: key.to_owned(),
            value: value.to_string(),
            said: said.to_owned(),
        });
        self
    }

    /// Sets how to read the message from a request, in the platform's markup.
    ///
    /// By default, it is every text of the body: all strings of a JSON body, all fields of a form,
    /// or else the body as it is.
    #[must_use]
    pub fn text(mut self, read: fn(&Request) -> String) -> Self {
        self.text = read;
        self
    }

    /// Sets the platform's limit of a message, in code points of its [`text`](Self::text).
    ///
    /// If the platform counts otherwise (UTF-16 units, characters as a reader sees them), count in
    /// [`every_request`](Self::every_request) and set [`most_bytes`](Self::most_bytes) here.
    #[must_use]
    pub fn most_characters(mut self, limit: usize) -> Self {
        self.most_characters = Some(limit);
        self
    }

    /// Sets the platform's limit of a request, in bytes of its body.
    #[must_use]
    pub fn most_bytes(mut self, limit: usize) -> Self {
        self.most_bytes = Some(limit);
        self
    }

    /// Adds what no message may hold, wherever it comes from: `<!channel>` on Slack, where an
    /// escaped one is `&lt;!channel&gt;`.
    #[must_use]
    pub fn never(mut self, texts: &[&'static str]) -> Self {
        self.never.extend(texts);
        self
    }

    /// Adds a check that nothing in a message rings or links: the log's text is everywhere in it.
    ///
    /// [`outside_code`](super::outside_code) helps if a code block is the protection. Without any
    /// such check, and without [`never`](Self::never), no `@`, `<`, `[`, `:` or `/` may be outside
    /// of one.
    #[must_use]
    pub fn inert(mut self, is_inert: fn(&str) -> bool) -> Self {
        self.inert.push(is_inert);
        self
    }

    /// Adds a check of every request, such as the platform's JSON schema. Its error says what is
    /// wrong.
    ///
    /// ```
    /// # use logout::{Adapter, Notice, testing::{Contract, values}};
    /// # use logout::adapter::{Request, SecretUrl, Step};
    /// # #[derive(Default, serde::Deserialize)]
    /// # struct Pager { url: SecretUrl }
    /// # impl Adapter for Pager {
    /// #     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    /// #         request.post(self.url.expose()).json(&serde_json::json!({ "page": notice.headline }));
    /// #     }
    /// # }
    /// let contract = Contract::<Pager>::new()
    ///     .setting("url", "https://pager.example.org/0a1b2c3d4e5f")
    ///     .most_bytes(usize::MAX)
    ///     .every_request(|request| {
    ///         let units: usize = values(request, "page").iter().map(|page| page.encode_utf16().count()).sum();
    ///         if units > 100 {
    ///             return Err(format!("the page has {units} UTF-16 units"));
    ///         }
    ///         Ok(())
    ///     });
    /// let broken = contract.what_is_huge_stays_within_the_limits().unwrap_err();
    /// assert!(broken.starts_with("the page has "));
    /// ```
    #[must_use]
    pub fn every_request(mut self, check: fn(&Request) -> Result<(), String>) -> Self {
        self.requests.push(check);
        self
    }

    /// Adds an answer that the platform is known to give, and what it means.
    ///
    /// An empty reason stands for any. Where one of them is [`Verdict::Delivered`], it is also
    /// what each part of a message is answered; otherwise 200, 201, 202 and 204 must be deliveries
    /// whatever their body.
    #[must_use]
    pub fn answer(mut self, response: Response, verdict: Verdict) -> Self {
        self.answers.push((response, verdict));
        self
    }

    /// Says that the destination is no HTTP server, and that the adapter's [`send`](Adapter::send)
    /// sends by itself: its requests need no address, which all others must have.
    #[must_use]
    pub fn sends_by_itself(mut self) -> Self {
        self.is_http = false;
        self
    }

    /// Says that the platform takes a secret of the settings in this field at the top of a JSON body, and not in the
    /// address or a header. Nowhere else in the body may it stand.
    ///
    /// ```
    /// use logout::testing::Contract;
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Request, Secret, Step, Url};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: Url,
    ///     key: Secret,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    ///         request.post(&self.url);
    ///         request.json(&serde_json::json!({ "key": self.key.expose(), "page": notice.headline }));
    ///     }
    /// }
    ///
    /// let contract = Contract::<Pager>::new()
    ///     .setting("url", "https://pager.example.org")
    ///     .setting("key", "0a1b2c3d4e5f0a1b2c3d4e5f");
    /// assert!(contract.its_secrets_stay_out_of_the_message().is_err());
    /// assert_eq!(contract.secret_field("key").its_secrets_stay_out_of_the_message(), Ok(()));
    /// ```
    #[must_use]
    pub fn secret_field(mut self, name: &'static str) -> Self {
        self.secret_fields.push(name);
        self
    }

    /// Returns the body of a request without the fields in which the platform takes its secrets.
    pub(super) fn without_secret_fields(&self, request: &Request) -> String {
        let body = String::from_utf8_lossy(request.body()).into_owned();
        if self.secret_fields.is_empty() {
            return body;
        }
        match serde_json::from_str(&body) {
            Ok(serde_json::Value::Object(mut fields)) => {
                fields.retain(|name, _| !self.secret_fields.contains(&name.as_str()));
                serde_json::Value::Object(fields).to_string()
            }
            _ => body,
        }
    }

    /// Reads the adapter from its settings, with the secrets in them.
    pub(super) fn read(&self) -> Result<(A, Vec<Secret>), String> {
        read_adapter(&self.settings)
            .map_err(|why| format!("the contract's settings are refused: {why}"))
    }

    pub(super) fn adapter(&self) -> Result<A, String> {
        Ok(self.read()?.0)
    }

    /// Returns the settings with one of them changed, or left out.
    pub(super) fn settings_with(&self, key: &str, value: Option<&str>) -> Vec<(String, String)> {
        let mut settings = self.settings.clone();
        settings.retain(|(known, _)| known != key);
        settings.extend(value.map(|value| (key.to_owned(), value.to_owned())));
        settings
    }

    /// Returns the answer to a part of a message that arrived.
    pub(super) fn accepted(&self) -> Response {
        let accepted = self
            .answers
            .iter()
            .find(|(_, verdict)| *verdict == Verdict::Delivered);
        accepted.map_or_else(|| Response::new(200), |(response, _)| response.clone())
    }
}

/// Returns every text of the body, each on its own line.
pub(super) fn all_texts(request: &Request) -> String {
    let texts: Vec<_> = all_values(request)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    texts.join("\n")
}

impl<A> Clone for Contract<A> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
            refused: self.refused.clone(),
            text: self.text,
            most_characters: self.most_characters,
            most_bytes: self.most_bytes,
            never: self.never.clone(),
            inert: self.inert.clone(),
            requests: self.requests.clone(),
            answers: self.answers.clone(),
            is_http: self.is_http,
            secret_fields: self.secret_fields.clone(),
            strict: self.strict,
            adapter: PhantomData,
        }
    }
}

impl<A: Adapter + AdapterOptions> Default for Contract<A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A> fmt::Debug for Contract<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract")
            .field("most_characters", &self.most_characters)
            .field("most_bytes", &self.most_bytes)
            .finish_non_exhaustive()
    }
}
