//! A server of Redis for a test.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use super::super::connection::{ConnectionTarget, RedisConnection};
use super::{BrokerAddress, Redis};
use crate::fleet::BrokerFault;
use crate::transport::Url;

/// A way to reach a server, as a user and for a fleet.
pub(super) struct Reached {
    pub(super) redis: Redis,
    pub(super) fleet: String,
    /// Whether the user's rights end at the fleet.
    pub(super) is_limited: bool,
}

impl Reached {
    /// Connects to one node.
    pub(super) async fn connect<'a>(
        &'a self,
        node: Option<&Url>,
    ) -> Result<RedisConnection<impl Future<Output = ()> + use<'a>>, BrokerFault> {
        ConnectionTarget::new(&self.redis.url, self.fleet.clone())
            .connect(node)
            .await
    }
}

/// The number of the next port: a counter, since a port looks free to a second test of this process
/// until the server of the first has it.
static NEXT_PORT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(fastrand::u16(..10_000)));

/// A server of Redis on loopback, which ends with the test.
pub(super) struct Server {
    pub(super) child: Child,
    pub(super) port: u16,
    folder: PathBuf,
}

impl Server {
    /// Starts a server; returns `None` if none is installed.
    #[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
    pub(super) fn start(settings: &[&str]) -> Option<Self> {
        // Below those that the system gives to clients: one that asks for the port before the server
        // has it might be connected to itself.
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let next = || 20_000 + NEXT_PORT.fetch_add(1, Ordering::Relaxed) % 10_000;
        let mut ports = std::iter::repeat_with(next);
        let port = ports.find(is_free).unwrap();
        let folder = std::env::temp_dir().join(format!("logout-redis-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", ""]);
        command.arg("--port").arg(port.to_string());
        command.arg("--dir").arg(&folder).args(settings);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = command.spawn() else {
            let is_wanted = std::env::var_os("LOGOUT_NO_SKIP").is_some();
            assert!(
                !is_wanted,
                "there is no redis-server: apt install redis-server"
            );
            eprintln!("skipped: there is no redis-server; apt install redis-server");
            return None;
        };
        let server = Self {
            child,
            port,
            folder,
        };
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    pub(super) fn redis(&self, credentials: &str) -> Reached {
        self.redis_of(credentials, "shop")
    }

    /// Returns a client for a fleet of this name.
    pub(super) fn redis_of(&self, credentials: &str, fleet: &str) -> Reached {
        let address = format!("redis://{credentials}127.0.0.1:{}", self.port);
        let url = BrokerAddress::parse(&address).unwrap();
        Reached {
            redis: Redis { url },
            fleet: fleet.to_owned(),
            is_limited: false,
        }
    }

    /// Sends a command of the test's own.
    pub(super) fn tell(&self, arguments: &[&str]) {
        let redis = self.redis("");
        smol::block_on(async {
            let mut session = redis.connect(None).await.unwrap();
            let mut command = redis::cmd(arguments[0]);
            command.arg(&arguments[1..]);
            let _answer: redis::Value = session.ask(&command).await.unwrap();
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
        let _removed = fs::remove_dir_all(&self.folder);
    }
}
