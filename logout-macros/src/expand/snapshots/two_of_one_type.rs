#[doc(hidden)]
enum __Alerts_0 {}
impl logout::__private::AdapterEntry for __Alerts_0 {
    type Adapter = <fn() -> Slack as logout::__private::Returned>::Type;
}
#[doc(hidden)]
enum __Alerts_1 {}
impl logout::__private::AdapterEntry for __Alerts_1 {
    type Adapter = <fn() -> Slack as logout::__private::Returned>::Type;
}
#[allow(unused_imports, reason = "the program's own imports go before these")]
use logout::__private::adapters::*;
/// Sends the program's warnings, errors and panics to these destinations.
///
/// | instance | adapter | level | variables |
/// | --- | --- | --- | --- |
/// | [`slack`](AlertsAdapter::Slack) | [`Slack`](type@Slack) | `WARN` | `SLACK_WEBHOOK_URL`, `LOGOUT_SLACK__…` |
/// | [`ops`](AlertsAdapter::Ops) | [`Slack`](type@Slack) | `ERROR` | `LOGOUT_OPS__…` |
#[allow(
    rustdoc::private_intra_doc_links,
    reason = "an adapter that only the program can see is named and not linked"
)]
pub(crate) struct Alerts {
    #[doc(hidden)]
    slack: logout::__private::Instance<
        <__Alerts_0 as logout::__private::AdapterEntry>::Adapter,
    >,
    #[doc(hidden)]
    ops: logout::__private::Instance<
        <__Alerts_1 as logout::__private::AdapterEntry>::Adapter,
    >,
}
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
enum __AlertsIndex {
    __Alerts_0,
    __Alerts_1,
}
/// The instances of [`Alerts`], for the calls of its handle that name one.
#[allow(dead_code, reason = "a block without adapters has no instances")]
#[derive(
    logout::__private::Clone,
    logout::__private::Copy,
    logout::__private::PartialEq,
    logout::__private::Eq,
    logout::__private::Hash,
)]
pub(crate) struct AlertsAdapter(__AlertsIndex);
#[allow(
    non_upper_case_globals,
    rustdoc::private_intra_doc_links,
    reason = "each is read as a name; an adapter that only the program can see is not linked"
)]
impl AlertsAdapter {
    /// [`Slack`](type@Slack), from level `WARN` up, configured by `SLACK_WEBHOOK_URL`, `LOGOUT_SLACK__…`.
    pub(crate) const Slack: Self = Self(__AlertsIndex::__Alerts_0);
    /// [`Slack`](type@Slack), from level `ERROR` up, configured by `LOGOUT_OPS__…`.
    pub(crate) const Ops: Self = Self(__AlertsIndex::__Alerts_1);
}
#[automatically_derived]
impl logout::__private::Debug for AlertsAdapter {
    fn fmt(
        &self,
        formatter: &mut logout::__private::Formatter<'_>,
    ) -> logout::__private::FormatResult {
        match self.0 {
            __AlertsIndex::__Alerts_0 => formatter.write_str("Slack"),
            __AlertsIndex::__Alerts_1 => formatter.write_str("Ops"),
        }
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
    pub(crate) fn from_env() -> logout::__private::Result<
        logout::Builder<Self>,
        logout::Error,
    > {
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
    pub(crate) fn from_figment(
        provider: impl logout::__private::Provider,
    ) -> logout::__private::Result<logout::Builder<Self>, logout::Error> {
        logout::Builder::from_figment(provider)
    }
    logout::__private::if_preview! {
        #[doc =
        r" Returns what the chats would get, as text, for tests. Reads no configuration."]
        #[doc = r""] #[doc = r" # Errors"] #[doc = r""] #[doc =
        r" One error that lists what is wrong with the options of the block."] pub
        (crate) fn preview() -> logout::__private::Result < logout::preview::Previewer <
        Self >, logout::Error > { logout::__private::preview() }
    }
    /// Lists every key that files and variables can set, for the `--help` of a program or a
    /// check at deployment.
    #[must_use]
    pub(crate) fn keys() -> logout::__private::Vec<logout::config::Key> {
        logout::__private::keys::<Self>()
    }
    /// Writes every key as a commented file of variables (`.env`) to fill in. Required keys are
    /// uncommented; all others are behind `#`, with the value from the block.
    #[must_use]
    pub(crate) fn env_template() -> logout::__private::String {
        logout::__private::env_template::<Self>()
    }
    /// Writes every key as a commented `logout.toml` to fill in. Secrets are named with their
    /// variables, because files are often checked in.
    #[must_use]
    pub(crate) fn toml_template() -> logout::__private::String {
        logout::__private::toml_template::<Self>()
    }
}
#[automatically_derived]
#[doc(hidden)]
impl logout::__private::BlockDefinition for Alerts {
    const BLOCK: logout::__private::Block = logout::__private::Block::new(
            "Alerts",
            logout::__private::env!("CARGO_PKG_NAME"),
            const {
                &[
                    logout::__private::Declaration::new("slack", true),
                    logout::__private::Declaration::new("ops", false)
                        .level(logout::__private::LevelFilter::ERROR)
                        .metadata(
                            logout::__private::Metadata::Only(&["order", "http.status"]),
                        ),
                ]
            },
        )
        .release(logout::__private::env!("CARGO_PKG_VERSION"));
    const OPTION_DOCS: &'static [logout::__private::OptionDocs] = {
        #[allow(unused_imports, reason = "wanted by adapters whose fields say nothing")]
        use logout::__private::NoOptionDocs as _;
        &[
            <<__Alerts_0 as logout::__private::AdapterEntry>::Adapter>::__LOGOUT_OPTION_DOCS,
            <<__Alerts_1 as logout::__private::AdapterEntry>::Adapter>::__LOGOUT_OPTION_DOCS,
        ]
    };
    type Instance = AlertsAdapter;
    fn index(instance: Self::Instance) -> logout::__private::primitive::usize {
        match instance.0 {
            __AlertsIndex::__Alerts_0 => {
                __AlertsIndex::__Alerts_0 as logout::__private::primitive::usize
            }
            __AlertsIndex::__Alerts_1 => {
                __AlertsIndex::__Alerts_1 as logout::__private::primitive::usize
            }
        }
    }
}
#[automatically_derived]
#[doc(hidden)]
impl logout::__private::Dispatcher for Alerts {
    fn read(config: &mut logout::__private::Config) -> Self {
        let slack = {
            let mut section = config
                .section(
                    AlertsAdapter::Slack.0 as logout::__private::primitive::usize,
                    OPTIONS,
                );
            let adapter = logout::__private::adapter::<__Alerts_0>(&mut section);
            let _ = &adapter;
            const OPTIONS: logout::__private::Options = &[];
            logout::__private::instance::<__Alerts_0>(section, adapter)
        };
        let ops = {
            let mut section = config
                .section(
                    AlertsAdapter::Ops.0 as logout::__private::primitive::usize,
                    OPTIONS,
                );
            let adapter = logout::__private::adapter::<__Alerts_1>(&mut section);
            let _ = &adapter;
            const OPTIONS: logout::__private::Options = &[];
            logout::__private::instance::<__Alerts_1>(section, adapter)
        };
        Self { slack, ops }
    }
    async fn run<T: logout::transport::Transport, C: logout::__private::Clock>(
        &self,
        worker: &logout::__private::Worker<T, C>,
    ) {
        let mut slack = logout::__private::Some(
            logout::__private::lane::<
                __Alerts_0,
                T,
                C,
            >(
                worker,
                AlertsAdapter::Slack.0 as logout::__private::primitive::usize,
                &self.slack,
            ),
        );
        let mut ops = logout::__private::Some(
            logout::__private::lane::<
                __Alerts_1,
                T,
                C,
            >(
                worker,
                AlertsAdapter::Ops.0 as logout::__private::primitive::usize,
                &self.ops,
            ),
        );
        logout::__private::poll_fn(|cx| {
                let open = false;
                let open = logout::__private::poll_lane(&mut slack, cx) || open;
                let open = logout::__private::poll_lane(&mut ops, cx) || open;
                if open {
                    logout::__private::Poll::Pending
                } else {
                    logout::__private::Poll::Ready(())
                }
            })
            .await;
    }
    fn succeed(&self, next: &Self) {
        logout::__private::succeed::<__Alerts_0>(&self.slack, &next.slack);
        logout::__private::succeed::<__Alerts_1>(&self.ops, &next.ops);
    }
}
