//! Idle connections, at most one for each endpoint.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::connection::Connection;
use crate::transport::Url;

/// How long a connection is kept for the next request.
///
/// Long enough for a storm of messages to pay for one handshake; shorter than what servers
/// (nginx closes after 75 s) and address translators (some forget a flow after a minute, and then
/// swallow what is sent on it) do to idle connections.
const LONGEST_IDLE: Duration = Duration::from_secs(30);

/// Scheme, host and port. The proxy follows from them, so it is no part of the key.
#[derive(PartialEq, Eq)]
struct Endpoint {
    secure: bool,
    host: String,
    port: u16,
}

impl Endpoint {
    fn is_of(&self, url: &Url) -> bool {
        self.secure == url.is_secure() && self.port == url.port() && self.host == url.host()
    }
}

struct Idle {
    endpoint: Endpoint,
    connection: Connection,
    /// By the wall clock, since the monotonic one stands still while the machine sleeps; a
    /// clock that was set costs a handshake.
    since: SystemTime,
}

impl Idle {
    fn is_fresh(&self) -> bool {
        is_fresh(self.since, SystemTime::now())
    }
}

fn is_fresh(since: SystemTime, now: SystemTime) -> bool {
    now.duration_since(since)
        .is_ok_and(|elapsed| elapsed < LONGEST_IDLE)
}

/// Keeps connections for the next request.
#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<Idle>>,
}

impl Pool {
    /// A connection to the endpoint of `url` that is still open.
    pub(super) async fn take(&self, url: &Url) -> Option<Connection> {
        let mut connection = {
            let mut idle = self.lock();
            idle.retain(Idle::is_fresh);
            let place = idle.iter().position(|idle| idle.endpoint.is_of(url))?;
            idle.swap_remove(place).connection
        };
        connection.is_reusable().await.then_some(connection)
    }

    /// Keeps a connection, in place of another to the same endpoint.
    pub(super) fn put(&self, url: &Url, connection: Connection) {
        let mut idle = self.lock();
        idle.retain(|idle| idle.is_fresh() && !idle.endpoint.is_of(url));
        idle.push(Idle {
            endpoint: Endpoint {
                secure: url.is_secure(),
                host: url.host().to_owned(),
                port: url.port(),
            },
            connection,
            since: SystemTime::now(),
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{LONGEST_IDLE, is_fresh};

    #[test]
    fn a_connection_ages_and_a_clock_set_back_ends_it() {
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        assert!(is_fresh(since, since));
        assert!(is_fresh(
            since,
            since + LONGEST_IDLE - Duration::from_secs(1)
        ));
        assert!(!is_fresh(since, since + LONGEST_IDLE));
        assert!(!is_fresh(since, since - Duration::from_secs(1)));
    }
}
