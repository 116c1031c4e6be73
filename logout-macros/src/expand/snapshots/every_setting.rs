#[doc(hidden)]
enum __Alerts_0 {}
impl logout::__private::AdapterEntry for __Alerts_0 {
    type Adapter = <fn() -> Pager as logout::__private::Returned>::Type;
}
#[doc(hidden)]
enum __AlertsFleet {}
impl logout::__private::FleetEntry for __AlertsFleet {
    logout::__private::if_fleet! {
        type Broker = < fn () -> crate ::Nats < u8 > as logout::__private::Returned >
        ::Type;
    }
}
#[allow(unused_imports, reason = "the program's own imports go before these")]
use logout::__private::adapters::*;
#[allow(unused_imports, reason = "the program's own imports go before these")]
use logout::__private::levels::*;
/// Sends the program's warnings, errors and panics to these destinations.
///
/// | instance | adapter | level | variables |
/// | --- | --- | --- | --- |
/// | [`warnings`](AlertsAdapter::Warnings) | [`Pager`](type@Pager) | `WARN` | `SHOP_WARNINGS__…` |
#[allow(
    rustdoc::private_intra_doc_links,
    reason = "an adapter that only the program can see is named and not linked"
)]
struct Alerts {
    #[doc(hidden)]
    warnings: logout::__private::Instance<
        <__Alerts_0 as logout::__private::AdapterEntry>::Adapter,
    >,
    #[doc(hidden)]
    __fleet: logout::__private::BrokerOf<__AlertsFleet>,
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
struct AlertsAdapter(__AlertsIndex);
#[allow(
    non_upper_case_globals,
    rustdoc::private_intra_doc_links,
    reason = "each is read as a name; an adapter that only the program can see is not linked"
)]
impl AlertsAdapter {
    /// [`Pager`](type@Pager), from level `WARN` up, configured by `SHOP_WARNINGS__…`.
    const Warnings: Self = Self(__AlertsIndex::__Alerts_0);
}
#[automatically_derived]
impl logout::__private::Debug for AlertsAdapter {
    fn fmt(
        &self,
        formatter: &mut logout::__private::Formatter<'_>,
    ) -> logout::__private::FormatResult {
        match self.0 {
            __AlertsIndex::__Alerts_0 => formatter.write_str("Warnings"),
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
            const {
                &[
                    logout::__private::Declaration::new("warnings", false)
                        .max_level(logout::__private::LevelFilter::WARN)
                        .remind(const { &[] })
                        .remind_from(logout::__private::LevelFilter::INFO)
                        .quiet(logout::__private::Duration::new(60u64, 0u32))
                        .quiet_notice(false)
                        .mention_when(MentionWhen::New)
                        .mention_every(logout::__private::Duration::new(0u64, 0u32)),
                ]
            },
        )
        .project_name(NAME)
        .environment("production")
        .release(
            env!(
                "CARGO_PKG_VERSION",
                "`CARGO_PKG_VERSION` is not set while the program is compiled\nhelp: set it for the build, or remove `release` and set the variable `SHOP_RELEASE`, which is read when the program starts"
            ),
        )
        .level(logout::__private::LevelFilter::WARN)
        .max_level(self::GRAVEST)
        .spans(LevelFilter::DEBUG)
        .metadata_filter(const {
            &[
                logout::__private::Rule {
                    key: "target",
                    value: "my_app",
                },
                logout::__private::Rule {
                    key: "http.status",
                    value: "500",
                },
            ]
        })
        .ignore(const {
            &[
                logout::__private::Rule {
                    key: "fingerprint",
                    value: "3fa9c1",
                },
            ]
        })
        .mute(const { &["3fa9c1"] })
        .fleet(logout::__private::Fleet::defaults().name("shop"))
        .metadata(logout::__private::Metadata::All)
        .mask(&["default", "card.number"])
        .links(
            logout::__private::links(const {
                &[
                    logout::__private::Link {
                        name: "trace",
                        pieces: const {
                            &[
                                logout::__private::LinkPiece::Text(
                                    "https://grafana.example.org/explore?trace=",
                                ),
                                logout::__private::LinkPiece::Field("trace_id"),
                            ]
                        },
                    },
                    logout::__private::Link {
                        name: "the source",
                        pieces: const {
                            &[
                                logout::__private::LinkPiece::Text(
                                    "https://git.example.org/shop/blob/",
                                ),
                                logout::__private::commit(
                                    &[
                                        logout::__private::option_env!("GIT_COMMIT"),
                                        logout::__private::option_env!("GITHUB_SHA"),
                                        logout::__private::option_env!("VERGEN_GIT_SHA"),
                                        logout::__private::option_env!("SOURCE_COMMIT"),
                                    ],
                                ),
                                logout::__private::LinkPiece::Text("/"),
                                logout::__private::LinkPiece::File,
                                logout::__private::LinkPiece::Text("#L"),
                                logout::__private::LinkPiece::Line,
                            ]
                        },
                    },
                ]
            }),
        )
        .scrub(const {
            &[
                logout::__private::Scrub::Default,
                logout::__private::Scrub::Function(crate::plates),
            ]
        })
        .format(
            logout::__private::Format::Template(
                &[
                    logout::__private::Segment::Time,
                    logout::__private::Segment::Text(" ["),
                    logout::__private::Segment::Level,
                    logout::__private::Segment::Text("] "),
                    logout::__private::Segment::Message,
                ],
            ),
        )
        .trail(
            logout::__private::Trail::new(MANY)
                .level(logout::__private::LevelFilter::DEBUG)
                .bytes(4096)
                .span("request"),
        )
        .truncate(logout::__private::primitive::usize::MAX)
        .memory_limit(16777216)
        .sync_threshold(20)
        .discard_threshold(MANY)
        .discard_threshold_periodic_check(logout::__private::Duration::new(90u64, 0u32))
        .sync_timeout(Duration::ZERO)
        .max_age(MAX_AGE)
        .remind(const { &[logout::__private::Duration::new(60u64, 0u32), LONG] })
        .remind_from(logout::__private::LevelFilter::ERROR)
        .quiet(logout::__private::Duration::new(600u64, 0u32))
        .quiet_notice(true)
        .mention_when(logout::__private::MentionWhen::Always)
        .mention_every(RARELY)
        .shutdown_timeout(Duration::from_secs(3))
        .panic_timeout(Duration::from_secs(1))
        .utc_log(true)
        .env_prefix("SHOP_");
    const OPTION_DOCS: &'static [logout::__private::OptionDocs] = {
        #[allow(unused_imports, reason = "wanted by adapters whose fields say nothing")]
        use logout::__private::NoOptionDocs as _;
        &[
            <<__Alerts_0 as logout::__private::AdapterEntry>::Adapter>::__LOGOUT_OPTION_DOCS,
        ]
    };
    type Instance = AlertsAdapter;
    fn index(instance: Self::Instance) -> logout::__private::primitive::usize {
        match instance.0 {
            __AlertsIndex::__Alerts_0 => {
                __AlertsIndex::__Alerts_0 as logout::__private::primitive::usize
            }
        }
    }
}
#[automatically_derived]
#[doc(hidden)]
impl logout::__private::Dispatcher for Alerts {
    fn read(config: &mut logout::__private::Config) -> Self {
        let fleet = logout::__private::if_fleet!(
            { let mut section = config.fleet(OPTIONS, DOCS); let mut adapter =
            logout::__private::broker:: < __AlertsFleet > (& mut section); let field = &
            mut adapter.bucket; section.option("bucket", field, "alerts"); let _ = &
            adapter; const OPTIONS : logout::__private::Options = & [("bucket",
            "alerts")]; const DOCS : logout::__private::OptionDocs = {
            #[allow(unused_imports, reason =
            "wanted by brokers whose fields say nothing")] use
            logout::__private::NoOptionDocs as _; << __AlertsFleet as
            logout::__private::FleetEntry > ::Broker > ::__LOGOUT_OPTION_DOCS };
            logout::__private::finish:: < __AlertsFleet > (section, adapter) } else {
            logout::__private::without_broker:: < __AlertsFleet > () }
        );
        let warnings = {
            let mut section = config
                .section(
                    AlertsAdapter::Warnings.0 as logout::__private::primitive::usize,
                    OPTIONS,
                );
            let adapter = logout::__private::adapter::<__Alerts_0>(&mut section);
            let _ = &adapter;
            const OPTIONS: logout::__private::Options = &[];
            logout::__private::instance::<__Alerts_0>(section, adapter)
        };
        Self { warnings, __fleet: fleet }
    }
    async fn run<T: logout::transport::Transport, C: logout::__private::Clock>(
        &self,
        worker: &logout::__private::Worker<T, C>,
    ) {
        let mut warnings = logout::__private::Some(
            logout::__private::lane::<
                __Alerts_0,
                T,
                C,
            >(
                worker,
                AlertsAdapter::Warnings.0 as logout::__private::primitive::usize,
                &self.warnings,
            ),
        );
        logout::__private::poll_fn(|cx| {
                let open = false;
                let open = logout::__private::poll_lane(&mut warnings, cx) || open;
                if open {
                    logout::__private::Poll::Pending
                } else {
                    logout::__private::Poll::Ready(())
                }
            })
            .await;
    }
    fn succeed(&self, next: &Self) {
        logout::__private::succeed::<__Alerts_0>(&self.warnings, &next.warnings);
    }
    logout::__private::if_fleet! {
        async fn speak < T : logout::transport::Transport, C : logout::__private::Clock >
        (& self, worker : & logout::__private::Worker < T, C >,) {
        logout::__private::speak(& self.__fleet, worker). await } async fn
        verify_broker(& self, fleet : logout::__private::String) ->
        logout::__private::Verified { let block = const { & < Self as
        logout::__private::BlockDefinition > ::BLOCK };
        logout::__private::verify_broker(& self.__fleet, block, fleet). await }
    }
}
const _: () = {
    use logout::__private::BlockDefinition;
    use logout::__private::check_thresholds;
    check_thresholds(&<Alerts as BlockDefinition>::BLOCK)
};
const _: () = {
    use logout::__private::BlockDefinition;
    use logout::__private::check_max_age;
    check_max_age(&<Alerts as BlockDefinition>::BLOCK)
};
const _: () = {
    use logout::__private::BlockDefinition;
    use logout::__private::check_levels;
    check_levels(&<Alerts as BlockDefinition>::BLOCK)
};
const _: () = {
    use logout::__private::BlockDefinition;
    use logout::__private::check_remind;
    check_remind(&<Alerts as BlockDefinition>::BLOCK)
};
const _: () = {
    use logout::__private::BlockDefinition;
    use logout::__private::check_mention_every;
    check_mention_every(&<Alerts as BlockDefinition>::BLOCK)
};
const _: () = {
    use logout::__private::BlockDefinition;
    use logout::__private::check_fleet;
    check_fleet(&<Alerts as BlockDefinition>::BLOCK)
};
