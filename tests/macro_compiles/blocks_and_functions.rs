//! Blocks in functions, several in a module, behind conditions, in macros, with nothing in them.
#![deny(warnings)]
#![expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "it is what is written before a block without adapters"
)]

use logout::{Discord, Slack, logout};
use tracing::level_filters::LevelFilter;

logout! { #[allow(deprecated)] struct Nothing {} }
logout! { #[expect(deprecated, reason = "nobody is to be told")] struct Nobody { adapters: [] } }
logout! { struct First { adapters: [Slack] } }
logout! { pub(crate) struct Second { adapters: [Slack, ops: Slack,], } }

logout! {
    #[cfg(any())]
    #[must_use]
    struct Absent { adapters: [Nowhere] }
}

mod inner {
    logout::logout! {
        pub(in crate::blocks_and_functions::inner) struct Alerts { adapters: [super::Discord] }
    }

    pub(crate) fn start() {
        let _ = Alerts::from_env;
        {
            // One of the same name in an inner scope.
            logout::logout! { #[allow(deprecated)] struct Alerts { adapters: [] } }
            let _ = Alerts::from_env;
        }
    }
}

logout! {
    struct OneOrTheOther {
        adapters: [
            #[cfg(all())]
            ops: Slack,
            #[cfg(not(all()))]
            ops: Nowhere { topik: "x" },
            #[cfg(any())]
            Slack,
        ],
    }
}

logout! {
    struct AllAbsent {
        adapters: [
            #[cfg(any())]
            ops: Nowhere { level: ERROR, topik: "x" },
        ],
    }
}

const fn noisy() -> &'static str {
    "shop::noisy"
}

const fn level(thorough: bool) -> LevelFilter {
    if thorough {
        LevelFilter::INFO
    } else {
        LevelFilter::ERROR
    }
}

// What a function returns lives as long as the program all the same.
logout! {
    struct Called {
        ignore: [target: noisy(), user: if cfg!(test) { "bob" } else { "" }],
        mute: [{ "3fa9c1" }],
        adapters: [Slack { level: level(true), metadata_filter: [target: noisy()] }],
    }
}

macro_rules! alarms {
    ($name:ident, $text:expr, $adapter:path, $instance:ident: $other:ty) => {
        logout! { struct $name { project_name: $text, adapters: [$adapter, $instance: $other { level: ERROR }] } }
    };
}
alarms!(Made, "made", Slack, ops: Discord);

pub(crate) fn use_them() {
    logout! {
        struct Local { level: ERROR, adapters: [Discord, Slack] }
    }
    let _ = Local::from_env;
    let _ = (
        Nothing::from_env,
        Nobody::from_env,
        First::from_env,
        Second::from_env,
    );
    let _ = (OneOrTheOther::from_env, AllAbsent::from_env, Made::from_env);
    let _ = Called::from_env;
    inner::start();
}
