//! The settings of a block, one line each.

use std::time::Duration;

/// The kind of value that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `[Slack, ops: Discord { … }]`
    Adapters,
    /// `WARN`, or any expression of type `LevelFilter`.
    Level,
    /// A constant expression of type `&'static str`.
    Text,
    /// A constant expression of type `usize`.
    Count,
    /// `"16 MiB"`, or a constant expression of type `usize`.
    Size,
    /// A size, or `infinity`.
    Limit,
    /// A constant expression of type `bool`.
    Flag,
    /// `"1h"`, or a constant expression of type `Duration`.
    Duration,
    /// A template in quotes, or a function.
    Format,
    /// `all`, or `[order, customer]`.
    Metadata,
    /// `[target: "my_app"]`
    Rules,
    /// `["3fa9c1"]`
    Fingerprints,
    /// `[iban, -auth]`
    Mask,
    /// `[trace: "https://…/{trace_id}"]`
    Links,
    /// `20`, or `{ events: 20, level: DEBUG }`
    Trail,
    /// `["1m", "5m"]`, or `off`.
    Steps,
    /// `New` or `Always`, or any expression of type `MentionWhen`.
    MentionWhen,
    /// `[default, crate::plates]`
    Scrub,
    /// `true`, or a constant expression of type `&'static str`.
    Directory,
    /// `[Crashed, Started]`
    Notices,
    /// `Redis { name: "shop" }`
    Fleet,
}

/// A setting of the block: its name, the values it takes, and an example for the help.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) example: &'static str,
}

const fn setting(name: &'static str, shape: Shape, example: &'static str) -> Setting {
    Setting {
        name,
        shape,
        example,
    }
}

/// Every setting of a block. A setting needs only a line here and a setter of that name on
/// `logout`'s `Block`.
#[rustfmt::skip]
pub(crate) const SETTINGS: &[Setting] = &[
    setting("project_name", Shape::Text, "\"My App\""),
    setting("environment", Shape::Text, "\"production\""),
    setting(RELEASE, Shape::Text, "\"1.10.2\""),
    setting(LEVEL, Shape::Level, "WARN"),
    setting(MAX_LEVEL, Shape::Level, "WARN"),
    setting("spans", Shape::Level, "INFO"),
    setting(ADAPTERS, Shape::Adapters, "[Slack]"),
    setting(METADATA_FILTER, Shape::Rules, "[target: \"my_app\"]"),
    setting(IGNORE, Shape::Rules, "[target: \"my_app::noisy\"]"),
    setting(MUTE, Shape::Fingerprints, "[\"3fa9c1\"]"),
    setting("metadata", Shape::Metadata, "[order, customer]"),
    setting(MASK, Shape::Mask, "[iban, card.number]"),
    setting("links", Shape::Links, "[wiki: \"https://wiki.example.org/errors/{fingerprint}\"]"),
    setting("scrub", Shape::Scrub, "[default, crate::plates]"),
    setting("trail", Shape::Trail, "20"),
    setting("format", Shape::Format, "\"$level $message\""),
    setting("truncate", Shape::Limit, "\"8 KiB\""),
    setting(MEMORY_LIMIT, Shape::Size, "\"4 MiB\""),
    setting(SYNC_THRESHOLD, Shape::Count, "20"),
    setting(DISCARD_THRESHOLD, Shape::Count, "500"),
    setting(REPORT_PERIOD, Shape::Duration, "\"30s\""),
    setting("sync_timeout", Shape::Duration, "\"100ms\""),
    setting(MAX_AGE, Shape::Duration, "\"1h\""),
    setting("spool", Shape::Directory, "\"/var/lib/shop/alerts\""),
    setting("spool_sync", Shape::Flag, "false"),
    setting("notices", Shape::Notices, "[Crashed]"),
    setting("fleet", Shape::Fleet, "Redis { name: \"shop\" }"),
    setting(REMIND, Shape::Steps, "[\"1m\", \"5m\", \"30m\", \"2h\"]"),
    setting("remind_from", Shape::Level, "WARN"),
    setting(QUIET, Shape::Duration, "\"15m\""),
    setting("quiet_notice", Shape::Flag, "true"),
    setting("mention_when", Shape::MentionWhen, "Always"),
    setting(MENTION_EVERY, Shape::Duration, "\"5m\""),
    setting("shutdown_timeout", Shape::Duration, "\"3s\""),
    setting("panic_timeout", Shape::Duration, "\"1s\""),
    setting("utc_log", Shape::Flag, "true"),
    setting(ENV_PREFIX, Shape::Text, "\"SHOP_ALERTS_\""),
];

/// The settings that every adapter takes too. Each needs a line here and a setter on `Declaration`.
#[rustfmt::skip]
pub(crate) const OPTIONS: &[&str] = &[
    LEVEL, MAX_LEVEL, "format", "metadata", METADATA_FILTER, IGNORE, REMIND, "remind_from", QUIET,
    "quiet_notice", "mention_when", MENTION_EVERY,
];

/// The list of instances.
pub(crate) const ADAPTERS: &str = "adapters";
/// Keeps the events that match.
pub(crate) const METADATA_FILTER: &str = "metadata_filter";
/// Drops the events that match.
pub(crate) const IGNORE: &str = "ignore";
/// Defaults to the package's version.
pub(crate) const RELEASE: &str = "release";
/// The prefix of the block's variables.
pub(crate) const ENV_PREFIX: &str = "env_prefix";
/// Lists fingerprints.
pub(crate) const MUTE: &str = "mute";
/// Adds to a default list.
pub(crate) const MASK: &str = "mask";
/// Has a minimum.
pub(crate) const MEMORY_LIMIT: &str = "memory_limit";
/// Compared with the most severe level.
pub(crate) const LEVEL: &str = "level";
/// Compared with the most verbose level.
pub(crate) const MAX_LEVEL: &str = "max_level";
/// Grows.
pub(crate) const REMIND: &str = "remind";
/// Is not zero.
pub(crate) const QUIET: &str = "quiet";
/// Is at most an hour.
pub(crate) const MENTION_EVERY: &str = "mention_every";
/// Is not zero.
pub(crate) const MAX_AGE: &str = "max_age";
/// Is not zero.
pub(crate) const REPORT_PERIOD: &str = "discard_threshold_periodic_check";
/// Compared with each other.
pub(crate) const SYNC_THRESHOLD: &str = "sync_threshold";
/// Compared with each other.
pub(crate) const DISCARD_THRESHOLD: &str = "discard_threshold";

/// The default of `sync_threshold`, as in `Block::new`.
pub(crate) const DEFAULT_SYNC_THRESHOLD: u64 = 20;
/// The default of `discard_threshold`, as in `Block::new`.
pub(crate) const DEFAULT_DISCARD_THRESHOLD: u64 = 500;
/// The variables with the commit of a build, the most reliable first: set by hand, by GitHub's
/// runners, by the crate `vergen`, by several hosters.
pub(crate) const COMMIT_VARIABLES: [&str; 4] = [
    "GIT_COMMIT",
    "GITHUB_SHA",
    "VERGEN_GIT_SHA",
    "SOURCE_COMMIT",
];
/// The default of `level`, as in `Block::new`.
pub(crate) const DEFAULT_LEVEL: &str = "WARN";
/// The default of `max_level`, as in `Block::new`.
pub(crate) const DEFAULT_MAX_LEVEL: &str = "ERROR";
/// The most steps of `remind`, as in `logout`.
pub(crate) const MOST_STEPS: usize = 8;
/// The longest `mention_every`, as in `logout`.
pub(crate) const LONGEST_MENTION_EVERY: Duration = Duration::from_secs(60 * 60);
/// The least `memory_limit`, in bytes, as in `logout`.
pub(crate) const MIN_MEMORY_LIMIT: u64 = 262_144;
/// The most events of a `trail`, as in `logout`.
pub(crate) const MOST_TRAIL_EVENTS: u64 = 200;
/// The bytes that a `trail` may take, as in `logout`.
pub(crate) const TRAIL_BYTES: std::ops::RangeInclusive<u64> = 1_024..=65_536;
/// The word for the list below.
pub(crate) const MASK_DEFAULT: &str = "default";
/// The word for what `logout` itself removes.
pub(crate) const SCRUB_DEFAULT: &str = "default";
/// The fields that are masked by default, as in `logout`'s documentation of `mask`.
#[rustfmt::skip]
pub(crate) const DEFAULT_MASK: &[&str] = &[
    "access_key", "api_key", "auth", "authorization", "bearer", "connect.sid", "connection_string",
    "cookie", "cred", "credential", "csrf", "cvc", "cvv", "dsn", "encryption_key", "jwt", "otp",
    "pass", "passcode", "passphrase", "passwd", "password", "private_key", "pwd", "secret",
    "secret_key", "sessid", "session", "session_id", "signature", "signing_key", "symfony", "token",
    "totp", "webhook_url", "xsrf",
];
/// The default of `env_prefix`, as in `Block::new`.
pub(crate) const DEFAULT_ENV_PREFIX: &str = "LOGOUT_";

/// Keys of the configuration that no block can set, and figment's own profiles: an instance of such
/// a name could not be distinguished from them.
pub(crate) const RESERVED: &[&str] = &[
    "enabled", "dry_run", "profile", "recheck", "default", "global", "fleet",
];

/// Keys that exist, but not in a block.
pub(crate) const RUN_TIME_KEYS: &[&str] = &["enabled", "dry_run", "profile", "allow_http"];

/// Parts of names under which people look for a secret.
pub(crate) const SECRET_WORDS: &[&str] =
    &["webhook", "token", "password", "secret", "api_key", "url"];

/// Options that people write in the braces of `fleet`, and only a variable sets.
pub(crate) const FLEET_SECRETS: &[&str] = &["url", "password", "address"];

/// The parts of its address, which the same variable sets.
pub(crate) const FLEET_ADDRESS: &[&str] = &["addr", "host", "port", "server", "uri", "username"];

/// The most instances of a block: one bit each in a word.
pub(crate) const MAX_INSTANCES: usize = 64;

/// Returns the setting of this name.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// Returns the setting of this name, if every adapter takes it as an option.
pub(crate) fn find_option(name: &str) -> Option<&'static Setting> {
    find(name).filter(|setting| OPTIONS.contains(&setting.name))
}

#[cfg(test)]
mod tests {
    use super::DEFAULT_MASK;

    #[test]
    fn the_documentation_of_logout_names_the_default_mask() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../logout/docs/settings.md");
        let page = std::fs::read_to_string(page).unwrap();
        let (_, words) = page.split_once("The default list:").unwrap();
        let (words, _) = words.split_once("A name").unwrap();
        let documented: Vec<_> = words.split('`').skip(1).step_by(2).collect();
        assert_eq!(documented, DEFAULT_MASK);
    }
}
