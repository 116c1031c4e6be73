//! The library under another name, which the generated code finds.
#![deny(warnings, missing_docs, unused_extern_crates)]

extern crate logout as alarms;

alarms::logout! {
    /// The shop's alerts.
    pub struct Alerts {
        adapters: [alarms::Zulip { level: ERROR }],
    }
}

pub(crate) fn use_it() {
    let _ = Alerts::from_env;
}
