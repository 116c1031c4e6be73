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
    "a second block of this module is called `Alerts`\nhelp: rename one of the two" } }
}
