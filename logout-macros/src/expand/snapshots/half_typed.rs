#[doc(hidden)]
enum __Alerts_0 {}
impl logout::__private::Entry for __Alerts_0 {
    type Adapter = pager::Missing;
}
#[doc(hidden)]
enum __Alerts_1 {}
impl logout::__private::Entry for __Alerts_1 {
    type Adapter = Slack;
}
#[doc(hidden)]
enum __Alerts_2 {}
impl logout::__private::Entry for __Alerts_2 {
    type Adapter = Slack;
}
#[allow(unused_imports, reason = "the program's own imports go before these")]
use logout::__private::adapters::*;
/// Where `Alerts` tells what goes wrong.
///
/// | Adapter | Type | Variables |
/// | --- | --- | --- |
/// | [`ops`](AlertsAdapter::Ops) | `Missing` | `LOGOUT_OPS__…` |
/// | [`slack`](AlertsAdapter::Slack) | `Slack` | `LOGOUT_SLACK__…` |
/// | [`dev`](AlertsAdapter::Dev) | `Slack` | `LOGOUT_DEV__…` |
pub struct Alerts {
    ops: logout::__private::Instance<<__Alerts_0 as logout::__private::Entry>::Adapter>,
    slack: logout::__private::Instance<
        <__Alerts_1 as logout::__private::Entry>::Adapter,
    >,
    dev: logout::__private::Instance<<__Alerts_2 as logout::__private::Entry>::Adapter>,
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
    /// `Missing`, configured by `LOGOUT_OPS__…`.
    Ops,
    /// [`Slack`](type@Slack), configured by `LOGOUT_SLACK__…`.
    Slack,
    /// [`Slack`](type@Slack), configured by `LOGOUT_DEV__…`.
    Dev,
}
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
#[automatically_derived]
impl logout::__private::Declared for Alerts {
    const BLOCK: logout::__private::Block = logout::__private::Block::new(
            "Alerts",
            logout::__private::env!("CARGO_PKG_NAME"),
            const {
                &[
                    logout::__private::Declaration::new("ops", false),
                    logout::__private::Declaration::new("slack", true),
                    logout::__private::Declaration::new("dev", false),
                ]
            },
        )
        .release(logout::__private::env!("CARGO_PKG_VERSION"));
    const OPTION_DOCS: &'static [logout::__private::OptionDocs] = {
        #[allow(unused_imports, reason = "wanted by adapters whose fields say nothing")]
        use logout::__private::NoOptionDocs as _;
        &[
            <<__Alerts_0 as logout::__private::Entry>::Adapter>::__LOGOUT_OPTION_DOCS,
            <<__Alerts_1 as logout::__private::Entry>::Adapter>::__LOGOUT_OPTION_DOCS,
            <<__Alerts_2 as logout::__private::Entry>::Adapter>::__LOGOUT_OPTION_DOCS,
        ]
    };
    type Instance = AlertsAdapter;
    fn index(instance: Self::Instance) -> logout::__private::primitive::usize {
        match instance {
            AlertsAdapter::Ops => {
                AlertsAdapter::Ops as logout::__private::primitive::usize
            }
            AlertsAdapter::Slack => {
                AlertsAdapter::Slack as logout::__private::primitive::usize
            }
            AlertsAdapter::Dev => {
                AlertsAdapter::Dev as logout::__private::primitive::usize
            }
        }
    }
}
#[automatically_derived]
impl logout::__private::Dispatcher for Alerts {
    fn read(config: &mut logout::__private::Config) -> Self {
        let ops = {
            let mut section = config
                .section(
                    AlertsAdapter::Ops as logout::__private::primitive::usize,
                    OPTIONS,
                );
            let adapter = logout::__private::adapter::<__Alerts_0>(&mut section);
            let _ = &adapter;
            const OPTIONS: logout::__private::Options = &[];
            logout::__private::instance::<__Alerts_0>(section, adapter)
        };
        let slack = {
            let mut section = config
                .section(
                    AlertsAdapter::Slack as logout::__private::primitive::usize,
                    OPTIONS,
                );
            let mut adapter = logout::__private::adapter::<__Alerts_1>(&mut section);
            let field = &mut adapter.topic;
            section.option("topic", field, channel);
            let _ = &adapter;
            const OPTIONS: logout::__private::Options = &[("topic", "")];
            logout::__private::instance::<__Alerts_1>(section, adapter)
        };
        let dev = {
            let mut section = config
                .section(
                    AlertsAdapter::Dev as logout::__private::primitive::usize,
                    OPTIONS,
                );
            let adapter = logout::__private::adapter::<__Alerts_2>(&mut section);
            let _ = &adapter.chan;
            let _ = &adapter;
            const OPTIONS: logout::__private::Options = &[];
            logout::__private::instance::<__Alerts_2>(section, adapter)
        };
        Self { ops, slack, dev }
    }
    async fn run<T: logout::transport::Transport, C: logout::__private::Clock>(
        &self,
        worker: &logout::__private::Worker<T, C>,
    ) {
        let mut ops = logout::__private::Some(
            logout::__private::lane::<
                __Alerts_0,
                T,
                C,
            >(
                worker,
                AlertsAdapter::Ops as logout::__private::primitive::usize,
                &self.ops,
            ),
        );
        let mut slack = logout::__private::Some(
            logout::__private::lane::<
                __Alerts_1,
                T,
                C,
            >(
                worker,
                AlertsAdapter::Slack as logout::__private::primitive::usize,
                &self.slack,
            ),
        );
        let mut dev = logout::__private::Some(
            logout::__private::lane::<
                __Alerts_2,
                T,
                C,
            >(
                worker,
                AlertsAdapter::Dev as logout::__private::primitive::usize,
                &self.dev,
            ),
        );
        logout::__private::poll_fn(|cx| {
                let open = false;
                let open = logout::__private::poll_lane(&mut ops, cx) || open;
                let open = logout::__private::poll_lane(&mut slack, cx) || open;
                let open = logout::__private::poll_lane(&mut dev, cx) || open;
                if open {
                    logout::__private::Poll::Pending
                } else {
                    logout::__private::Poll::Ready(())
                }
            })
            .await;
    }
    fn succeed(&self, next: &Self) {
        logout::__private::succeed::<__Alerts_0>(&self.ops, &next.ops);
        logout::__private::succeed::<__Alerts_1>(&self.slack, &next.slack);
        logout::__private::succeed::<__Alerts_2>(&self.dev, &next.dev);
    }
}
::core::compile_error! {
    "unknown setting `levle`\nhelp: write `level`"
}
::core::compile_error! {
    "expected a name after `pager::`\nhelp: write the adapter's type behind it"
}
::core::compile_error! {
    "this is not a whole expression\nhelp: complete it, or remove the entry up to its comma"
}
::core::compile_error! {
    "option `chan` needs a value\nhelp: write `chan: …`"
}
::core::compile_error! {
    "setting `max_age` needs a value\nhelp: write `max_age: \"1h\"`"
}
