//! A server of Redis on loopback, which ends with the test.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::support::TIMEOUT;

pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    folder: PathBuf,
    settings: Vec<String>,
}

impl Server {
    /// Starts a server; prints that there is none on this machine, and fails where nothing may be
    /// skipped.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with settings of its own.
    pub(crate) fn start_with(settings: &[&str]) -> Option<Self> {
        // Below those that the system gives to clients: one that asks for the port before the server
        // has it might be connected to itself. In a cluster it has the port 10,000 above as well.
        let is_free = |port: &u16| {
            let mut both = [*port, *port + 10_000].into_iter();
            both.all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        };
        let mut ports = std::iter::repeat_with(|| fastrand::u16(10_000..20_000));
        let port = ports.find(is_free).unwrap();
        let folder = std::env::temp_dir().join(format!("logout-fleet-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let settings: Vec<_> = settings.iter().map(|text| (*text).to_owned()).collect();
        let Some(child) = Self::spawn(port, &folder, &settings) else {
            assert!(
                std::env::var_os("LOGOUT_NO_SKIP").is_none(),
                "there is no redis-server: apt install redis-server"
            );
            eprintln!("skipped: there is no redis-server; apt install redis-server");
            return None;
        };
        Some(Self {
            child,
            port,
            folder,
            settings,
        })
    }

    fn spawn(port: u16, folder: &PathBuf, settings: &[String]) -> Option<Child> {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", ""]);
        command.args(["--appendonly", "yes", "--port", &port.to_string()]);
        // A disk that is busy holds no answer up, and what is written outlives a kill all the same.
        command.args(["--appendfsync", "no"]);
        command.arg("--dir").arg(folder).args(settings);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().ok()?;
        let deadline = Instant::now() + TIMEOUT;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "redis-server does not start");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Some(child)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn stop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }

    pub(crate) fn start_again(&mut self) {
        self.child = Self::spawn(self.port, &self.folder, &self.settings).unwrap();
    }

    /// Returns the answers to commands, a line each, over a connection of their own.
    pub(crate) fn command(&self, commands: &[&str]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        for command in commands.iter().chain(&["QUIT"]) {
            stream
                .write_all(format!("{command}\r\n").as_bytes())
                .unwrap();
        }
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        answers
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _removed = fs::remove_dir_all(&self.folder);
    }
}
