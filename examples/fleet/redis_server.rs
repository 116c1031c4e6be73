//! A server of Redis that the example starts, and ends again.

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::shop::wait_until;

/// A server of Redis on a free port of loopback.
pub(crate) struct RedisServer {
    child: Child,
    pub(crate) url: String,
    folder: PathBuf,
}

impl RedisServer {
    /// Starts one, if there is one on this machine.
    pub(crate) fn start() -> Result<Option<Self>, Box<dyn Error>> {
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        // Another example may look for a port at the same time.
        let first = 23_000 + (std::process::id() % 900) as u16;
        let port = (first..24_000).find(is_free).ok_or("no port is free")?;
        let folder = std::env::temp_dir().join(format!("corner-shop-redis-{port}"));
        std::fs::create_dir_all(&folder)?;
        let started = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(["--port", &port.to_string(), "--dir"])
            .arg(&folder)
            .stdout(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            std::fs::remove_dir_all(folder)?;
            return Ok(None);
        };
        let url = format!("redis://127.0.0.1:{port}");
        let server = Self { child, url, folder };
        wait_until("redis-server to start", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })?;
        Ok(Some(server))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}
