//! The sandbox's page in a real browser: a log's text is shown, and never runs.
//!
//! Its pictures in `logout/docs` are made by
//! `LOGOUT_PICTURES=logout/docs cargo test --test sandbox pictures`, and made smaller by
//! `pngquant --force --ext .png --strip logout/docs/*.png`. The fonts are the machine's; those of
//! the chats are Lato, Noto Sans, Roboto and Noto Color Emoji.
use std::time::Duration;

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::{Discord, Slack, Telegram, Zulip, logout};

use self::pictures::take_pictures;
use self::shop::Shop;
use crate::{chats, client};

mod browser;
mod checkout;
mod inbox;
mod pictures;
mod session;
mod shop;

logout! {
    struct Alerts {
        project_name: "Corner Shop",
        environment: "production",
        release: "1.10.2",
        trail: 5,
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts", topic: "shop" }],
    }
}

logout! {
    struct Pictured {
        project_name: "Corner Shop",
        environment: "production",
        release: "1.10.2",
        trail: 3,
        links: [
            source: "https://github.com/acme/shop/blob/v{release}/{file}#L{line}",
            runbook: "https://wiki.acme.dev/errors/{fingerprint}",
        ],
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts", topic: "shop" }],
    }
}

/// Each would set the title, an attribute of the document, or load something.
const PAYLOADS: [&str; 9] = [
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.documentElement.dataset.owned = 1\">",
    "<svg onload=\"document.title = 'owned'\"><style>body{display:none}</style>",
    "</pre></code></script><iframe srcdoc=\"<script>parent.document.title='owned'</script>\">",
    "javascript:document.title='owned' [x](javascript:alert(1)) <javascript:alert(1)|click>",
    "{{nonce}} {{token}} ${document.title='owned'} &lt;b&gt; &amp;amp; &#60;b&#62;",
    "\u{202e}txt.exe \u{2066}\u{2067} \u{200f}שלום \u{202d}end",
    "``` ```` ~~~ <!channel> @everyone @**ops** <@1> ||x|| <time:2020-01-01> `",
    "e\u{301}\u{333}\u{33f}\u{30a}\u{301}\u{333}\u{33f}\u{30a} 👩‍👩‍👧 🇩🇪 \u{200b}\u{feff} x",
];

/// Returns text as it is written in the source of a document.
fn in_source(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Returns the value of an attribute of the `html` element.
fn attribute<'d>(document: &'d str, name: &str) -> &'d str {
    let (_, html) = document.split_once("<html").unwrap();
    let (html, _) = html.split_once('>').unwrap();
    let value = html.split_once(&format!("{name}=\""));
    value.map_or("", |(_, rest)| rest.split_once('"').unwrap().0)
}

/// Returns the content of the body, up to the page's own script.
fn body(document: &str) -> &str {
    let (_, body) = document.split_once("<body").unwrap();
    body.split_once("<script nonce").unwrap().0
}

fn assert_harmless(document: &str, seen: usize) {
    assert_eq!(attribute(document, "data-seen"), seen.to_string());
    assert_eq!(attribute(document, "data-overflow"), "none");
    assert_eq!(attribute(document, "data-owned"), "");
    let (_, title) = document.split_once("<title>").unwrap();
    let (title, _) = title.split_once("</title>").unwrap();
    // How many are unread stands before it.
    let title = title.split_once(") ").map_or(title, |(unread, title)| {
        assert!(
            unread.strip_prefix('(').unwrap().parse::<u64>().is_ok(),
            "{unread}"
        );
        title
    });
    assert_eq!(title, "logout · sandbox");
    let body = body(document);
    for tag in ["<script", "<img", "<iframe", "<style", "<svg onload"] {
        assert!(!body.contains(tag), "the document has {tag}");
    }
}

#[test]
fn a_log_line_that_is_markup_stays_a_log_line() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.sandbox.set_rate_limits(false);
    for payload in PAYLOADS {
        tracing::error!(field = payload, other = ?payload, "{payload}");
        shop.flush();
        shop.post_everywhere(payload);
    }
    let seen = shop.sandbox.requests().len();
    assert!(seen >= 8 * PAYLOADS.len());
    for (theme, width) in [("dark", 1400), ("light", 500)] {
        let document = browser.document(&shop.url(&format!("still&theme={theme}")), width, seen);
        assert_harmless(&document, seen);
        for payload in PAYLOADS.iter().take(6) {
            let shown = body(&document).matches(&in_source(payload)).count();
            assert!(shown >= 4, "{payload} is shown {shown} times");
        }
    }
}

#[test]
fn a_first_line_is_bold_around_code_and_a_date_is_the_readers() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.log(|| tracing::error!(order = 42, "see main.rs: payment failed"));
    shop.flush();
    let seen = shop.sandbox.requests().len();
    for (chat, shown) in [
        (
            "telegram",
            [
                "<b>see</b> <code>main.rs</code><b>: payment failed</b>",
                "<b>order</b> 42",
            ],
        ),
        (
            "slack",
            [">🔥 see main.rs: payment failed</h4>", "<b>order</b> 42"],
        ),
    ] {
        let document = browser.document(&shop.url(&format!("still&chat={chat}")), 500, seen);
        assert_harmless(&document, seen);
        for shown in shown {
            assert!(body(&document).contains(shown), "{chat}: {shown}");
        }
        if chat == "telegram" {
            let (_, date) = document.split_once("<time title=\"").unwrap();
            let (title, date) = date.split_once("\">").unwrap();
            let (date, _) = date.split_once("</time>").unwrap();
            assert!(title.ends_with(" UTC"), "{title}");
            // `25/11/2026 12:04:31`, wherever the browser is.
            assert!(
                date.len() == 19 && date.matches([':', '/']).count() == 4,
                "{date}"
            );
        }
    }
}

#[test]
fn a_word_without_end_stays_in_its_column() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.sandbox.set_rate_limits(false);
    for word in [
        "w".repeat(3_000),
        "あ".repeat(900),
        "http://x.example/".repeat(99),
    ] {
        tracing::error!(word, "{word}");
        shop.flush();
        shop.post_everywhere(&word);
        shop.post_everywhere(&format!("`{word}` **{word}** ```{word}```"));
    }
    let seen = shop.sandbox.requests().len();
    for (width, chat) in [(1200, "all"), (500, "all"), (700, "zulip")] {
        let document = browser.document(&shop.url(&format!("still&chat={chat}")), width, seen);
        assert_harmless(&document, seen);
    }
}

#[test]
fn both_themes_have_colours_of_their_own() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    let ground = |theme: &str| {
        let document = browser.document(&shop.url(&format!("still&theme={theme}")), 1000, 0);
        attribute(&document, "data-ground").to_owned()
    };
    assert_eq!(ground("light"), "rgb(244, 245, 247)");
    assert_eq!(ground("dark"), "rgb(22, 24, 28)");
}

#[test]
fn a_message_shows_up_in_a_page_that_is_open() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    let mut visitor = browser.session(&shop.url("until=4"));
    assert!(shop.page.wait_until_watched(Duration::from_secs(60)));
    assert!(shop.sandbox.requests().is_empty());
    tracing::error!("the till is empty");
    let document = visitor.document(4);
    assert_harmless(&document, 4);
    assert!(body(&document).matches("the till is empty").count() >= 4);
}

#[test]
fn everything_is_done_by_keyboard_alone() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    let mut visitor = browser.session(&shop.page.url());
    visitor.wait("document.querySelector('#buttons button') !== null");

    visitor.tab_to("it.textContent === 'Storm'");
    visitor.press("Enter");
    assert_eq!(shop.page.pressed().as_deref(), Some("storm"));

    visitor.tab_to("it.textContent.startsWith('All chats')");
    visitor.press("ArrowRight");
    visitor.wait("document.activeElement.textContent.startsWith('Slack')");
    visitor.wait("document.getElementById('chat-zulip').hidden");

    visitor.tab_to("it.matches('#make-trouble summary')");
    visitor.press("Enter");
    visitor
        .tab_to("it.getAttribute('aria-label') === 'Cause outage: Slack answers 503 until healed'");
    visitor.press("Enter");
    visitor.wait("document.querySelector('#trouble-slack').textContent.includes('503')");
    shop.log(checkout::payment_fails);
    visitor.wait("document.querySelector('#exchanges .status.bad').textContent === '503'");

    visitor.tab_to("it.textContent === 'Heal all'");
    visitor.press("Enter");
    assert_eq!(shop.page.pressed().as_deref(), Some("heal"));
    visitor.wait("document.querySelector('#chat-slack .message h4') !== null");
    visitor.tab_to("it.matches('#chat-slack .message .number')");
    visitor.press("Enter");
    visitor.wait("document.querySelector('#detail').textContent.includes('payment failed')");
    visitor.wait("!document.querySelector('#detail h2').textContent.includes('newest')");
    visitor.wait("/^#[0-9a-f]{8}-\\d+$/.test(location.hash)");

    visitor.tab_to("it.textContent === 'Delete message'");
    visitor.press("Enter");
    visitor.wait("document.querySelector('#chat-slack .message') === null");
    visitor.wait("!document.getElementById('empty-slack').hidden");
}

#[test]
fn each_chat_shows_its_own_looks() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.log(checkout::payment_fails);
    shop.flush();
    shop.log(|| tracing::error!(at = "src/main.rs", "*called* `f`: <b> __x__"));
    shop.flush();
    let seen = shop.sandbox.requests().len();
    let document = browser.document(&shop.url("still"), 1400, seen);
    let body = body(&document);
    for looks in [
        "<h4>🔥 payment failed: card declined: gateway answered 402</h4>",
        "style=\"background: rgb(231, 76, 60);\"",
        "border-inline-start-color: rgb(231, 76, 60);",
        "<div class=\"field inline\"><b>customer</b><div class=\"p\">c_1837</div>",
        // Backslashes and references are undone, and a footer reads as it is written.
        "<div class=\"p\">🔥 *called* `f`: &lt;b&gt; __x__</div>",
        "<footer>Corner Shop",
        "🔥 <b>payment failed: card declined: gateway answered 402</b>\nCorner Shop · production",
        "<b># alerts</b><span>shop</span>",
        "🔥 <b>payment failed: card declined: gateway answered 402</b>",
        "<b>customer</b> c_1837 · <b>",
        "🔥 <b>*called* `f`: &lt;b&gt; __x__</b>",
        "<b>at</b> src/main.rs",
        "</code> · <time",
    ] {
        assert!(body.contains(looks), "{looks} is not in {body}");
    }
}

#[test]
fn nobody_but_the_page_is_answered() {
    let sandbox = Sandbox::start().unwrap();
    let page = sandbox.page().button("storm", "Storm").serve().unwrap();
    let url = page.url();
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        client::send(method, &format!("{url}{path}"), headers, body).unwrap()
    };
    let document = ask("GET", "", &[], b"");
    let policy = document.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'nonce-",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert_eq!(document.header("access-control-allow-origin"), None);
    assert!(!document.text().contains("{{"));
    let text = document.text();
    let (_, token) = text.split_once("name=\"token\" content=\"").unwrap();
    let (token, _) = token.split_once('"').unwrap();

    // A second `Host` is another's name too.
    assert_eq!(
        ask("GET", "events?still", &[("Host", "evil.example")], b"").status,
        421
    );
    let evil = [("Host", "evil.example")];
    assert_eq!(ask("GET", "variables", &evil, b"").status, 421);
    let origin = format!("http://{address}");
    let own = [
        ("Content-Type", "application/json"),
        ("X-Sandbox-Token", token),
        ("Origin", &origin),
    ];
    let press = br#"{"press":"storm"}"#;
    assert_eq!(ask("POST", "act", &own[..2], press).status, 403);
    assert_eq!(ask("POST", "act", &own[1..], press).status, 403);
    assert_eq!(ask("POST", "act", &[own[0], own[2]], press).status, 403);
    assert_eq!(ask("POST", "act", &own, press).status, 204);
    assert_eq!(page.pressed().as_deref(), Some("storm"));
    assert_eq!(ask("POST", "act", &own, &[b' '; 70_000]).status, 413);
    assert_eq!(ask("GET", "../etc/passwd", &[], b"").status, 404);
}

#[test]
fn pictures_are_taken_of_every_chat() {
    let Some(browser) = browser::find() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let builder = Pictured::from_figment(sandbox.figment()).unwrap();
    let shop = Shop::of(sandbox, builder);
    shop.log(checkout::cache_is_cold);
    shop.flush();
    shop.log(checkout::payment_fails);
    shop.flush();
    // Whoever is told to wait gathers what happens meanwhile.
    for platform in Platform::ALL {
        let wait = Trouble::rate_limited(Duration::from_secs(2));
        shop.sandbox.trouble(platform, wait.times(1));
    }
    shop.log(checkout::storm);
    shop.flush();

    let heights = [
        ("slack", 980),
        ("discord", 1_080),
        ("telegram", 1_080),
        ("zulip", 1_200),
    ];
    let views = heights.map(|(chat, height)| {
        let query = format!("still&theme=light&chat={chat}&bare");
        (chat.to_owned(), query, (720, height))
    });
    let whole = (
        "sandbox".to_owned(),
        "still&theme=dark".to_owned(),
        (1600, 1000),
    );
    take_pictures(&browser, &shop, views.into_iter().chain([whole]));

    // What a person sees on a phone: these three and three more.
    shop.log(checkout::stock_is_locked);
    shop.flush();
    shop.log(checkout::payment_fails_again);
    shop.flush();
    shop.log(checkout::import_fails);
    shop.flush();
    let phones = heights.iter().flat_map(|(chat, _)| {
        ["light", "dark"].map(|theme| {
            let query = format!("still&theme={theme}&chat={chat}&bare");
            (format!("phone-{chat}-{theme}"), query, (360, 2_400))
        })
    });
    take_pictures(&browser, &shop, phones);
}
