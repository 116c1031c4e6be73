//! One notice of each kind.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use tracing::Level;

use crate::adapter::{
    Mention, Notice, NoticeField, NoticeLink, NoticeProblem, NoticeSpan, ProblemState, Severity,
};

/// Returns one notice of each kind, by name, as the built-in adapters get them: an `event` with
/// everything that an event can have, a `bare` one, a `digest` of several problems, a `report` of what
/// was lost, a `panic`, a `late` one that may have arrived before; and of one problem's life a
/// `reminder`, one that got `worse` soon after a message that mentioned people, and the `quiet` line.
///
/// A notice of your own is made by [`Notice::new`]; its fields are public.
///
/// ```
/// use logout::{Adapter, testing};
/// use logout::adapter::{Request, SecretUrl, Step};
///
/// # #[derive(Default, serde::Deserialize)]
/// # struct Pager { #[serde(default)] url: SecretUrl }
/// # impl Adapter for Pager {
/// #     fn render(&self, notice: &logout::Notice, _: Step<'_>, request: &mut Request) {
/// #         request.post(self.url.expose()).bytes("text/plain", logout::format_message(notice).as_bytes());
/// #     }
/// # }
/// # let pager = Pager::default();
/// for (kind, notice) in testing::samples() {
///     let mut request = Request::new();
///     pager.render(notice, Step::default(), &mut request);
///     let page = String::from_utf8_lossy(request.body());
///     assert!(page.contains(&notice.headline), "{kind}:\n{page}"); // or a snapshot of each
/// }
/// ```
#[must_use]
pub fn samples() -> &'static [(&'static str, Notice)] {
    static SAMPLES: LazyLock<[(&str, Notice); 9]> = LazyLock::new(|| {
        [
            ("event", event()),
            ("bare", bare()),
            ("digest", digest()),
            ("report", report()),
            ("panic", panicked()),
            ("late", late()),
            ("reminder", reminder()),
            ("worse", worse()),
            ("quiet", quiet()),
        ]
    });
    &*SAMPLES
}

fn base(severity: impl Into<Severity>, headline: &str) -> Notice {
    let mut notice = Notice::new(severity, headline);
    notice.project = "My App Production".to_owned();
    notice.environment = "production".to_owned();
    notice.host = "web-7".to_owned();
    notice.time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_640_271);
    notice
}

fn field(name: &str, value: &str) -> NoticeField {
    NoticeField::new(name, value)
}

/// Returns an event with everything that one can have.
pub(super) fn event() -> Notice {
    let mut notice = base(Level::ERROR, "payment failed: card declined");
    notice.release = "1.10.2".to_owned();
    notice.body = "caused by: gateway answered 402\ncaused by: connection reset by peer".to_owned();
    notice.fields = vec![
        field("order", "42"),
        field("customer", "c_1837"),
        field("elapsed_ms", "12.5"),
        field("empty", ""),
        field("request", "{\n    \"card\": \"*\",\n    \"amount\": 12\n}"),
    ];
    notice.spans = vec![
        NoticeSpan::new("request", vec![field("id", "7")]),
        NoticeSpan::new("charge", vec![field("order", "42")]),
    ];
    notice.target = "checkout::pay".to_owned();
    notice.module = "checkout::pay".to_owned();
    notice.file = "src/pay.rs".to_owned();
    notice.line = Some(88);
    notice.fingerprint = "3fa9c1".to_owned();
    let links = [
        (
            "trace",
            "https://grafana.example.org/explore?trace=4bf92f35&from=%2Fpay%3Fx%3D1",
        ),
        (
            "source",
            "https://git.example.org/shop/blob/v1.10.2/src/pay.rs#L88",
        ),
        ("runbook", "https://wiki.example.org/errors/3fa9c1_(pay)"),
    ];
    notice.links = links.map(|(name, url)| NoticeLink::new(name, url)).to_vec();
    notice
}

fn bare() -> Notice {
    let mut notice = Notice::new(Level::WARN, "cache is cold");
    notice.time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_640_271);
    notice
}

fn digest() -> Notice {
    let mut notice = base(
        Level::ERROR,
        "payment failed: card declined · and 2 more (1,242 errors, 12 warnings in 34 s)",
    );
    notice.body = "🔥 ×1,204 new  payment failed: card declined\n      last: payment failed: timeout after 5 s\n      12:04:31–12:05:02 · #3fa9c1\n🔥 ×38 inventory: deadlock detected\n      12:04:40–12:04:58 · #77ab01\n⚠️ ×12 cache miss rate above 40 %\n      12:04:52 · #c4d2e9".to_owned();
    let problem = |fingerprint, headline, state, count, seconds| {
        let mut problem = NoticeProblem::new(fingerprint, headline);
        problem.state = state;
        problem.count = count;
        problem.first_seen = notice.time;
        problem.last_seen = notice.time + Duration::from_secs(seconds);
        problem
    };
    notice.problems = vec![
        problem(
            "3fa9c1",
            "payment failed: card declined",
            ProblemState::New,
            1_204,
            31,
        ),
        problem(
            "77ab01",
            "inventory: deadlock detected",
            ProblemState::Known,
            38,
            27,
        ),
        problem(
            "c4d2e9",
            "cache miss rate above 40 %",
            ProblemState::Known,
            12,
            21,
        ),
    ];
    notice.count = 1_254;
    notice.first_seen = notice.time;
    notice.last_seen = notice.time + Duration::from_secs(34);
    notice
}

fn report() -> Notice {
    let mut notice = base(
        Severity::Report,
        "312 events were not delivered in the last 30 s",
    );
    notice.body = "queue full: 290 (ERROR 12, WARN 278)   muted: 22\ncheckout::pay src/pay.rs:88  240\n\nThe program is logging faster than it may post.".to_owned();
    notice
}

fn panicked() -> Notice {
    let mut notice = base(
        Severity::Panic,
        "panicked: index out of bounds: the len is 3 but the index is 7",
    );
    notice.thread = "worker-2".to_owned();
    notice.file = "src/cart.rs".to_owned();
    notice.line = Some(41);
    notice.spans = vec![NoticeSpan::new("cart", vec![])];
    let own = "   2: shop::cart::item\n             at ./src/cart.rs:41:9\n   3: shop::main\n             at ./src/main.rs:12:5\n";
    notice.backtrace = format!("{own}… and 2 frames of the runtime");
    notice.whole_backtrace =
        format!("   0: rust_begin_unwind\n   1: core::panicking::panic_fmt\n{own}");
    notice
}

fn late() -> Notice {
    let mut notice = event();
    notice.delayed = Some(Duration::from_secs(360));
    notice.possible_repeat = true;
    notice
}

/// Returns a message about a problem that was reported before.
fn known(severity: impl Into<Severity>, headline: &str) -> Notice {
    let mut notice = base(severity, headline);
    notice.file = "src/pay.rs".to_owned();
    notice.line = Some(88);
    notice.module = "checkout::pay".to_owned();
    notice.fingerprint = "3fa9c1".to_owned();
    notice.state = ProblemState::Known;
    notice.mention = Mention::Never;
    notice.count = 1_204;
    notice.first_seen = notice.time;
    notice.last_seen = notice.time + Duration::from_secs(1_620);
    notice.time = notice.last_seen;
    notice
}

fn reminder() -> Notice {
    let mut notice = known(Level::ERROR, "×1,204 payment failed: card declined");
    notice.body = "since 12:04, +310 in the last 5 min".to_owned();
    notice
}

fn worse() -> Notice {
    let mut notice = known(Level::ERROR, "payments are slow: 31 s");
    notice.level_rose = true;
    notice.mention = Mention::Recent(Duration::from_secs(180));
    notice
}

fn quiet() -> Notice {
    let mut notice = known(Level::ERROR, "payment failed: card declined");
    notice.body = "no more for 15 min (1,204 from 12:04 to 12:31)".to_owned();
    notice.state = ProblemState::Quiet;
    notice
}
