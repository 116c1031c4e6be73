//! Errors of rustc for a wrong `logout!` block.

use std::io::Write as _;
use std::process::Command;

/// The rustc the messages were recorded with: they are its words as well as ours.
///
/// To record them anew, run this test with `TRYBUILD=overwrite` and read the difference.
const RECORDED_WITH: &str = "1.95";

#[test]
fn wrong_blocks_say_what_to_write_instead() {
    let found = rustc_version().unwrap_or_else(|| "unknown".to_owned());
    if !found.starts_with(&format!("{RECORDED_WITH}.")) {
        let why = format!(
            "skipped: the messages were recorded with rustc {RECORDED_WITH}, this is {found}"
        );
        assert!(std::env::var_os("LOGOUT_NO_SKIP").is_none(), "{why}");
        // Past the capture of the test runner: whoever runs the tests is to see it.
        let _unseen = writeln!(std::io::stderr(), "{why}");
        return;
    }
    // Without a case that compiles trybuild checks them all at once instead of building them one
    // by one; those are in `tests/macro_compiles`.
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*.rs");
}

/// Returns the version of rustc, such as `1.95.0`.
fn rustc_version() -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}
