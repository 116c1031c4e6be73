//! The trait that every adapter implements.

use serde::de::DeserializeOwned;

use super::{Check, Memory, Notice, Preview, Request, Response, Severity, Step, Verdict, Window};
use crate::transport::{Fault, Transport};

/// The other role of an adapter's type: the struct of its options, which logout reads from the
/// configuration.
///
/// Every type that is `Default` and `Deserialize` has this trait. A block and the contract ask for it
/// beside [`Adapter`].
///
/// ```
/// fn is_fit<A: logout::adapter::AdapterOptions>() {}
///
/// #[derive(Default, serde::Deserialize)]
/// struct Pager {
///     team: String,
/// }
///
/// is_fit::<Pager>();
/// ```
pub trait AdapterOptions: Default + DeserializeOwned {}

impl<T: Default + DeserializeOwned> AdapterOptions for T {}

/// A kind of destination: how a [`Notice`] becomes its request, and what its answers mean.
///
/// An adapter is a struct with its settings. Each field is an option of the `logout!` block (except
/// a [`Secret`](super::Secret) and a [`SecretUrl`](super::SecretUrl), which only come at run time), and the environment and files
/// override it under the same name. A field without `#[serde(default)]` is required. A test needs
/// no async, no HTTP client and no mock: [`render`](Self::render) fills a [`Request`] that the test
/// reads.
///
/// The text of a notice is data from the log. logout has already made control characters visible
/// and removed secrets, but not markup: whoever can make the program log a line can write
/// `<!channel>`, `@everyone`, a closing code fence or a link into it. Put log text where the
/// platform does not interpret it, or escape it.
///
/// ```
/// use logout::{Adapter, Notice};
/// use logout::adapter::{Request, SecretUrl, Step};
///
/// #[derive(Default, serde::Deserialize)]
/// struct Mattermost {
///     url: SecretUrl,
///     #[serde(default)]
///     channel: String,
/// }
///
/// impl Adapter for Mattermost {
///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
///         let text = format!("```text\n{}\n```", logout::format_message(notice).replace("```", "'''"));
///         request.post(self.url.expose());
///         request.json(&serde_json::json!({ "text": text, "channel": self.channel }));
///     }
/// }
///
/// // What its test looks like.
/// let settings = r#"{ "url": "https://chat.example.org/hooks/x", "channel": "ops" }"#;
/// let mattermost: Mattermost = serde_json::from_str(settings)?;
/// let notice = Notice::new(tracing::Level::ERROR, "no ``` here");
/// let mut request = Request::new();
/// mattermost.render(&notice, Step::default(), &mut request);
/// let expected = serde_json::json!({ "text": "```text\n🔥 no ''' here\n```", "channel": "ops" });
/// assert_eq!(serde_json::from_slice::<serde_json::Value>(request.body())?, expected);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a logout adapter",
    label = "not an adapter",
    note = "to make your own type an adapter, implement `logout::Adapter` for it: a struct with its options, and `render`"
)]
pub trait Adapter: Sized + Send + 'static {
    /// The well-known variables of this adapter, as `(variable, key)`:
    /// `("SLACK_WEBHOOK_URL", "url")`. They are read for the instance that the block leaves
    /// unnamed. They override files, and the `LOGOUT_…` variables override them.
    ///
    /// Set it if a platform has variable names that everybody uses. A block has at most one unnamed
    /// instance of a type, so each variable belongs to one instance.
    ///
    /// ```
    /// use logout::{Adapter, Telegram};
    ///
    /// assert_eq!(Telegram::VARIABLES[0], ("TELEGRAM_BOT_TOKEN", "bot_token"));
    /// ```
    const VARIABLES: &'static [(&'static str, &'static str)] = &[];

    /// How many code points of plain text fit into one message of this platform in any case. A lane
    /// puts at most this many into a digest; the rest waits for the next one.
    ///
    /// It need not be exact: [`render`](Self::render) adds headline, context and place, and cuts a
    /// text that is then too long. If it is too small, digests are short. Set it a little below the
    /// platform's limit. The default is 2,000.
    ///
    /// ```
    /// // Of the 10,000 that a message has (Zulip, "Send a message").
    /// assert_eq!(<logout::Zulip as logout::Adapter>::ROOM, 9_000);
    /// ```
    const ROOM: usize = 2_000;

    /// Whether one message may be about several problems.
    ///
    /// Set it to `false` if each problem has a place of its own, as an incident or a thread has.
    /// Then each one comes in a message of its own, at the platform's pace.
    ///
    /// ```
    /// assert!(<logout::Slack as logout::Adapter>::DIGEST);
    /// ```
    const DIGEST: bool = true;

    /// Whether the platform keeps an incident open until it learns that it is over.
    ///
    /// Then the end of a problem is always sent, with [`ProblemState::Quiet`](super::ProblemState::Quiet); otherwise only if
    /// `quiet_notice` is set. With `remind: off` there is no end, which is said at start.
    ///
    /// ```
    /// assert!(!<logout::Slack as logout::Adapter>::INCIDENTS);
    /// ```
    const INCIDENTS: bool = false;

    /// Whether the destination recognizes a message that it has seen, by [`Notice::id`] or by its
    /// problem, and does not tell it twice.
    ///
    /// Then a message whose answer was lost is sent again without [`Notice::possible_repeat`]. What
    /// an earlier process may have sent keeps the mark, because it had another id.
    ///
    /// ```
    /// assert!(!<logout::Slack as logout::Adapter>::IDEMPOTENT);
    /// ```
    const IDEMPOTENT: bool = false;

    /// Returns the minimum severity of messages that mention people, if its settings ask for that.
    ///
    /// logout decides which of these messages may do so, and says it in [`Notice::mention`]: an
    /// adapter mentions nobody unless that is [`Mention::Allowed`](super::Mention::Allowed). By default it mentions nobody.
    ///
    /// logout asks once for each configuration, when it is read.
    ///
    /// ```
    /// use logout::Adapter;
    /// use logout::adapter::Severity;
    ///
    /// let mut slack = logout::Slack::default();
    /// assert_eq!(slack.mentions_from(), None);
    /// slack.mention = Some("channel".to_owned());
    /// assert_eq!(slack.mentions_from(), Some(Severity::Error));
    /// ```
    fn mentions_from(&self) -> Option<Severity> {
        None
    }

    /// Returns what a later message of the same problem needs to know about the answer to this one,
    /// such as the address of a thread.
    ///
    /// The lane keeps the first value for as long as it knows the problem, and passes it to
    /// [`render`](Self::render) as [`Step::memory`]. It asks after the first part of a message
    /// about one problem, once the answer was judged as delivered. By default nothing is kept.
    ///
    /// ```
    /// use logout::adapter::{Memory, Request, Response, SecretUrl, Step};
    /// use logout::{Adapter, Notice};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Forum {
    ///     url: SecretUrl,
    /// }
    ///
    /// impl Adapter for Forum {
    ///     const DIGEST: bool = false;
    ///
    ///     fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
    ///         let thread = step.memory.map_or("new", Memory::as_str);
    ///         request.post(self.url.expose()).bytes("text/plain", format!("{thread}: {notice}").as_bytes());
    ///     }
    ///
    ///     fn remember(&self, response: &Response) -> Option<Memory> {
    ///         Memory::new(response.text().trim())
    ///     }
    /// }
    ///
    /// let mut answer = Response::new(200);
    /// answer.set_body("thread-7\n");
    /// let memory = Forum::default().remember(&answer).unwrap();
    ///
    /// let (mut step, mut request) = (Step::default(), Request::new());
    /// step.memory = Some(&memory);
    /// Forum::default().render(&Notice::new(tracing::Level::ERROR, "again"), step, &mut request);
    /// assert_eq!(request.body(), "thread-7: 🔥 again".as_bytes());
    /// ```
    fn remember(&self, response: &Response) -> Option<Memory> {
        let _forgotten = response;
        None
    }

    /// Returns the rate limits of the destination, and the keys under which they are shared.
    ///
    /// Instances whose windows have the same key (one webhook, one chat, one bot) share them and
    /// take turns. The instance with the more severe event goes first, but at most three times in a
    /// row while another one waits. Return the narrowest window first: if a destination asks for a
    /// pause, all instances that share the key of the first window pause. Without a window the lane
    /// sends at most one request a second.
    ///
    /// Set it if the platform's documentation names a limit, and say in a comment where. A window
    /// of 10 in 60 s is spread: at most ten requests are sent in a row.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Request, SecretUrl, Step, Window};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: SecretUrl,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     /// Ten a minute per address (Pager, "Fair use").
    ///     fn pace(&self) -> impl IntoIterator<Item = Window> {
    ///         [Window::new(10, Duration::from_secs(60), ("pager", self.url.expose().as_str()))]
    ///     }
    ///
    ///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    ///         request.post(self.url.expose()).bytes("text/plain", notice.headline.as_bytes());
    ///     }
    /// }
    ///
    /// assert_eq!(Pager::default().pace().into_iter().count(), 1);
    /// ```
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        []
    }

    /// Fills `request` with `notice` in the form this platform expects.
    ///
    /// `step` says which form and which part to render. An adapter whose messages are one request
    /// each ignores it. One that sends several calls [`Request::followed`] on all but the last.
    ///
    /// It runs on logout's own thread, once for each attempt of each request, so it should neither
    /// block nor keep anything. `request` comes empty. Call [`Request::fail`] if there can be no
    /// request. A panic is caught: the message counts as
    /// [`Rejected`](crate::stats::Reason::Rejected), and the lane continues.
    ///
    /// Keep the platform's limit here. Count in its unit, and count the escaped text. Cut the text
    /// before you escape it.
    ///
    /// ```
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Form, Request, Response, SecretUrl, Step};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: SecretUrl,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     /// A page of 100 characters, and the rest behind it.
    ///     fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
    ///         let page: String = notice.headline.chars().take(100).collect();
    ///         request.post(self.url.expose());
    ///         match (step.form, step.part) {
    ///             (Form::Rich, 0) => request.bytes("text/markdown", page.as_bytes()).followed(),
    ///             (Form::Rich, _) => request.bytes("text/plain", notice.body.as_bytes()).supplements(),
    ///             _ => request.bytes("text/plain", page.as_bytes()),
    ///         };
    ///     }
    /// }
    ///
    /// let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
    /// notice.body = "caused by: gateway answered 402".to_owned();
    /// let (pager, step, mut request) = (Pager::default(), Step::default(), Request::new());
    /// pager.render(&notice, step, &mut request);
    /// assert!(request.body() == b"payment failed" && request.is_followed());
    ///
    /// request.clear();
    /// pager.render(&notice, step.next(&Response::new(200)), &mut request);
    /// assert!(request.body().ends_with(b"answered 402") && !request.is_followed());
    /// ```
    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request);

    /// Returns what the answer means.
    ///
    /// The default reads only the status, which is right for a plain webhook. If a platform answers
    /// errors under 200, or permanent ones under 5xx, look at the body first.
    ///
    /// ```
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Request, Response, SecretUrl, Step, Verdict};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: SecretUrl,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    ///         request.post(self.url.expose()).bytes("text/plain", notice.headline.as_bytes());
    ///     }
    ///
    ///     fn judge(&mut self, response: &Response) -> Verdict {
    ///         match response.text().trim() {
    ///             "no such pager" => Verdict::Gone("no such pager".to_owned()),
    ///             _ => Verdict::from_status(response),
    ///         }
    ///     }
    /// }
    ///
    /// let mut answer = Response::new(200);
    /// answer.set_body("no such pager\n");
    /// assert_eq!(Pager::default().judge(&answer), Verdict::Gone("no such pager".to_owned()));
    /// ```
    fn judge(&mut self, response: &Response) -> Verdict {
        Verdict::from_status(response)
    }

    /// Returns what people in the chat would read of a request of this adapter.
    ///
    /// A [dry run](crate::Builder#dry-run) prints it and a [preview](crate::preview::Previewer)
    /// returns it. The default shows the request itself; an adapter with its own markup returns the
    /// text without it.
    ///
    /// ```
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Preview, Request, SecretUrl, Step};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: SecretUrl,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    ///         request.post(self.url.expose()).bytes("text/plain", notice.headline.as_bytes());
    ///     }
    ///
    ///     fn preview(&self, request: &Request) -> Preview {
    ///         Preview::new(String::from_utf8_lossy(request.body()))
    ///     }
    /// }
    ///
    /// let (pager, mut request) = (Pager::default(), Request::new());
    /// pager.render(&Notice::new(tracing::Level::ERROR, "disk full"), Step::default(), &mut request);
    /// assert_eq!(pager.preview(&request).text(), "disk full");
    /// ```
    fn preview(&self, request: &Request) -> Preview {
        Preview::from_request(request)
    }

    /// Asks the platform, without posting, whether the credentials work: one request after the
    /// other, each with the `answers` to those before.
    ///
    /// It fills `request` and returns [`Check::Ask`], or returns what it has found out. The request
    /// goes over the transport and not through [`send`](Self::send), beside the lane's messages. An
    /// answer of status 429 never comes here: logout repeats the request as soon as the platform
    /// allows. By default there is no request.
    ///
    /// ```
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Check, Request, Response, SecretUrl, Step, Url};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: Url,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     fn render(&self, _: &Notice, _: Step<'_>, _: &mut Request) {}
    ///
    ///     fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
    ///         match answers {
    ///             [] => {
    ///                 request.get(&self.url.join("health"));
    ///                 Check::Ask
    ///             }
    ///             [answer, ..] => Check::from_status(answer, &["url"]),
    ///         }
    ///     }
    /// }
    ///
    /// let pager = Pager::default();
    /// assert_eq!(pager.verify(&[], &mut Request::new()), Check::Ask);
    /// let check = pager.verify(&[Response::new(404)], &mut Request::new());
    /// assert_eq!(check, Check::wrong(&["url"], "it is refused (status 404)"));
    /// ```
    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        let _unasked = (answers, request);
        Check::Unasked("its adapter has no way to check whether it works".to_owned())
    }

    /// Returns problems with the settings that types cannot express, before anything starts.
    ///
    /// The text becomes part of the one error of `from_env`, beside everything else that is wrong,
    /// so one run shows everything there is to fix. Write a line for each problem. If a line names
    /// a key in backticks, the error adds the variable or file that gave it. A key that is missing
    /// or wrong is reported by logout itself. Its field then holds a stand-in value, and logout
    /// drops your lines that name this key or no key at all.
    ///
    /// ```
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Request, SecretUrl, Step};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: SecretUrl,
    ///     #[serde(default)]
    ///     priority: u8,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    ///         request.post(self.url.expose()).bytes("text/plain", notice.headline.as_bytes());
    ///     }
    ///
    ///     fn check(&self) -> Result<(), String> {
    ///         match self.priority {
    ///             0..=5 => Ok(()),
    ///             _ => Err("`priority` must be between 0 and 5".to_owned()),
    ///         }
    ///     }
    /// }
    ///
    /// logout::logout! {
    ///     struct Alerts { adapters: [Pager { priority: 9 }] }
    /// }
    ///
    /// let error = Alerts::from_figment(("pager.url", "https://pager.example.org")).unwrap_err();
    /// assert!(error.to_string().contains("`priority` must be between 0 and 5"));
    /// assert_eq!(error.problems()[0].key(), Some("pager.priority"));
    /// ```
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong and what to write, without the value of a secret.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Returns what may be a mistake in settings that are not wrong, a line for each. logout prints
    /// the lines on standard error once, when it starts.
    ///
    /// ```
    /// use logout::adapter::{Request, SecretUrl, Step};
    /// use logout::{Adapter, Notice};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct Pager {
    ///     url: SecretUrl,
    /// }
    ///
    /// impl Adapter for Pager {
    ///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    ///         request.post(self.url.expose()).bytes("text/plain", notice.headline.as_bytes());
    ///     }
    ///
    ///     fn note(&self) -> Option<String> {
    ///         let is_theirs = self.url.expose().host().ends_with("pager.example.org");
    ///         (!is_theirs).then(|| "`url` is no address of pager.example.org; is it a proxy's?".to_owned())
    ///     }
    /// }
    ///
    /// let pager: Pager = serde_json::from_str(r#"{ "url": "https://pager.internal/hook" }"#)?;
    /// assert!(pager.note().is_some_and(|note| note.contains("proxy")));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    fn note(&self) -> Option<String> {
        None
    }

    /// Sends the request. Override it if a destination is not an HTTP server.
    ///
    /// Such a destination builds its answer by hand, so that [`judge`](Self::judge) can read it. It
    /// must not log, and it must end, because a lane waits for it. The other lanes send in the
    /// meantime, but on the same thread: whatever blocks the thread (a slow disk, a lock) delays
    /// them all.
    ///
    /// ```
    /// use logout::{Adapter, Notice};
    /// use logout::adapter::{Request, Response, Step};
    /// use logout::transport::{Fault, Transport};
    ///
    /// #[derive(Default, serde::Deserialize)]
    /// struct File {
    ///     path: String,
    /// }
    ///
    /// impl Adapter for File {
    ///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
    ///         request.bytes("text/plain", format!("{}\n", logout::format_message(notice)).as_bytes());
    ///     }
    ///
    ///     async fn send<T: Transport>(&self, request: &Request, _: &T) -> Result<Response, Fault> {
    ///         use std::io::Write;
    ///
    ///         let file = std::fs::OpenOptions::new().append(true).create(true).open(&self.path);
    ///         let written = file.and_then(|mut file| file.write_all(request.body()));
    ///         written.map_err(|why| Fault::NotSent(why.into()))?;
    ///         Ok(Response::new(200))
    ///     }
    /// }
    ///
    /// # struct Unused;
    /// # impl Transport for Unused {
    /// #     async fn send(&self, _: &Request) -> Result<Response, Fault> { unreachable!() }
    /// # }
    /// let (nowhere, mut request) = (File::default(), Request::new());
    /// nowhere.render(&Notice::new(tracing::Level::ERROR, "disk full"), Step::default(), &mut request);
    /// let sent = smol::block_on(nowhere.send(&request, &Unused));
    /// assert!(matches!(sent, Err(Fault::NotSent(_)))); // a file without a name
    /// ```
    ///
    /// # Errors
    ///
    /// A [`Fault`] if there is no answer.
    fn send<T: Transport>(
        &self,
        request: &Request,
        transport: &T,
    ) -> impl Future<Output = Result<Response, Fault>> {
        transport.send(request)
    }
}
