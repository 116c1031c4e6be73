//! The sandbox against the platforms it stands in for: what it takes, what it refuses, how fast
//! it lets itself be written to, and what goes wrong with it on demand.
#[path = "sandbox_platforms/chats.rs"]
mod chats;
#[path = "sandbox_platforms/client.rs"]
mod client;
#[path = "sandbox_platforms/contracts.rs"]
mod contracts;
#[path = "sandbox_platforms/delivery.rs"]
mod delivery;
#[path = "sandbox_platforms/independence.rs"]
mod independence;
#[path = "sandbox_platforms/pace.rs"]
mod pace;
#[path = "sandbox_platforms/refusals.rs"]
mod refusals;
#[path = "sandbox_platforms/secrets.rs"]
mod secrets;
#[path = "sandbox_platforms/troubles.rs"]
mod troubles;
