//! The names of settings in other libraries and languages, and their settings that do not exist
//! here.

/// Settings with their names elsewhere: in loggers and their configuration files, Elixir's LogOut,
/// Sentry's SDKs, Alertmanager.
#[rustfmt::skip]
pub(super) const OTHER_NAMES: &[(&str, &[&str])] = &[
    ("project_name", &[
        "app", "app_name", "application", "application_name", "name", "otp_app", "service",
        "service_name",
    ]),
    ("adapters", &[
        "appenders", "backends", "channels", "destinations", "handlers", "integrations",
        "notifiers", "outputs", "providers", "receiver", "receivers", "reporters", "sinks",
        "transports",
    ]),
    ("environment", &["env", "stage"]),
    ("release", &["version"]),
    ("level", &[
        "compile_time_purge_level", "log_level", "min_level", "minimum_level", "root_level",
        "root_logger", "severity", "threshold",
    ]),
    ("ignore", &[
        "exclude", "exclude_targets", "ignore_errors", "ignore_loggers", "ignore_targets",
    ]),
    ("metadata_filter", &["filter", "filters", "include", "only", "targets"]),
    ("mute", &["muted", "silence", "silenced", "silences"]),
    ("metadata", &["fields"]),
    ("format", &["layout", "pattern", "template"]),
    ("mask", &["denylist", "redact", "sanitize_fields"]),
    ("scrub", &["scrubbers", "scrubbing"]),
    ("trail", &["breadcrumbs", "max_breadcrumbs"]),
    ("truncate", &["max_length", "max_message_length", "max_value_length"]),
    ("spool", &["spool_dir", "spool_directory", "spool_path"]),
    ("utc_log", &["timezone", "tz", "utc"]),
    ("remind", &["reminder", "reminders", "repeat", "repeat_interval"]),
    ("quiet", &["resolve_timeout"]),
    ("quiet_notice", &["send_resolved"]),
];

/// Settings that exist elsewhere: why there is none here, and what to do.
#[rustfmt::skip]
pub(super) const NOT_NEEDED: &[(&[&str], &str, &str)] = &[
    (
        &["channel", "channel_id", "room"],
        "each adapter has its own channel",
        "remove it: a webhook of Slack or Discord has one channel; write `SlackBot { channel: … }`, \
         `Telegram { chat_id: … }` or `Zulip { stream: … }`",
    ),
    (
        &[
            "debounce", "dedup", "dedupe", "deduplicate", "group_by", "group_interval",
            "group_wait", "grouping",
        ],
        "a problem is sent once, and its repeats are counted",
        "remove it; `remind` says when a known problem is repeated",
    ),
    (
        &["rate", "rate_limit", "sample_rate", "sampling", "throttle", "traces_sample_rate"],
        "each adapter keeps the rate limit of its platform",
        "remove it; `remind` says when a known problem is repeated",
    ),
    (
        &["backoff", "max_retries", "retries", "retry"],
        "messages are retried with a backoff until they are too old",
        "remove it, or write `max_age: \"1h\"`",
    ),
    (
        &["batch", "batch_size", "flush_interval"],
        "events are merged while an adapter waits for its rate limit",
        "remove it",
    ),
    (
        &["buffer", "buffer_size", "capacity", "queue", "queue_size"],
        "the queue is bounded by the number of events in it",
        "write `discard_threshold: 500`",
    ),
    (
        &["handle_otp_reports", "handle_sasl_reports", "panic", "panics", "capture_panics"],
        "panics are captured by the guard",
        "remove it, and call `guard.capture_panics()`",
    ),
    (
        &["dsn"],
        "there is no server to send to: each adapter reads an address of its own",
        "remove it, and set the variable of the adapter, such as `SLACK_WEBHOOK_URL`",
    ),
    (
        &["before_send", "before_breadcrumb", "event_processor", "event_processors"],
        "no function sees a whole event before it is sent",
        "remove it: write `ignore: [target: \"my_app::noisy\"]` to drop events, and \
         `scrub: [default, crate::plates]` to change texts",
    ),
    (
        &[
            "attach_stacktrace", "backtrace", "in_app_exclude", "in_app_include",
            "include_location", "stacktrace",
        ],
        "every message shows where its event was logged, and that of a panic shows the backtrace",
        "remove it",
    ),
    (
        &["send_default_pii", "pii"],
        "every field is shown, unless `mask` names it",
        "remove it, and write `mask: [ip_address, email]` for fields that nobody should see",
    ),
    (
        &["debug", "verbose", "diagnostics"],
        "logout reports its own problems on standard error",
        "remove it; with the variable `LOGOUT_DRY_RUN=1` it prints what each chat would get",
    ),
    (
        &["tags", "labels", "extra", "extras", "contexts"],
        "a message shows the fields of its event and of the spans around it",
        "remove it, and log a field, or open a span with it",
    ),
    (
        &["server_name", "hostname", "host", "node", "node_name"],
        "the name of the machine is read when the program starts",
        "remove it",
    ),
    (
        &["logger", "loggers", "level_per_target", "directives"],
        "a level is the same for all targets",
        "write `level: WARN`, and `ignore: [target: \"hyper\"]` to drop a target's events",
    ),
    (
        &["route", "routes", "routing", "inhibit_rules", "matchers", "rules"],
        "each adapter chooses its events itself",
        "write `level`, `metadata_filter` or `ignore` in its braces: `Slack { level: ERROR }`",
    ),
    (
        &[
            "active_time_intervals", "mute_time_intervals", "mute_timings", "quiet_hours",
            "schedule", "time_intervals",
        ],
        "logout has no calendar",
        "remove it; `handle.disable(…)` and `handle.enable(…)` switch an adapter off and on",
    ),
    (
        &["async", "runtime", "threads", "worker_threads", "workers"],
        "logout sends on one thread of its own",
        "remove it",
    ),
    (
        &["proxy", "http_proxy", "https_proxy"],
        "a proxy is read from the environment",
        "remove it, and set the variable `https_proxy`",
    ),
    (
        &["connect_timeout", "http_timeout", "request_timeout", "timeout"],
        "logout bounds its requests itself",
        "remove it; `shutdown_timeout` bounds the end of the program, and `max_age` the retries",
    ),
];
