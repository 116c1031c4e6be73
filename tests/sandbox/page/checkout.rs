//! Events of a shop.

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

/// Logs an error with its cause, in two spans.
pub(crate) fn payment_fails() {
    let _request = tracing::info_span!("request", id = 7).entered();
    tracing::info!(items = 3, "checking out");
    let _charge = tracing::info_span!("charge", order = 42).entered();
    tracing::info!(card = "visa", "charging");
    let error = Declined(std::io::ErrorKind::ConnectionReset.into());
    tracing::error!(
        error = &error as &dyn Error,
        customer = "c_1837",
        elapsed_ms = 12.5,
        "payment failed: card declined"
    );
}

/// Logs the same error again, which is a known problem by now.
pub(crate) fn payment_fails_again() {
    for _ in 0..17 {
        payment_fails();
    }
}

/// Logs an error with its report, as anyhow writes it.
pub(crate) fn stock_is_locked() {
    let report = anyhow::anyhow!("deadlock detected")
        .context("cannot lock row 4711 of stock")
        .context("inventory: cannot reserve");
    tracing::error!(error = ?report, table = "stock", "order not placed");
}

/// Logs a text of several lines.
pub(crate) fn import_fails() {
    tracing::error!(
        file = "prices-2026-11-28.csv",
        "import stopped after 3 of 14,003 lines\nline 4: expected a number, found \"12,50 €\"\n  lamp;12,50 €;4 in stock\nnothing of the file was taken over"
    );
}

pub(crate) fn cache_is_cold() {
    tracing::warn!(
        cache = "prices",
        miss_rate = 0.43,
        "cache miss rate above 40 %"
    );
}

/// Logs four hundred events of three kinds, over the time that a digest covers.
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
