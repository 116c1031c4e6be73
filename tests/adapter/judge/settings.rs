//! Adapters as they are configured.

use logout::Adapter;
use logout::adapter::AdapterOptions;

/// Returns an adapter with settings as they would come from the environment.
pub(crate) fn adapter<A: Adapter + AdapterOptions>(settings: serde_json::Value) -> A {
    let adapter: A = serde_json::from_value(settings).unwrap();
    assert_eq!(adapter.check(), Ok(()));
    adapter
}
