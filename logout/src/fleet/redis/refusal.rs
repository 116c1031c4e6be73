//! Error answers of the broker, with advice.

use redis::RedisError;

use crate::fleet::BrokerFault;

/// The error answers of a broker, by their first words, each with what is wrong and what to set.
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
        "the nodes of its cluster do not agree on who has the keys of this fleet, or one of them would be spoken to without TLS: set `fleet.url` to the node that has them, or to a server that is no cluster",
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

/// The error for a database that the server does not have.
const NO_DATABASE: &str = "DB index is out of range";

/// The error for a right that a script lacks, which has no code of its own.
const NO_RIGHT: &str = "The user executing the script can't";

/// Turns an error of the client into one line.
pub(super) fn fault_of(error: &RedisError) -> BrokerFault {
    let detail = error.detail().unwrap_or_default();
    if detail.contains(NO_DATABASE) {
        let text =
            "it has no database of that number: correct the number at the end of `fleet.url`";
        return BrokerFault::refused(text);
    }
    if error.is_io_error() || error.is_connection_dropped() || error.is_timeout() {
        return BrokerFault::unanswered("the connection was closed");
    }
    let code = match detail.contains(NO_RIGHT) {
        true => "NOPERM",
        false => error.code().unwrap_or_default(),
    };
    let said = format!("{code} {detail}");
    let begins = |code: &str| {
        let mut words = said.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word == code)
    };
    // A script passes on the error of a command in it.
    let refusal = REFUSALS.iter().find(|(code, _)| begins(code));
    if let Some((code, text)) = refusal {
        let is_moved = *code == "MOVED";
        let moved = error.redirect_node().filter(|_| is_moved);
        let fault = BrokerFault::refused(format!("{text} ({code})"));
        return fault.with_moved(moved.map(|(node, _)| node));
    }
    match error.kind() {
        redis::ErrorKind::AuthenticationFailed => {
            let (code, text) = ("WRONGPASS", refusal_of("WRONGPASS"));
            BrokerFault::refused(format!("{text} ({code})"))
        }
        redis::ErrorKind::Server(_) | redis::ErrorKind::Extension => {
            let text = "it answers with an error that logout does not know; is it Redis 6.2 or later, or Valkey?";
            let is_code =
                |code: &&str| code.len() <= 32 && code.chars().all(|c| c.is_ascii_alphanumeric());
            let code = error.code().filter(is_code);
            let code = code.unwrap_or("no code");
            BrokerFault::refused(format!("{text} ({code})"))
        }
        _ => BrokerFault::unanswered(
            "it does not speak the protocol of Redis: is `fleet.url` that of a Redis or Valkey?",
        ),
    }
}

/// Returns the fault for a socket that cannot be opened.
#[cfg(unix)]
pub(super) fn of_socket(error: &std::io::Error) -> BrokerFault {
    let text = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "there is no socket of that path: is it running, with its `unixsocket` as in `fleet.url`?"
        }
        std::io::ErrorKind::PermissionDenied => {
            "this user may not open its socket: see `unixsocketperm` of the broker"
        }
        std::io::ErrorKind::ConnectionRefused => {
            "nobody listens at its socket: is it running, with its `unixsocket` as in `fleet.url`?"
        }
        std::io::ErrorKind::TimedOut => "its socket could not be opened in time: is it overloaded?",
        _ => "its socket cannot be opened: is the path in `fleet.url` that of a socket?",
    };
    BrokerFault::refused(text)
}

fn refusal_of(code: &str) -> &'static str {
    let known = REFUSALS.iter().find(|(known, _)| *known == code);
    known.map_or("", |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use crate::fleet::FaultKind;

    use super::*;

    /// Returns the fault for an error line as the server writes it.
    fn fault_of_line(line: &str) -> BrokerFault {
        let answer = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        fault_of(&answer.extract_error().unwrap_err())
    }

    /// Lines as Redis 6.2, Redis 7 and Valkey 8 write them, and what a person needs to read.
    const LINES: &[(&str, &str)] = &[
        (
            "WRONGPASS invalid username-password pair or user is disabled.",
            "correct them in `fleet.url`",
        ),
        ("NOAUTH Authentication required.", "add it to `fleet.url`"),
        (
            "NOPERM User shop has no permissions to run the 'evalsha' command",
            "give it the rights",
        ),
        (
            "NOPERM this user has no permissions to access one of the keys used as arguments",
            "give it the rights",
        ),
        (
            "READONLY You can't write against a read only replica.",
            "`fleet.url` to the primary",
        ),
        (
            "OOM command not allowed when used memory > 'maxmemory'.",
            "raise `maxmemory`",
        ),
        (
            "OOM command not allowed when used memory > 'maxmemory'. script: 3f2a, on @user_script:18.",
            "raise `maxmemory`",
        ),
        // So does 6.2 pass on the error of a command in a script.
        (
            "ERR Error running script (call to f_3f2a): @user_script:18: @user_script: 18: -OOM command not allowed when used memory > 'maxmemory'. ",
            "raise `maxmemory`",
        ),
        (
            "ERR Error running script (call to f_3f2a): @user_script:4: @user_script: 4: -READONLY You can't write against a read only replica. ",
            "`fleet.url` to the primary",
        ),
        (
            "ERR Error running script (call to f_3f2a): @user_script:4: @user_script: 4: The user executing the script can't run this command or subcommand ",
            "give it the rights",
        ),
        (
            "ERR The user executing the script can't run this command or subcommand script: 3f2a, on @user_script:18.",
            "give it the rights",
        ),
        (
            "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments script: 3f2a, on @user_script:18.",
            "give it the rights",
        ),
        (
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
            "free its disk",
        ),
        (
            "MISCONF Errors writing to the AOF file: No space left on device",
            "free its disk",
        ),
        (
            "LOADING Redis is loading the dataset in memory",
            "nothing is to be set",
        ),
        ("CLUSTERDOWN The cluster is down", "repair the cluster"),
        ("CLUSTERDOWN Hash slot not served", "repair the cluster"),
        ("MOVED 3999 10.0.0.7:6381", "set `fleet.url` to the node"),
        ("ASK 3999 10.0.0.7:6381", "moves the keys"),
        (
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "`fleet.url` to the primary",
        ),
        (
            "NOREPLICAS Not enough good replicas to write.",
            "min-replicas-to-write",
        ),
        (
            "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
            "nothing is to be set",
        ),
        (
            "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user.",
            "give it a password",
        ),
        ("ERR DB index is out of range", "correct the number"),
    ];

    #[test]
    fn each_line_of_a_server_is_one_line_of_advice() {
        for (line, advice) in LINES {
            let fault = fault_of_line(line);
            let text = fault.to_string();
            assert_eq!(fault.kind, FaultKind::Refused, "{line}: {text}");
            assert!(text.contains(advice), "{line}: {text}");
            assert!(!text.contains('\n'), "{line}: {text}");
            // Only the code of the line is repeated: the rest may quote what was sent.
            for quoted in ["10.0.0.7", "user_script", "f_3f2a", "evalsha", "User shop"] {
                assert!(!text.contains(quoted), "{line}: {text}");
            }
        }
    }

    #[test]
    fn every_refusal_has_a_line_that_leads_to_it() {
        for (code, _) in REFUSALS.iter().filter(|(code, _)| *code != "EXECABORT") {
            let line = LINES.iter().find(|(line, _)| line.starts_with(code));
            let (line, _) = line.unwrap_or_else(|| panic!("no line tries {code}"));
            assert!(
                fault_of_line(line)
                    .to_string()
                    .ends_with(&format!("({code})"))
            );
        }
    }

    #[test]
    fn a_line_that_nobody_knows_is_told_by_its_code_alone() {
        let fault = fault_of_line("WEIRD hunter2 is no password of mine");
        let text = fault.to_string();
        assert!(text.ends_with("(WEIRD)"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        let text = fault_of_line("hunter2-is-no-code at all").to_string();
        assert!(text.ends_with("(no code)"), "{text}");
    }

    #[test]
    fn who_has_the_keys_is_told_and_only_where_they_stay() {
        let moved = |line: &str| fault_of_line(line).moved().map(str::to_owned);
        let node = Some("10.0.0.7:6381".to_owned());
        assert_eq!(moved("MOVED 3999 10.0.0.7:6381"), node);
        assert_eq!(moved("ASK 3999 10.0.0.7:6381"), None);
        assert_eq!(moved("MOVED nowhere"), None);
        assert_eq!(moved("READONLY 3999 10.0.0.7:6381"), None);
    }
}
