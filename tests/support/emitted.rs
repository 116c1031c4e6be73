//! A record of what the library made visible in tests, kept for one search for secrets (`.ci/secrets`).

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

/// Names the folder; the sandbox writes there, too.
pub(crate) const FOLDER: &str = "LOGOUT_SANDBOX_RECORD";

/// Records a text, if the folder is set.
pub(crate) fn record(text: &[u8]) {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let name = format!("texts-{}", std::process::id());
    let file = PathBuf::from(folder).join(name);
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    file.write_all(&[text, b"\n"].concat()).unwrap();
}
