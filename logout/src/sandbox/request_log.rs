//! A file of all requests, for a search after a test run.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Received;

/// Names the folder of the files.
const VARIABLE: &str = "LOGOUT_SANDBOX_RECORD";

/// The file of one sandbox.
#[derive(Debug)]
pub(super) struct RequestLog(File);

impl RequestLog {
    /// Returns a new file in the folder that the environment names.
    pub(super) fn of_environment() -> Option<Self> {
        static SANDBOXES: AtomicUsize = AtomicUsize::new(0);
        let folder = PathBuf::from(std::env::var_os(VARIABLE)?);
        let sandbox = SANDBOXES.fetch_add(1, Ordering::Relaxed);
        let name = format!("sandbox-{}-{sandbox}", std::process::id());
        File::create(folder.join(name)).ok().map(Self)
    }

    pub(super) fn keep(&mut self, received: &Received, body: &[u8]) {
        let mut text = format!("{} {}\n", received.method(), received.path());
        for (name, value) in received.headers() {
            text.push_str(&format!("{name}: {value}\n"));
        }
        // Whoever reads the record misses what could not be written; the tests do not.
        let _lost = self
            .0
            .write_all(text.as_bytes())
            .and_then(|()| self.0.write_all(body))
            .and_then(|()| self.0.write_all(b"\n\n"));
    }
}
