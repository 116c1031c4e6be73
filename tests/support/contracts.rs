//! The platforms' own schemas and answers, where the machine has them.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;

/// Reads a file of the folder that `LOGOUT_CONTRACTS` names; without it the caller is skipped
/// aloud, or fails where nothing may be skipped (`LOGOUT_NO_SKIP`).
pub(crate) fn contract(path: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("LOGOUT_CONTRACTS") else {
        assert!(
            std::env::var_os("LOGOUT_NO_SKIP").is_none(),
            "LOGOUT_CONTRACTS is not set and nothing may be skipped"
        );
        // Past the capture of the test runner: whoever runs the tests is to see it.
        let _unseen = writeln!(
            std::io::stderr(),
            "skipped: LOGOUT_CONTRACTS is not set, {path} cannot be read"
        );
        return None;
    };
    let text = std::fs::read(PathBuf::from(folder).join(path)).unwrap();
    Some(serde_json::from_slice(&text).unwrap())
}
