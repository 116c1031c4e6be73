//! A headless Chromium.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::session::Session;

/// How long a visit may take; one takes two seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Names under which systems install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Where Chromium is; without it the caller is skipped aloud, or fails where nothing may be
/// skipped (`LOGOUT_NO_SKIP`).
pub(crate) fn find() -> Option<Browser> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .filter(|program| program.is_file());
    let found = places.next();
    if found.is_none() {
        assert!(
            std::env::var_os("LOGOUT_NO_SKIP").is_none(),
            "no chromium is installed and nothing may be skipped"
        );
        // Past the capture of the test runner: whoever runs the tests is to see it.
        let _unseen = writeln!(
            std::io::stderr(),
            "skipped: no chromium is installed, the page cannot be looked at"
        );
    }
    found.map(|program| Browser { program })
}

pub(crate) struct Browser {
    program: PathBuf,
}

/// Chromium at work on a page, with a profile of its own.
pub(crate) struct Visit {
    child: Child,
    profile: PathBuf,
}

impl Browser {
    /// The page's document as it stands when nothing more is loading.
    pub(crate) fn document(&self, url: &str, width: u32) -> String {
        self.visit(url, (width, 900), ["--dump-dom"]).document()
    }

    /// Writes what the page looks like as a PNG.
    pub(crate) fn picture(&self, url: &str, size: (u32, u32), to: &Path) {
        let mut shot = OsString::from("--screenshot=");
        shot.push(to);
        let _document = self.visit(url, size, [shot]).document();
    }

    /// Opens the page, to be waited for.
    pub(crate) fn open(&self, url: &str) -> Visit {
        self.visit(url, (1200, 900), ["--dump-dom"])
    }

    /// Opens the page for a visitor who acts.
    pub(crate) fn session(&self, url: &str) -> Session {
        let profile = new_profile();
        // The browser takes commands at descriptor 3 and answers at 4.
        let child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 >/dev/null 2>&1", "sh"])
            .arg(&self.program)
            .args(arguments(&profile))
            .args(["--remote-debugging-pipe", "--window-size=1400,900"])
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Session::open(child, profile, url)
    }

    fn visit<S: AsRef<OsStr>>(
        &self,
        url: &str,
        (width, height): (u32, u32),
        extra: impl IntoIterator<Item = S>,
    ) -> Visit {
        let profile = new_profile();
        let child = Command::new(&self.program)
            .args(arguments(&profile))
            // Time stands still while something is loading, so that nothing is left out, and
            // passes at once otherwise.
            .arg("--virtual-time-budget=3000")
            .arg(format!("--window-size={width},{height}"))
            .args(extra)
            .arg(url)
            .env("TZ", "UTC")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Visit { child, profile }
    }
}

fn arguments(profile: &Path) -> Vec<OsString> {
    let mut folder = OsString::from("--user-data-dir=");
    folder.push(profile);
    let fixed = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
    ];
    let fixed = fixed.into_iter().map(OsString::from);
    fixed.chain([folder]).collect()
}

impl Visit {
    pub(crate) fn document(mut self) -> String {
        let mut output = self.child.stdout.take().unwrap();
        let (sender, document) = mpsc::channel();
        let reading = thread::spawn(move || {
            let mut document = Vec::new();
            output.read_to_end(&mut document).unwrap();
            sender.send(document).unwrap();
        });
        let document = document.recv_timeout(PATIENCE);
        if document.is_err() {
            self.child.kill().unwrap();
        }
        let status = self.child.wait().unwrap();
        // What a profile leaves behind harms no one.
        drop(fs::remove_dir_all(&self.profile));
        let document = document.expect("chromium comes to an end");
        reading.join().unwrap();
        assert!(status.success(), "chromium ended with {status}");
        String::from_utf8_lossy(&document).into_owned()
    }
}

/// A folder that no browser has used.
fn new_profile() -> PathBuf {
    static VISITS: AtomicUsize = AtomicUsize::new(0);
    let number = VISITS.fetch_add(1, Ordering::Relaxed);
    let name = format!("logout-page-{}-{number}", std::process::id());
    let profile = std::env::temp_dir().join(name);
    drop(fs::remove_dir_all(&profile));
    fs::create_dir(&profile).unwrap();
    profile
}
