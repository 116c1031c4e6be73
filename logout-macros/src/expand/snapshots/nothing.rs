/// Where `Alerts` tells what goes wrong.
///
/// It has no adapters yet.
struct Alerts {}
#[automatically_derived]
impl logout::__private::Debug for Alerts {
    fn fmt(
        &self,
        formatter: &mut logout::__private::Formatter<'_>,
    ) -> logout::__private::FormatResult {
        formatter.debug_struct("Alerts").finish_non_exhaustive()
    }
}
/// The adapters of [`Alerts`], by name: for the calls of its handle that are about one of them.
#[derive(
    logout::__private::Clone,
    logout::__private::Copy,
    logout::__private::Debug,
    logout::__private::PartialEq,
    logout::__private::Eq,
    logout::__private::Hash,
)]
#[allow(
    rustdoc::private_intra_doc_links,
    reason = "an adapter that only the program can see is named and not linked"
)]
enum AlertsAdapter {}
impl Alerts {
    /// Reads `logout.toml` and the environment, as a program does at the start of `main`.
    ///
    /// Nothing runs yet: call `start` on what it returns.
    ///
    /// # Errors
    ///
    /// One that lists every setting that is missing or wrong, and the variable to set. No value
    /// of a setting is quoted.
    fn from_env() -> logout::__private::Result<logout::Builder<Self>, logout::Error> {
        logout::Builder::from_env()
    }
    /// Reads the program's own figment, and neither file nor environment: for programs with a
    /// configuration of their own, and for tests.
    ///
    /// The settings stand at its top, an adapter's in the table of its name.
    ///
    /// # Errors
    ///
    /// One that lists every setting that is missing or wrong. No value of a setting is quoted.
    fn from_figment(
        provider: impl logout::__private::Provider,
    ) -> logout::__private::Result<logout::Builder<Self>, logout::Error> {
        logout::Builder::from_figment(provider)
    }
    logout::__private::if_preview! {
        #[doc =
        r" Makes text of what the chats would get, for tests; reads no configuration."]
        #[doc = r""] #[doc = r" # Errors"] #[doc = r""] #[doc =
        r" One that lists what is wrong with the block's own options."] fn preview() ->
        logout::__private::Result < logout::preview::Previewer < Self >, logout::Error >
        { logout::__private::preview() }
    }
    /// Lists every key that files and variables can set, for a program's `--help` or the check
    /// of a deployment.
    #[must_use]
    fn keys() -> logout::__private::Vec<logout::config::Key> {
        logout::__private::keys::<Self>()
    }
    /// Writes every key down as a commented file of variables (`.env`), to be filled in: what
    /// must be set stands open, everything else behind `#`, with what the block gives.
    #[must_use]
    fn env_template() -> logout::__private::String {
        logout::__private::env_template::<Self>()
    }
    /// Writes every key down as a commented `logout.toml`, to be filled in. Secrets are named
    /// with their variables, since files are often checked in.
    #[must_use]
    fn toml_template() -> logout::__private::String {
        logout::__private::toml_template::<Self>()
    }
}
#[automatically_derived]
impl logout::__private::Declared for Alerts {
    const BLOCK: logout::__private::Block = logout::__private::Block::new(
            "Alerts",
            logout::__private::env!("CARGO_PKG_NAME"),
            const { &[] },
        )
        .release(logout::__private::env!("CARGO_PKG_VERSION"));
    type Instance = AlertsAdapter;
    fn index(instance: Self::Instance) -> logout::__private::primitive::usize {
        match instance {}
    }
}
#[automatically_derived]
impl logout::__private::Dispatcher for Alerts {
    fn read(config: &mut logout::__private::Config) -> Self {
        Self {}
    }
    async fn run<T: logout::transport::Transport, C: logout::__private::Clock>(
        &self,
        worker: &logout::__private::Worker<T, C>,
    ) {
        logout::__private::poll_fn(|cx| {
                let open = false;
                if open {
                    logout::__private::Poll::Pending
                } else {
                    logout::__private::Poll::Ready(())
                }
            })
            .await;
    }
    fn succeed(&self, next: &Self) {}
}
const _: () = {
    #[deprecated(
        note = "`Alerts` has no adapters, so it sends no messages; add one, as in `adapters: [Slack]`, or write `#[allow(deprecated)]` before `struct` if this is meant"
    )]
    const NO_ADAPTERS: () = ();
    NO_ADAPTERS
};
