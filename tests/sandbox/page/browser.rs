//! A headless Chromium, which all tests of the page share, since it takes far longer to start than to load a
//! page.

use std::cell::{RefCell, RefMut};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::session::Session;

/// How long an answer may take; one takes milliseconds on an idle machine, and the first a second.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);

/// Names under which systems install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Finds Chromium; without it prints that the caller is skipped, or fails if skipping is forbidden
/// (`LOGOUT_NO_SKIP`).
pub(crate) fn find() -> Option<Browser> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .filter(|program| program.is_file());
    let Some(program) = places.next() else {
        assert!(
            std::env::var_os("LOGOUT_NO_SKIP").is_none(),
            "no chromium is installed and nothing may be skipped"
        );
        // Past the capture of the test runner: whoever runs the tests is to see it.
        let _unseen = writeln!(
            std::io::stderr(),
            "skipped: no chromium is installed, the page cannot be looked at"
        );
        return None;
    };
    Some(Browser {
        chromium: Chromium::shared(&program),
        shared_window: RefCell::default(),
    })
}

/// The browser of one test.
pub(crate) struct Browser {
    chromium: Arc<Chromium>,
    /// The window of those who only look: one for all of them, since it takes longer to open than they look.
    shared_window: RefCell<Option<Session>>,
}

impl Browser {
    /// Returns the page's document once it shows so many requests.
    pub(crate) fn document(&self, url: &str, width: u32, requests: usize) -> String {
        self.shared_session(url, (width, 900)).document(requests)
    }

    /// Writes a screenshot of the page to `to` as a PNG, once it shows so many requests.
    pub(crate) fn screenshot(&self, url: &str, size: (u32, u32), requests: usize, to: &Path) {
        let picture = self.shared_session(url, size).screenshot(requests);
        fs::write(to, picture).unwrap();
    }

    /// Opens the page in a window of its own, for a test that changes something.
    pub(crate) fn session(&self, url: &str) -> Session {
        self.open(url, (1400, 900))
    }

    /// Loads the page in the shared window, with empty storage.
    fn shared_session(&self, url: &str, size: (u32, u32)) -> RefMut<'_, Session> {
        let shared_window = self.shared_window.borrow_mut();
        let is_open = shared_window.is_some();
        let mut session = RefMut::map(shared_window, |shared_window| {
            shared_window.get_or_insert_with(|| self.open(url, size))
        });
        if is_open {
            session.navigate(url, size);
        }
        session
    }

    fn open(&self, url: &str, size: (u32, u32)) -> Session {
        Session::open(Arc::clone(&self.chromium), url, size)
    }
}

/// A running Chromium, with a profile of its own, for as long as somebody holds it.
pub(crate) struct Chromium {
    child: Child,
    profile: PathBuf,
    commands: Mutex<ChildStdin>,
    /// Whoever waits for an answer, by the number of the command.
    waiting: Arc<Mutex<HashMap<u64, Sender<Value>>>>,
    last: AtomicU64,
}

impl Chromium {
    fn shared(program: &Path) -> Arc<Self> {
        static RUNNING: Mutex<Weak<Chromium>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap();
        running.upgrade().unwrap_or_else(|| {
            let started = Arc::new(Self::start(program));
            *running = Arc::downgrade(&started);
            started
        })
    }

    fn start(program: &Path) -> Self {
        let profile = new_profile();
        // The browser takes commands at descriptor 3 and answers at 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 >/dev/null 2>&1", "sh"])
            .arg(program)
            .args(arguments(&profile))
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = Mutex::new(child.stdin.take().unwrap());
        let answers = BufReader::new(child.stdout.take().unwrap());
        let waiting = Arc::default();
        let handed_out = Arc::clone(&waiting);
        thread::spawn(move || hand_out(answers, &handed_out));
        Self {
            child,
            profile,
            commands,
            waiting,
            last: AtomicU64::new(0),
        }
    }

    /// Returns the answer to a command, in a session or to the whole browser; `None` if the browser is
    /// gone or does not answer.
    pub(crate) fn ask(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: &Value,
    ) -> Option<Value> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        let (sender, answer) = mpsc::channel();
        self.waiting.lock().unwrap().insert(id, sender);
        let command = format!("{command}\0");
        let mut commands = self.commands.lock().unwrap();
        commands.write_all(command.as_bytes()).ok()?;
        drop(commands);
        answer.recv_timeout(TIMEOUT).ok()
    }
}

/// Hands every answer to the thread that waits for it.
fn hand_out(mut answers: BufReader<ChildStdout>, waiting: &Mutex<HashMap<u64, Sender<Value>>>) {
    let mut answer = Vec::new();
    while answers.read_until(0, &mut answer).is_ok() && answer.pop().is_some() {
        // What has no number is news that nobody asked for.
        if let Ok(answer) = serde_json::from_slice::<Value>(&answer)
            && let Some(id) = answer["id"].as_u64()
            && let Some(waiting) = waiting.lock().unwrap().remove(&id)
        {
            // The one who asked may have given up.
            drop(waiting.send(answer));
        }
        answer.clear();
    }
    // Nobody waits for what will not come.
    waiting.lock().unwrap().clear();
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _status = self.child.wait();
        // What a profile leaves behind harms no one.
        drop(fs::remove_dir_all(&self.profile));
    }
}

fn arguments(profile: &Path) -> Vec<OsString> {
    let mut folder = OsString::from("--user-data-dir=");
    folder.push(profile);
    let fixed = [
        "--remote-debugging-pipe",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        // Each visitor has a window of its own, and looks at it.
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
    ];
    let fixed = fixed.into_iter().map(OsString::from);
    fixed.chain([folder]).collect()
}

/// Creates a folder that no browser has used.
fn new_profile() -> PathBuf {
    static PROFILES: AtomicU64 = AtomicU64::new(0);
    let number = PROFILES.fetch_add(1, Ordering::Relaxed);
    let name = format!("logout-page-{}-{number}", std::process::id());
    let profile = std::env::temp_dir().join(name);
    drop(fs::remove_dir_all(&profile));
    fs::create_dir(&profile).unwrap();
    profile
}
