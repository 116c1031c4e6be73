//! Blocks that must compile, each in surroundings that are hard on the generated code.
//!
//! The attributes of the modules are part of the tests, and clippy judges them with everything
//! else.

#![deny(rust_2024_compatibility)]

mod adapters_by_name;
mod blocks_and_functions;
#[cfg(feature = "fleet")]
mod fleets;
pub mod full;
mod no_implicit_prelude;
pub mod renamed_crate;

#[test]
fn blocks_in_every_place_are_dispatchers() {
    adapters_by_name::use_them();
    blocks_and_functions::use_them();
    #[cfg(feature = "fleet")]
    fleets::use_them();
    full::use_it();
    no_implicit_prelude::use_it();
    renamed_crate::use_it();
}
