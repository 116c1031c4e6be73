//! The expansions of six blocks, in `snapshots`. To record them anew: `UPDATE_EXPECT=1 cargo test`.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

/// Compares an expansion, formatted, with its snapshot.
fn check(block: &TokenStream, expected: &ExpectFile) {
    let items = crate::compile(quote!((logout) #block), |_, items| items.clone());
    let file = syn::parse2(items).expect("the expansion is a list of items");
    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn an_empty_block_becomes_a_dispatcher_without_lanes() {
    check(
        &quote!(
            struct Alerts {}
        ),
        &expect_file!["./snapshots/nothing.rs"],
    );
}

#[test]
fn four_adapters_become_four_fields() {
    let block = quote! {
        /// The shop's alerts.
        pub struct Alerts {
            project_name: "My App Production",
            level: WARN,
            adapters: [
                Slack,
                Discord,
                Telegram { level: ERROR, message_thread_id: 123 },
                Zulip { stream: "alerts", topic: "my-app-production" },
            ],
            metadata_filter: [target: "my_app"],
        }
    };
    check(&block, &expect_file!["./snapshots/four.rs"]);
}

#[test]
fn two_of_one_type_differ_by_name() {
    let block = quote! {
        pub(crate) struct Alerts {
            adapters: [Slack, ops: Slack { level: ERROR, metadata: [order, http.status] }],
        }
    };
    check(&block, &expect_file!["./snapshots/two_of_one_type.rs"]);
}

#[test]
fn conditions_follow_everything_of_an_instance() {
    let block = quote! {
        #[cfg(not(test))]
        pub struct Alerts {
            adapters: [
                /// Wakes somebody.
                #[cfg(feature = "pager")]
                oncall: crate::pager::Pager<u8> { r#type: "loud" },
            ],
        }
    };
    check(&block, &expect_file!["./snapshots/conditions.rs"]);
}

#[test]
fn every_setting_is_one_call() {
    let block = quote! {
        struct Alerts {
            project_name: NAME,
            environment: "production",
            release: env!("CARGO_PKG_VERSION"),
            level: WARN,
            max_level: self::GRAVEST,
            spans: LevelFilter::DEBUG,
            metadata_filter: [target: "my_app", http.status: "500"],
            ignore: [fingerprint: "3fa9c1"],
            mute: ["3fa9c1"],
            fleet: crate::Nats<u8> { name: "shop", bucket: "alerts" },
            metadata: all,
            mask: [default, card.number],
            links: [
                trace: "https://grafana.example.org/explore?trace={trace_id}",
                "the source": "https://git.example.org/shop/blob/{commit}/{file}#L{line}",
            ],
            scrub: [default, crate::plates],
            format: "$time [$level] $message",
            trail: { events: MANY, level: DEBUG, bytes: "4 KiB", span: "request" },
            truncate: infinity,
            memory_limit: "16 MiB",
            sync_threshold: 20,
            discard_threshold: MANY,
            discard_threshold_periodic_check: "1m 30s",
            sync_timeout: Duration::ZERO,
            max_age: MAX_AGE,
            remind: ["1m", LONG],
            remind_from: ERROR,
            quiet: "10m",
            quiet_notice: true,
            mention_when: Always,
            mention_every: RARELY,
            adapters: [
                warnings: Pager {
                    max_level: WARN,
                    remind: off,
                    remind_from: INFO,
                    quiet: "1m",
                    quiet_notice: false,
                    mention_when: MentionWhen::New,
                    mention_every: "0s",
                },
            ],
            shutdown_timeout: Duration::from_secs(3),
            panic_timeout: Duration::from_secs(1),
            utc_log: true,
            env_prefix: "SHOP_",
        }
    };
    check(&block, &expect_file!["./snapshots/every_setting.rs"]);
}

#[test]
fn a_half_typed_block_keeps_its_items() {
    let block = quote! {
        pub struct Alerts {
            levle: WARN,
            adapters: [ops: pager::, Slack { topic: channel. }, dev: Slack { chan }],
            max_age:
        }
    };
    check(&block, &expect_file!["./snapshots/half_typed.rs"]);
}

#[test]
fn a_second_block_of_the_name_is_one_mistake() {
    let block = quote! {
        #[cfg(unix)]
        struct Alerts {}
    };
    let items = crate::compile(quote!((logout) #block), |model, _| {
        super::duplicate_guard::wrap(
            model,
            &quote!(
                struct Alerts {}
            ),
            proc_macro2::Span::call_site(),
        )
    });
    let file = syn::parse2(items).expect("the expansion is a list of items");
    expect_file!["./snapshots/guard.rs"].assert_eq(&prettyplease::unparse(&file));
}
