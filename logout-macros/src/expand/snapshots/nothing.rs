/// Sends the program's warnings, errors and panics to these destinations.
///
/// It has no adapters yet.
#[allow(
    rustdoc::private_intra_doc_links,
    reason = "an adapter that only the program can see is named and not linked"
)]
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
#[doc(hidden)]
#[allow(non_camel_case_types, reason = "an index has the names of what it counts")]
#[derive(
    logout::__private::Clone,
    logout::__private::Copy,
    logout::__private::PartialEq,
    logout::__private::Eq,
    logout::__private::Hash,
)]
enum __AlertsIndex {}
/// The instances of [`Alerts`], for the calls of its handle that name one.
#[allow(dead_code, reason = "a block without adapters has no instances")]
#[derive(
    logout::__private::Clone,
    logout::__private::Copy,
    logout::__private::PartialEq,
    logout::__private::Eq,
    logout::__private::Hash,
)]
struct AlertsAdapter(__AlertsIndex);
#[allow(
    non_upper_case_globals,
    rustdoc::private_intra_doc_links,
    reason = "each is read as a name; an adapter that only the program can see is not linked"
)]
impl AlertsAdapter {}
#[automatically_derived]
impl logout::__private::Debug for AlertsAdapter {
    fn fmt(
        &self,
        formatter: &mut logout::__private::Formatter<'_>,
    ) -> logout::__private::FormatResult {
        match self.0 {}
    }
}
impl Alerts {
    /// Reads `logout.toml` and the environment.
    ///
    /// Nothing runs yet: call `start` on the builder it returns.
    ///
    /// # Errors
    ///
    /// One error that lists every setting that is missing or wrong, with the variable to set.
    /// It quotes no value.
    fn from_env() -> logout::__private::Result<logout::Builder<Self>, logout::Error> {
        logout::Builder::from_env()
    }
    /// Reads a figment of yours instead of `logout.toml` and the environment: for programs that
    /// have their own configuration, and for tests.
    ///
    /// The settings are at its top level, those of an instance in a table of its name.
    ///
    /// # Errors
    ///
    /// One error that lists every setting that is missing or wrong. It quotes no value.
    fn from_figment(
        provider: impl logout::__private::Provider,
    ) -> logout::__private::Result<logout::Builder<Self>, logout::Error> {
        logout::Builder::from_figment(provider)
    }
    logout::__private::if_preview! {
        #[doc =
        r" Returns what the chats would get, as text, for tests. Reads no configuration."]
        #[doc = r""] #[doc = r" # Errors"] #[doc = r""] #[doc =
        r" One error that lists what is wrong with the options of the block."] fn
        preview() -> logout::__private::Result < logout::preview::Previewer < Self >,
        logout::Error > { logout::__private::preview() }
    }
    /// Lists every key that files and variables can set, for the `--help` of a program or a
    /// check at deployment.
    #[must_use]
    fn keys() -> logout::__private::Vec<logout::config::Key> {
        logout::__private::keys::<Self>()
    }
    /// Writes every key as a commented file of variables (`.env`) to fill in. Required keys are
    /// uncommented; all others are behind `#`, with the value from the block.
    #[must_use]
    fn env_template() -> logout::__private::String {
        logout::__private::env_template::<Self>()
    }
    /// Writes every key as a commented `logout.toml` to fill in. Secrets are named with their
    /// variables, because files are often checked in.
    #[must_use]
    fn toml_template() -> logout::__private::String {
        logout::__private::toml_template::<Self>()
    }
}
#[automatically_derived]
#[doc(hidden)]
impl logout::__private::BlockDefinition for Alerts {
    const BLOCK: logout::__private::Block = logout::__private::Block::new(
            "Alerts",
            logout::__private::env!("CARGO_PKG_NAME"),
            const { &[] },
        )
        .release(logout::__private::env!("CARGO_PKG_VERSION"));
    type Instance = AlertsAdapter;
    fn index(instance: Self::Instance) -> logout::__private::primitive::usize {
        match instance.0 {}
    }
}
#[automatically_derived]
#[doc(hidden)]
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
