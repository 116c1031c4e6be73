#[cfg(not(test))]
#[cfg(feature = "pager")]
#[doc(hidden)]
enum __Alerts_0 {}
#[cfg(not(test))]
#[cfg(feature = "pager")]
impl logout::__private::AdapterEntry for __Alerts_0 {
    type Adapter = <fn() -> crate::pager::Pager<
        u8,
    > as logout::__private::Returned>::Type;
}
#[cfg(not(test))]
/// Sends the program's warnings, errors and panics to these destinations.
///
/// | instance | adapter | level | variables |
/// | --- | --- | --- | --- |
#[cfg_attr(
    all(feature = "pager"),
    doc = " | [`oncall`](AlertsAdapter::Oncall) | [`Pager`](type@crate::pager::Pager) | `WARN` | `LOGOUT_ONCALL__…` |"
)]
#[allow(
    rustdoc::private_intra_doc_links,
    reason = "an adapter that only the program can see is named and not linked"
)]
pub struct Alerts {
    #[cfg(feature = "pager")]
    #[doc(hidden)]
    oncall: logout::__private::Instance<
        <__Alerts_0 as logout::__private::AdapterEntry>::Adapter,
    >,
}
#[cfg(not(test))]
#[automatically_derived]
impl logout::__private::Debug for Alerts {
    fn fmt(
        &self,
        formatter: &mut logout::__private::Formatter<'_>,
    ) -> logout::__private::FormatResult {
        formatter.debug_struct("Alerts").finish_non_exhaustive()
    }
}
#[cfg(not(test))]
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
    #[cfg(feature = "pager")]
    __Alerts_0,
}
#[cfg(not(test))]
/// The instances of [`Alerts`], for the calls of its handle that name one.
#[allow(dead_code, reason = "a block without adapters has no instances")]
#[derive(
    logout::__private::Clone,
    logout::__private::Copy,
    logout::__private::PartialEq,
    logout::__private::Eq,
    logout::__private::Hash,
)]
pub struct AlertsAdapter(__AlertsIndex);
#[cfg(not(test))]
#[allow(
    non_upper_case_globals,
    rustdoc::private_intra_doc_links,
    reason = "each is read as a name; an adapter that only the program can see is not linked"
)]
impl AlertsAdapter {
    #[cfg(feature = "pager")]
    /// Wakes somebody.
    ///
    /// [`Pager`](type@crate::pager::Pager), from level `WARN` up, configured by `LOGOUT_ONCALL__…`.
    pub const Oncall: Self = Self(__AlertsIndex::__Alerts_0);
}
#[cfg(not(test))]
#[automatically_derived]
impl logout::__private::Debug for AlertsAdapter {
    fn fmt(
        &self,
        formatter: &mut logout::__private::Formatter<'_>,
    ) -> logout::__private::FormatResult {
        match self.0 {
            #[cfg(feature = "pager")]
            __AlertsIndex::__Alerts_0 => formatter.write_str("Oncall"),
        }
    }
}
#[cfg(not(test))]
impl Alerts {
    /// Reads `logout.toml` and the environment.
    ///
    /// Nothing runs yet: call `start` on the builder it returns.
    ///
    /// # Errors
    ///
    /// One error that lists every setting that is missing or wrong, with the variable to set.
    /// It quotes no value.
    pub fn from_env() -> logout::__private::Result<
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
    pub fn from_figment(
        provider: impl logout::__private::Provider,
    ) -> logout::__private::Result<logout::Builder<Self>, logout::Error> {
        logout::Builder::from_figment(provider)
    }
    logout::__private::if_preview! {
        #[doc =
        r" Returns what the chats would get, as text, for tests. Reads no configuration."]
        #[doc = r""] #[doc = r" # Errors"] #[doc = r""] #[doc =
        r" One error that lists what is wrong with the options of the block."] pub fn
        preview() -> logout::__private::Result < logout::preview::Previewer < Self >,
        logout::Error > { logout::__private::preview() }
    }
    /// Lists every key that files and variables can set, for the `--help` of a program or a
    /// check at deployment.
    #[must_use]
    pub fn keys() -> logout::__private::Vec<logout::config::Key> {
        logout::__private::keys::<Self>()
    }
    /// Writes every key as a commented file of variables (`.env`) to fill in. Required keys are
    /// uncommented; all others are behind `#`, with the value from the block.
    #[must_use]
    pub fn env_template() -> logout::__private::String {
        logout::__private::env_template::<Self>()
    }
    /// Writes every key as a commented `logout.toml` to fill in. Secrets are named with their
    /// variables, because files are often checked in.
    #[must_use]
    pub fn toml_template() -> logout::__private::String {
        logout::__private::toml_template::<Self>()
    }
}
#[cfg(not(test))]
#[automatically_derived]
#[doc(hidden)]
impl logout::__private::BlockDefinition for Alerts {
    const BLOCK: logout::__private::Block = logout::__private::Block::new(
            "Alerts",
            logout::__private::env!("CARGO_PKG_NAME"),
            const {
                &[
                    #[cfg(feature = "pager")]
                    logout::__private::Declaration::new("oncall", false),
                ]
            },
        )
        .release(logout::__private::env!("CARGO_PKG_VERSION"));
    const OPTION_DOCS: &'static [logout::__private::OptionDocs] = {
        #[allow(unused_imports, reason = "wanted by adapters whose fields say nothing")]
        use logout::__private::NoOptionDocs as _;
        &[
            #[cfg(feature = "pager")]
            <<__Alerts_0 as logout::__private::AdapterEntry>::Adapter>::__LOGOUT_OPTION_DOCS,
        ]
    };
    type Instance = AlertsAdapter;
    fn index(instance: Self::Instance) -> logout::__private::primitive::usize {
        match instance.0 {
            #[cfg(feature = "pager")]
            __AlertsIndex::__Alerts_0 => {
                __AlertsIndex::__Alerts_0 as logout::__private::primitive::usize
            }
        }
    }
}
#[cfg(not(test))]
#[automatically_derived]
#[doc(hidden)]
impl logout::__private::Dispatcher for Alerts {
    fn read(config: &mut logout::__private::Config) -> Self {
        #[cfg(feature = "pager")]
        let oncall = {
            let mut section = config
                .section(
                    AlertsAdapter::Oncall.0 as logout::__private::primitive::usize,
                    OPTIONS,
                );
            let mut adapter = logout::__private::adapter::<__Alerts_0>(&mut section);
            let field = &mut adapter.r#type;
            section.option("type", field, "loud");
            let _ = &adapter;
            const OPTIONS: logout::__private::Options = &[("type", "loud")];
            logout::__private::instance::<__Alerts_0>(section, adapter)
        };
        Self {
            #[cfg(feature = "pager")]
            oncall,
        }
    }
    async fn run<T: logout::transport::Transport, C: logout::__private::Clock>(
        &self,
        worker: &logout::__private::Worker<T, C>,
    ) {
        #[cfg(feature = "pager")]
        let mut oncall = logout::__private::Some(
            logout::__private::lane::<
                __Alerts_0,
                T,
                C,
            >(
                worker,
                AlertsAdapter::Oncall.0 as logout::__private::primitive::usize,
                &self.oncall,
            ),
        );
        logout::__private::poll_fn(|cx| {
                let open = false;
                #[cfg(feature = "pager")]
                let open = logout::__private::poll_lane(&mut oncall, cx) || open;
                if open {
                    logout::__private::Poll::Pending
                } else {
                    logout::__private::Poll::Ready(())
                }
            })
            .await;
    }
    fn succeed(&self, next: &Self) {
        #[cfg(feature = "pager")]
        logout::__private::succeed::<__Alerts_0>(&self.oncall, &next.oncall);
    }
}
