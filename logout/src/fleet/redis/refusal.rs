//! What the broker answers in the place of doing what it was asked to, and what to do about it.

use redis::RedisError;

use crate::fleet::{BrokerFault, FaultKind};

/// The answers of a broker that does not do it, by their first words, with what to say: what is wrong,
/// and what to set.
const REFUSALS: &[(&str, &str)] = &[
    (
        "WRONGPASS",
        "it does not take the user or the password: correct them in `fleet.url`, or enable the user",
    ),
    (
        "NOAUTH",
        "it wants a password: add it to `fleet.url`, as in rediss://user:password@host",
    ),
    (
        "NOPERM",
        "the user in `fleet.url` may not do what a fleet needs: give it the rights that the chapter \"Many replicas\" lists",
    ),
    (
        "READONLY",
        "it is a replica, which takes nothing: set `fleet.url` to the primary",
    ),
    (
        "OOM",
        "its memory is full: raise `maxmemory` of the broker, or remove what fills it",
    ),
    (
        "MISCONF",
        "it cannot write to its disk and takes nothing: free its disk, or set `stop-writes-on-bgsave-error no`",
    ),
    (
        "LOADING",
        "it reads its data from disk; nothing is to be set",
    ),
    (
        "CLUSTERDOWN",
        "its cluster has lost a node: repair the cluster; nothing is to be set here",
    ),
    (
        "MOVED",
        "it is a node of a cluster that does not have the keys of this fleet: set `fleet.url` to the node that has them, or to a server that is no cluster",
    ),
    (
        "ASK",
        "its cluster moves the keys of this fleet; nothing is to be set",
    ),
    (
        "MASTERDOWN",
        "it is a replica whose primary is away: set `fleet.url` to the primary",
    ),
    (
        "NOREPLICAS",
        "too few of its replicas are there: see `min-replicas-to-write` of the broker",
    ),
    (
        "DENIED",
        "it takes only connections from its own machine (protected mode): give it a password",
    ),
    (
        "BUSY",
        "a script of somebody else keeps it busy; nothing is to be set",
    ),
    (
        "EXECABORT",
        "it did not run the script: its version is too old; Redis 6.2, Redis 7 and Valkey do",
    ),
];

/// What its address says and it does not have.
const NO_DATABASE: &str = "DB index is out of range";

/// Makes one line of what the client reports.
pub(super) fn of(error: &RedisError) -> BrokerFault {
    let detail = error.detail().unwrap_or_default();
    if detail.contains(NO_DATABASE) {
        let text =
            "it has no database of that number: correct the number at the end of `fleet.url`";
        return BrokerFault::new(FaultKind::Refused, text);
    }
    if error.is_io_error() || error.is_connection_dropped() || error.is_timeout() {
        return BrokerFault::new(FaultKind::Unanswered, "the connection was closed");
    }
    let said = format!("{} {detail}", error.code().unwrap_or_default());
    let begins = |code: &str| {
        let mut words = said.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word == code)
    };
    // A script passes on what a command in it was answered.
    let refusal = REFUSALS.iter().find(|(code, _)| begins(code));
    if let Some((code, text)) = refusal {
        return BrokerFault::new(FaultKind::Refused, format!("{text} ({code})"));
    }
    match error.kind() {
        redis::ErrorKind::AuthenticationFailed => {
            let (code, text) = ("WRONGPASS", refusal_of("WRONGPASS"));
            BrokerFault::new(FaultKind::Refused, format!("{text} ({code})"))
        }
        redis::ErrorKind::Server(_) | redis::ErrorKind::Extension => {
            let text = "it answers with an error that logout does not know; is it Redis 6.2 or later, or Valkey?";
            let is_code =
                |code: &&str| code.len() <= 32 && code.chars().all(|c| c.is_ascii_alphanumeric());
            let code = error.code().filter(is_code);
            let code = code.unwrap_or("no code");
            BrokerFault::new(FaultKind::Refused, format!("{text} ({code})"))
        }
        _ => BrokerFault::new(
            FaultKind::Unanswered,
            "it does not speak the protocol of Redis: is `fleet.url` that of a Redis or Valkey?",
        ),
    }
}

fn refusal_of(code: &str) -> &'static str {
    let known = REFUSALS.iter().find(|(known, _)| *known == code);
    known.map_or("", |(_, text)| text)
}
