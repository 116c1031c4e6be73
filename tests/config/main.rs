//! Where settings come from, and what is said of those that are wrong.

mod bad_configuration;
mod environment;
mod instances;
mod macro_block;
mod macro_keys;
mod process;
#[path = "../support/mod.rs"]
mod support;
