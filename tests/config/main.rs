//! Configuration: the sources of settings, and the errors for wrong ones.

mod bad_configuration;
mod environment;
mod instances;
mod macro_block;
mod macro_keys;
mod process;
#[path = "../support/mod.rs"]
mod support;
