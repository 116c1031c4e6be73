#[cfg(not(test))]
#[cfg(feature = "pager")]
#[doc(hidden)]
enum __Alerts_0 {}
#[cfg(not(test))]
#[cfg(feature = "pager")]
impl logout::__private::Entry for __Alerts_0 {
    type Adapter = crate::pager::Pager<u8>;
}
#[cfg(not(test))]
/// Where `Alerts` tells what goes wrong.
///
/// | Adapter | Type | Variables |
/// | --- | --- | --- |
#[cfg_attr(
    all(feature = "pager"),
    doc = " | [`oncall`](AlertsAdapter::Oncall) | `Pager` | `LOGOUT_ONCALL__…` |"
)]
pub struct Alerts {
    #[cfg(feature = "pager")]
    oncall: logout::__private::Instance<
        <__Alerts_0 as logout::__private::Entry>::Adapter,
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
pub enum AlertsAdapter {
    #[cfg(feature = "pager")]
    /// Wakes somebody.
    ///
    /// [`Pager`](type@crate::pager::Pager), configured by `LOGOUT_ONCALL__…`.
    Oncall,
}
#[cfg(not(test))]
impl Alerts {
    /// Reads `logout.toml` and the environment, as a program does at the start of `main`.
    ///
    /// Nothing runs yet: call `start` on what it returns.
    ///
    /// # Errors
    ///
    /// One that lists every setting that is missing or wrong, and the variable to set. No value
    /// of a setting is quoted.
    pub fn from_env() -> logout::__private::Result<
        logout::Builder<Self>,
        logout::Error,
    > {
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
    pub fn from_figment(
        provider: impl logout::__private::Provider,
    ) -> logout::__private::Result<logout::Builder<Self>, logout::Error> {
        logout::Builder::from_figment(provider)
    }
    logout::__private::if_preview! {
        #[doc =
        r" Makes text of what the chats would get, for tests; reads no configuration."]
        #[doc = r""] #[doc = r" # Errors"] #[doc = r""] #[doc =
        r" One that lists what is wrong with the block's own options."] pub fn preview()
        -> logout::__private::Result < logout::preview::Previewer < Self >, logout::Error
        > { logout::__private::preview() }
    }
    /// Lists every key that files and variables can set, for a program's `--help` or the check
    /// of a deployment.
    #[must_use]
    pub fn keys() -> logout::__private::Vec<logout::config::Key> {
        logout::__private::keys::<Self>()
    }
    /// Writes every key down as a commented file of variables (`.env`), to be filled in: what
    /// must be set stands open, everything else behind `#`, with what the block gives.
    #[must_use]
    pub fn env_template() -> logout::__private::String {
        logout::__private::env_template::<Self>()
    }
    /// Writes every key down as a commented `logout.toml`, to be filled in. Secrets are named
    /// with their variables, since files are often checked in.
    #[must_use]
    pub fn toml_template() -> logout::__private::String {
        logout::__private::toml_template::<Self>()
    }
}
#[cfg(not(test))]
#[automatically_derived]
impl logout::__private::Declared for Alerts {
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
            <<__Alerts_0 as logout::__private::Entry>::Adapter>::__LOGOUT_OPTION_DOCS,
        ]
    };
    type Instance = AlertsAdapter;
    fn index(instance: Self::Instance) -> logout::__private::primitive::usize {
        match instance {
            #[cfg(feature = "pager")]
            AlertsAdapter::Oncall => {
                AlertsAdapter::Oncall as logout::__private::primitive::usize
            }
        }
    }
}
#[cfg(not(test))]
#[automatically_derived]
impl logout::__private::Dispatcher for Alerts {
    fn read(config: &mut logout::__private::Config) -> Self {
        #[cfg(feature = "pager")]
        let oncall = {
            let mut section = config
                .section(
                    AlertsAdapter::Oncall as logout::__private::primitive::usize,
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
                AlertsAdapter::Oncall as logout::__private::primitive::usize,
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
