//! Idle connections, at most one for each endpoint.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, SystemTime};

use async_io::Timer;

use super::connection::HttpConnection;
use crate::transport::Url;

/// Scheme, host and port. The proxy follows from them, so it is no part of the key.
#[derive(PartialEq, Eq)]
struct PoolKey {
    secure: bool,
    host: String,
    port: u16,
}

impl PoolKey {
    fn is_of(&self, url: &Url) -> bool {
        self.secure == url.is_secure() && self.port == url.port() && self.host == url.host()
    }
}

struct IdleConnection {
    number: u64,
    endpoint: PoolKey,
    connection: HttpConnection,
    /// By the wall clock, since the monotonic one stops while the machine sleeps; a changed clock
    /// costs a handshake.
    since: SystemTime,
    limit: Duration,
    /// Wakes its [`IdleCloser`].
    _end: Timer,
}

impl IdleConnection {
    fn is_fresh(&self) -> bool {
        is_fresh(self.since, self.limit, SystemTime::now())
    }
}

fn is_fresh(since: SystemTime, limit: Duration, now: SystemTime) -> bool {
    now.duration_since(since)
        .is_ok_and(|elapsed| elapsed < limit)
}

/// A pool that keeps connections for the next request, and closes them when their time is up.
#[derive(Clone, Default)]
pub(super) struct Pool(Arc<SharedPool>);

#[derive(Default)]
struct SharedPool(Mutex<PoolState>);

#[derive(Default)]
struct PoolState {
    idle: Vec<IdleConnection>,
    next_number: u64,
}

impl Pool {
    /// Takes a connection to the endpoint of `url` that is still open.
    pub(super) async fn take(&self, url: &Url) -> Option<HttpConnection> {
        let mut idle = self
            .0
            .remove(|idle| idle.is_fresh() && idle.endpoint.is_of(url))?;
        let open =
            std::future::poll_fn(|context| Poll::Ready(idle.connection.is_reusable(context)));
        open.await.then_some(idle.connection)
    }

    /// Keeps a connection for this long, in place of another to the same endpoint.
    pub(super) fn put(&self, url: &Url, mut connection: HttpConnection, limit: Duration) {
        let number = self.0.number();
        let waker = Waker::from(Arc::new(IdleCloser {
            pool: Arc::downgrade(&self.0),
            number,
        }));
        let mut context = Context::from_waker(&waker);
        // From here on the reactor wakes the ender, and no longer the request's future.
        if !connection.is_reusable(&mut context) {
            return;
        }
        let mut end = Timer::after(limit);
        if Pin::new(&mut end).poll(&mut context).is_ready() {
            return;
        }
        let idle = IdleConnection {
            number,
            endpoint: PoolKey {
                secure: url.is_secure(),
                host: url.host().to_owned(),
                port: url.port(),
            },
            connection,
            since: SystemTime::now(),
            limit,
            _end: end,
        };
        let _replaced = self.0.remove(|idle| idle.endpoint.is_of(url));
        self.0.lock().idle.push(idle);
    }

    /// Closes all of them.
    pub(super) fn clear(&self) {
        while self.0.remove(|_| true).is_some() {}
    }
}

impl SharedPool {
    fn number(&self) -> u64 {
        let mut kept = self.lock();
        kept.next_number += 1;
        kept.next_number
    }

    /// Removes the first that `is_wanted` accepts. The caller must drop it, which closes it,
    /// outside the lock, since that may wake a task.
    fn remove(&self, is_wanted: impl Fn(&IdleConnection) -> bool) -> Option<IdleConnection> {
        let mut kept = self.lock();
        let place = kept.idle.iter().position(is_wanted)?;
        Some(kept.idle.swap_remove(place))
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A waker that closes one idle connection: when its time is up, and when its server has closed it
/// or sends unexpected bytes.
///
/// So this needs neither a task nor a thread: the reactor of async-io, in which the timer and the
/// socket are registered, calls it wherever it happens to be driven.
struct IdleCloser {
    pool: Weak<SharedPool>,
    number: u64,
}

impl Wake for IdleCloser {
    fn wake(self: Arc<Self>) {
        if let Some(pool) = self.pool.upgrade() {
            // `None` if the next request has already taken it.
            drop(pool.remove(|idle| idle.number == self.number));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::is_fresh;

    #[test]
    fn a_connection_ages_and_a_clock_set_back_ends_it() {
        let limit = Duration::from_secs(30);
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        assert!(is_fresh(since, limit, since));
        assert!(is_fresh(
            since,
            limit,
            since + limit - Duration::from_secs(1)
        ));
        assert!(!is_fresh(since, limit, since + limit));
        assert!(!is_fresh(since, limit, since - Duration::from_secs(1)));
    }
}
