//! Capture of events, spans, records and panics: what a message holds of them, and what is left out.

mod enabled;
mod error_reports;
mod errors;
mod levels;
mod links;
mod log_records;
mod other_layers;
mod panic_capture;
mod panic_hook;
mod scrub;
mod secrets;
mod secrets_at_cuts;
mod spans;
#[path = "../support/mod.rs"]
mod support;
mod trail;
