//! Notices whose every text may be anything, and often is an attack.

use std::time::{Duration, SystemTime};

use logout::Notice;
use logout::adapter::{NoticeField, NoticeSpan, Severity, TrailLine};
use logout::testing::hostile;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use tracing::Level;

/// Generates a text of hostile fragments, of words and of anything.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(hostile().collect::<Vec<_>>()).prop_map(str::to_owned),
        2 => "[a-z ]{0,12}",
        1 => any::<String>(),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Generates a text that sometimes is far longer than any platform takes.
pub(crate) fn long_text() -> impl Strategy<Value = String> {
    let times = prop_oneof![6 => Just(1_usize), 1 => 1_usize..2_000];
    (text(), times)
        .prop_map(|(text, times)| text.repeat(usize::min(times, 60_000 / (text.len() + 1) + 1)))
}

fn fields() -> impl Strategy<Value = Vec<NoticeField>> {
    let value = prop_oneof![5 => text(), 1 => long_text()];
    let most = prop_oneof![5 => Just(4_usize), 1 => Just(60)];
    most.prop_flat_map(move |most| vec((text(), value.clone()), 0..most))
        .prop_map(|fields| {
            let field = |(name, value): (String, String)| NoticeField::new(name, value);
            fields.into_iter().map(field).collect()
        })
}

fn severity() -> impl Strategy<Value = Severity> {
    select(
        &[
            Severity::Report,
            Severity::Info,
            Severity::Warn,
            Severity::Error,
            Severity::Panic,
        ][..],
    )
}

/// Generates a notice in which nothing can be trusted.
pub(crate) fn notice() -> impl Strategy<Value = Notice> {
    let message = (long_text(), long_text(), long_text());
    let whose = (text(), text(), text(), text());
    let place = (text(), text(), text(), any::<Option<u32>>(), text(), text());
    let routes = (text(), text());
    let late = (any::<Option<u32>>(), any::<bool>(), 0_u64..300_000_000_000);
    (
        severity(),
        message,
        whose,
        fields(),
        fields(),
        place,
        routes,
        late,
    )
        .prop_map(
            |(severity, message, whose, fields, span, place, routes, late)| {
                let mut notice = Notice::new(severity, message.0);
                (notice.body, notice.backtrace) = (message.1, message.2);
                (
                    notice.project,
                    notice.environment,
                    notice.host,
                    notice.release,
                ) = whose;
                notice.fields = fields;
                notice.spans = vec![NoticeSpan::new(place.5.clone(), span)];
                (
                    notice.target,
                    notice.module,
                    notice.file,
                    notice.line,
                    notice.thread,
                    notice.fingerprint,
                ) = place;
                for key in [
                    "zulip_topic",
                    "slack_thread",
                    "discord_thread",
                    "telegram_thread",
                ] {
                    notice.routes.push((key.to_owned(), routes.0.clone()));
                }
                if late.2 % 3 > 0 {
                    let texts = [&routes.0, &routes.1, &notice.body, &notice.headline];
                    notice.trail = texts
                        .map(|text| TrailLine::new(notice.time, Level::INFO, text))
                        .to_vec();
                }
                notice.trail_cut = late.2 % 5 == 0;
                notice.routes.push(("other".to_owned(), routes.1));
                notice.delayed = late.0.map(|seconds| Duration::from_secs(seconds.into()));
                notice.possible_repeat = late.1;
                if late.1 && late.2 % 4 == 0 {
                    notice.whole_backtrace = notice.backtrace.repeat(2);
                }
                notice.time = SystemTime::UNIX_EPOCH + Duration::from_secs(late.2);
                notice
            },
        )
}
