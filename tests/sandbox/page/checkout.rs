//! What a shop logs.

use std::error::Error;
use std::fmt;
use std::thread;
use std::time::Duration;

#[derive(Debug)]
struct Declined(std::io::Error);

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("gateway answered 402")
    }
}

impl Error for Declined {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// An error with its cause, in two spans.
pub(crate) fn payment_fails() {
    let _request = tracing::info_span!("request", id = 7).entered();
    let _charge = tracing::info_span!("charge", order = 42).entered();
    let error = Declined(std::io::ErrorKind::ConnectionReset.into());
    tracing::error!(
        error = &error as &dyn Error,
        customer = "c_1837",
        elapsed_ms = 12.5,
        "payment failed: card declined"
    );
}

pub(crate) fn cache_is_cold() {
    tracing::warn!(
        cache = "prices",
        miss_rate = 0.43,
        "cache miss rate above 40 %"
    );
}

/// Four hundred events of three kinds, over the time that a digest has to speak of.
pub(crate) fn storm() {
    for number in 0..400 {
        match number % 40 {
            0 => tracing::warn!(miss_rate = 0.43, "cache miss rate above 40 %"),
            7 => tracing::error!(table = "stock", "inventory: deadlock detected"),
            _ => tracing::error!(order = number, "payment failed: card declined"),
        }
        thread::sleep(Duration::from_millis(4));
    }
}
