//! The four platforms on loopback, in process.
