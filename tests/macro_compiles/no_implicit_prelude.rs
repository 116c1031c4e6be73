//! A crate without the prelude, with items of its own under the same names.
#![no_implicit_prelude]
#![deny(warnings)]

extern crate logout as alarms;

mod core {}
mod std {}
mod logout {}
#[expect(dead_code, reason = "only there to be in the way")]
struct Result;
#[expect(dead_code, reason = "only there to be in the way")]
struct Option;
#[expect(dead_code, reason = "only there to be in the way")]
struct Some;
#[expect(dead_code, reason = "only there to be in the way")]
struct Ok;
#[expect(
    non_camel_case_types,
    dead_code,
    reason = "only there to be in the way"
)]
struct usize;
#[expect(
    non_camel_case_types,
    dead_code,
    reason = "only there to be in the way"
)]
struct str;
#[expect(dead_code, reason = "only there to be in the way")]
trait Debug {}
#[expect(dead_code, reason = "only there to be in the way")]
trait Dispatch {}

alarms::logout! {
    struct Alerts {
        truncate: infinity,
        adapters: [alarms::Slack, ops: alarms::Slack { level: ERROR }],
    }
}

pub(crate) fn use_it() {
    let _ = Alerts::from_env;
    let _ = <Alerts as alarms::__private::BlockDefinition>::index(AlertsAdapter::Ops);
}
