use std::collections::BTreeMap;
use std::time::Duration;

use openmetrics_parser::openmetrics::parse_openmetrics;
use openmetrics_parser::{MetricNumber, OpenMetricsType, OpenMetricsValue};
use proptest::prelude::*;

use super::LabelValue;
use crate::worker::stats::{LaneStats, MessageState, Reason, Stats};
#[cfg(feature = "spool")]
use crate::worker::stats::{SpoolState, SpoolStats};

/// A sample's name with its labels, and its value.
type Samples = BTreeMap<(String, Vec<(String, String)>), f64>;

/// Returns an instance in which everything has happened, each a different number of times, so that
/// no two figures are confused.
fn lane(name: &'static str) -> LaneStats {
    let mut lane = LaneStats::new(name);
    lane.accept(1_000);
    lane.deliver(500);
    for (events, reason) in (1..).zip(Reason::ALL) {
        lane.discard(reason, events);
    }
    for (messages, state) in (1..).zip(MessageState::ALL) {
        for message in 0..messages {
            lane.note_message(state, message == 0);
        }
    }
    lane.requests = 12;
    lane.counted = 7;
    lane.switched_off = true;
    #[cfg(feature = "spool")]
    {
        lane.kept = 8;
        lane.restored = 9;
    }
    lane.oldest = Some(Duration::from_millis(90_250));
    lane.last_delivery = Some(Duration::from_secs(3));
    lane
}

/// Reads the text as a scraper would, with each sample by its labels.
fn read(text: &str) -> Samples {
    // The parser wants the same labels in all samples of a family, which the standard does not. A
    // label without a value is the same as none.
    let text = text.replace(
        r#"outcome="delivered"}"#,
        r#"outcome="delivered",reason=""}"#,
    );
    let exposition = parse_openmetrics(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut samples = Samples::new();
    for (name, family) in exposition.families {
        for sample in family.iter_samples() {
            let (name, value) = match &sample.value {
                OpenMetricsValue::Counter(counter) => (format!("{name}_total"), counter.value),
                OpenMetricsValue::Gauge(value) => (name.clone(), *value),
                other => panic!("{name} is {other:?}"),
            };
            let expected = match family.family_type {
                OpenMetricsType::Counter => true,
                OpenMetricsType::Gauge => false,
                other => panic!("{name} is a {other:?}"),
            };
            assert_eq!(name.ends_with("_total"), expected, "{name}");
            let labels = sample
                .get_labelset()
                .expect("each sample has a value for each label");
            let labels = labels.iter().filter(|(_, value)| !value.is_empty());
            let labels = labels.map(|(label, value)| (label.to_owned(), value.to_owned()));
            let value = match value {
                MetricNumber::Int(value) => value as f64,
                MetricNumber::Float(value) => value,
            };
            let before = samples.insert((name.clone(), labels.collect()), value);
            assert_eq!(before, None, "{name} twice with the same labels");
        }
    }
    samples
}

fn labels(labels: &[(&str, &str)]) -> Vec<(String, String)> {
    let labels = labels.iter();
    labels
        .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
        .collect()
}

/// Returns the samples that the text must have.
fn expected(stats: &Stats) -> Samples {
    let mut samples = Samples::new();
    let mut add = |name: &str, of: &[(&str, &str)], value: f64| {
        samples.insert((format!("logout_{name}"), labels(of)), value);
    };
    add("waiting", &[], stats.waiting as f64);
    if let Some(bytes) = stats.trail_bytes {
        add("trail_bytes", &[], bytes as f64);
    }
    #[cfg(feature = "spool")]
    if let Some(spool) = stats.spool {
        let is_ready = u8::from(spool.state == SpoolState::Ready);
        add("spool_ready", &[], is_ready.into());
        add("spool_bytes", &[], spool.bytes as f64);
        if let Some(oldest) = spool.oldest {
            add("spool_oldest_seconds", &[], oldest.as_secs_f64());
        }
        for lane in &stats.lanes {
            let instance = ("instance", lane.name);
            add("kept_total", &[instance], lane.kept as f64);
            add("restored_total", &[instance], lane.restored as f64);
        }
    }
    for lane in &stats.lanes {
        let instance = ("instance", lane.name);
        add(
            "events_total",
            &[instance, ("outcome", "delivered")],
            lane.delivered as f64,
        );
        for reason in Reason::ALL {
            let of = [
                instance,
                ("outcome", "discarded"),
                ("reason", reason.as_str()),
            ];
            add("events_total", &of, lane.discarded.get(reason) as f64);
        }
        for state in MessageState::ALL {
            let messages = lane.messages_by_state.get(state);
            add(
                "messages_total",
                &[instance, ("state", state.as_str())],
                messages as f64,
            );
        }
        add("accepted_total", &[instance], lane.accepted as f64);
        add("requests_total", &[instance], lane.requests as f64);
        add("mentions_total", &[instance], lane.mentions as f64);
        add("pending", &[instance], lane.pending as f64);
        add("counted", &[instance], lane.counted as f64);
        add("switched_off", &[instance], f64::from(lane.switched_off));
        if let Some(oldest) = lane.oldest {
            add(
                "oldest_seconds",
                &[instance],
                oldest.as_millis() as f64 / 1_000.0,
            );
        }
        if let Some(ago) = lane.last_delivery {
            add(
                "seconds_since_delivery",
                &[instance],
                ago.as_millis() as f64 / 1_000.0,
            );
        }
    }
    samples
}

#[test]
fn a_parser_reads_every_figure_of_every_instance() {
    let stats = Stats {
        waiting: 3,
        trail_bytes: Some(8_192),
        #[cfg(feature = "spool")]
        spool: Some(SpoolStats {
            state: SpoolState::Ready,
            bytes: 4_096,
            oldest: Some(Duration::from_millis(2_500)),
        }),
        lanes: vec![lane("slack"), lane("ops"), LaneStats::new("idle")],
    };
    let text = stats.openmetrics();
    let samples = read(&text);
    assert_eq!(samples, expected(&stats));
    let events: f64 = samples
        .iter()
        .filter(|((name, of), _)| name == "logout_events_total" && of[0].1 == "ops")
        .map(|(_, events)| events)
        .sum();
    let pending = samples[&("logout_pending".to_owned(), labels(&[("instance", "ops")]))];
    assert_eq!(events + pending, 1_000.0, "{text}");
}

#[test]
fn what_has_not_happened_is_zero_and_a_time_that_is_not_known_is_left_out() {
    let stats = Stats {
        waiting: 0,
        trail_bytes: None,
        #[cfg(feature = "spool")]
        spool: None,
        lanes: vec![LaneStats::new("slack")],
    };
    let text = stats.openmetrics();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    assert!(samples.clone().all(|line| line.ends_with(" 0")), "{text}");
    assert_eq!(
        samples.count(),
        1 + Reason::ALL.len() + MessageState::ALL.len() + 6 + 1
    );
}

#[test]
fn the_text_is_as_the_standard_has_it() {
    let mut slack = lane("slack");
    slack.oldest = Some(Duration::from_micros(1_234_567));
    let stats = Stats {
        waiting: 3,
        trail_bytes: None,
        #[cfg(feature = "spool")]
        spool: None,
        lanes: vec![slack],
    };
    let text = stats.openmetrics();
    for lines in [
        "# TYPE logout_events counter\n\
         logout_events_total{instance=\"slack\",outcome=\"delivered\"} 500\n\
         logout_events_total{instance=\"slack\",outcome=\"discarded\",reason=\"threshold\"} 1\n\
         logout_events_total{instance=\"slack\",outcome=\"discarded\",reason=\"filtered\"} 2\n",
        "# TYPE logout_messages counter\n\
         logout_messages_total{instance=\"slack\",state=\"new\"} 1\n\
         logout_messages_total{instance=\"slack\",state=\"known\"} 2\n\
         logout_messages_total{instance=\"slack\",state=\"quiet\"} 3\n\
         logout_messages_total{instance=\"slack\",state=\"report\"} 4\n",
        "# TYPE logout_mentions counter\nlogout_mentions_total{instance=\"slack\"} 4\n",
        "# TYPE logout_oldest_seconds gauge\n\
         # UNIT logout_oldest_seconds seconds\n\
         logout_oldest_seconds{instance=\"slack\"} 1.235\n",
        "# TYPE logout_waiting gauge\nlogout_waiting 3\n# EOF\n",
    ] {
        assert!(text.contains(lines), "{lines}\nis not in\n{text}");
    }
    assert!(text.ends_with("\n# EOF\n"));
}

#[test]
fn a_name_that_is_no_identifier_is_escaped() {
    let name = "a \"b\" \\ c\nd";
    assert_eq!(LabelValue(name).to_string(), r#"a \"b\" \\ c\nd"#);
}

/// Returns whether a line is one that the grammar of OpenMetrics knows.
fn is_line(line: &str) -> bool {
    if line == "# EOF" {
        return true;
    }
    if let Some(description) = line.strip_prefix("# ") {
        let mut words = description.splitn(3, ' ');
        let (keyword, name, rest) = (words.next(), words.next(), words.next());
        let text = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['"', '\\']));
        return matches!(keyword, Some("HELP" | "TYPE" | "UNIT")) && is_name(name) && text;
    }
    let Some((sample, value)) = line.rsplit_once(' ') else {
        return false;
    };
    let name_ends = sample.find('{').unwrap_or(sample.len());
    let (name, labels) = sample.split_at(name_ends);
    is_name(Some(name)) && value.parse::<f64>().is_ok_and(f64::is_finite) && are_labels(labels)
}

fn is_name(name: Option<&str>) -> bool {
    name.is_some_and(|name| {
        name.starts_with("logout_")
            && name
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_lowercase())
    })
}

fn are_labels(labels: &str) -> bool {
    if labels.is_empty() {
        return true;
    }
    let Some(mut rest) = labels
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    else {
        return false;
    };
    loop {
        let Some((label, value)) = rest.split_once("=\"") else {
            return false;
        };
        let mut escaped = false;
        let end = value.char_indices().find(|(_, char)| {
            let ends = *char == '"' && !escaped;
            escaped = *char == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end else {
            return false;
        };
        if !matches!(label, "instance" | "outcome" | "reason" | "state") {
            return false;
        }
        match value.get(end + 1..) {
            Some("") => return true,
            Some(more) if more.starts_with(',') => rest = &more[1..],
            _ => return false,
        }
    }
}

fn any_lane() -> impl Strategy<Value = LaneStats> {
    let count = || 0..1_u64 << 50;
    let span = || prop::option::of((0..1_u64 << 40).prop_map(Duration::from_millis));
    let counts = (count(), count(), count(), count());
    let name = prop_oneof!["[a-z_]{1,9}", r#"[a-z"\\\n,={}é🔥 ]{1,12}"#];
    (name, counts, 0..5_u64, span(), span()).prop_map(
        |(name, (delivered, pending, lost, counted), messages, oldest, last_delivery)| {
            let mut lane = LaneStats::new(Box::leak(name.into_boxed_str()));
            lane.accept(delivered + pending + lost);
            lane.deliver(delivered);
            lane.discard(Reason::ALL[lost as usize % Reason::ALL.len()], lost);
            for message in 0..messages {
                lane.note_message(MessageState::ALL[message as usize % 4], message % 2 == 0);
            }
            LaneStats {
                counted,
                oldest,
                last_delivery,
                ..lane
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 128 }))]

    #[test]
    fn every_line_is_one_of_the_standards(
        lanes in prop::collection::vec(any_lane(), 0..4),
        waiting in any::<u64>(),
        trail_bytes in any::<Option<u64>>(),
    ) {
        let text = Stats { waiting, trail_bytes, lanes, ..Stats::default() }.openmetrics();
        for line in text.lines() {
            prop_assert!(is_line(line), "{line}");
        }
        prop_assert_eq!(text.matches("# EOF").count(), 1);
        prop_assert!(text.ends_with("\n# EOF\n"));
    }

    #[test]
    fn a_parser_reads_back_what_was_written(
        lane in any_lane(),
        waiting in 0..1_u64 << 50,
        trail_bytes in prop::option::of(0..1_u64 << 50),
    ) {
        let stats = Stats { waiting, trail_bytes, lanes: vec![lane], ..Stats::default() };
        prop_assert_eq!(read(&stats.openmetrics()), expected(&stats));
    }
}
