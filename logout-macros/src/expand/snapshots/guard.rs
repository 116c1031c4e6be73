#[cfg(unix)]
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, reason = "rustc reads it, and nobody else")]
struct __Alerts_at_;
#[cfg(unix)]
#[doc(hidden)]
mod __Alerts {
    macro_rules! block {
        ("" { $($items:tt)* } $twice:tt) => {
            $($items)*
        };
        ($place:tt $items:tt { $($twice:tt)* }) => {
            $($twice)*
        };
    }
    pub(super) use block;
}
#[cfg(unix)]
__Alerts::block! {
    "" { struct Alerts {} } { ::core::compile_error! {
    "this module already has a block named `Alerts`\nhelp: rename one of the two" } }
}
