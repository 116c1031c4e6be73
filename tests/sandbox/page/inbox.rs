//! The page as an inbox: reading, searching, deleting.

use std::io::BufReader;
use std::net::TcpStream;

use logout::sandbox::{Platform, Trouble};
use serde_json::json;

use super::{Shop, browser, chats, checkout, client};

/// What is pressed and read in the state that the page is in.
const AUDIT: &str = include_str!("audit.js");

const MESSAGES: &str = "document.querySelectorAll('.message').length";

/// How many messages are shown in all chats.
const SHOWN: &str = "document.querySelectorAll('.message:not([hidden])').length";

/// Returns a shop with messages of many kinds, one chat that is out of order and one that is switched off.
fn busy_shop() -> Shop {
    let shop = Shop::open();
    shop.log(|| {
        checkout::cache_is_cold();
        checkout::payment_fails();
        tracing::error!(
            "see https://example.org/a?b=c and main.rs at 10.0.0.1 by @ops #1234567 <b>"
        );
    });
    shop.flush();
    shop.post_everywhere("`code` **bold** <!channel> @everyone @**ops** ||spoiler|| <@1>");
    shop.sandbox.trouble("discord", Trouble::status(503));
    shop.sandbox.trouble("slack", Trouble::gone());
    tracing::error!("the till is empty");
    shop
}

#[test]
fn everything_fits_from_a_phone_to_a_wide_screen() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = busy_shop();
    let mut visitor = browser.session(&shop.url("until=999999"));
    visitor.wait(&format!("{MESSAGES} >= 12"));
    for (width, side_by_side) in [
        (360, 1),
        (768, 2),
        (1_280, 2),
        (1_599, 2),
        (1_600, 4),
        (1_920, 4),
    ] {
        visitor.resize(width);
        for theme in ["light", "dark"] {
            let what = format!(
                "setTheme('{theme}'), measureAll(), \
                 [document.documentElement.dataset.overflow, innerWidth, \
                 new Set([...document.querySelectorAll('.column:not([hidden])')].map(one => one.getBoundingClientRect().x)).size]"
            );
            let found = visitor.value(&what);
            assert_eq!(
                found,
                json!(["none", width, side_by_side]),
                "{theme} at {width} px"
            );
        }
    }
}

#[test]
fn what_is_pressed_is_as_large_as_a_fingertip_and_every_text_is_easy_to_read() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = busy_shop();
    let mut visitor = browser.session(&shop.page.url());
    visitor.wait(&format!("{MESSAGES} >= 12"));
    visitor.wait("document.querySelector('#lane-slack.off') !== null");
    visitor.value("document.querySelectorAll('details').forEach(one => { one.open = true; })");
    for width in [360, 1_280] {
        visitor.resize(width);
        for theme in ["light", "dark"] {
            visitor.value(&format!("setTheme('{theme}')"));
            assert_eq!(visitor.value(AUDIT), json!([]), "{theme} at {width} px");
            visitor.value("document.getElementById('variables').showModal()");
            assert_eq!(
                visitor.value(AUDIT),
                json!([]),
                "variables, {theme} at {width} px"
            );
            visitor.value("document.getElementById('variables').close()");
        }
    }
}

#[test]
fn an_empty_chat_shows_variables_that_lead_another_program_to_it() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    let mut visitor = browser.session(&shop.page.url());
    for platform in Platform::ALL {
        let chat = platform.instance();
        let recipe = format!("document.querySelectorAll('#empty-{chat} pre')");
        visitor.wait(&format!("{recipe}.length === 2"));
        let text = |index: usize| format!("{recipe}[{index}].textContent");
        let own = visitor.value(&text(0));
        let second = visitor.value(&text(1));
        let lines: Vec<_> = shop.sandbox.variables(platform).into_iter().collect();
        let told = lines
            .iter()
            .map(|(name, value)| format!("export {name}='{value}'"));
        assert_eq!(own, told.collect::<Vec<_>>().join("\n"));
        for (_, value) in &lines {
            assert!(
                second.as_str().unwrap().contains(value.as_str()),
                "{second}"
            );
        }
        assert!(
            second
                .as_str()
                .unwrap()
                .starts_with("export LOGOUT_OPS__URL='http://127.0.0.1:")
        );
    }
    visitor.tab_to("it.matches('#empty-slack input')");
    visitor.value("document.activeElement.select()");
    visitor.write("night");
    visitor.wait("document.querySelectorAll('#empty-slack pre')[1].textContent.startsWith('export LOGOUT_NIGHT__URL=')");
}

#[test]
fn messages_are_found_by_what_they_say_by_chat_and_by_state() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.log(checkout::cache_is_cold);
    shop.flush();
    shop.log(checkout::payment_fails);
    shop.flush();
    shop.log(checkout::payment_fails);
    shop.flush();
    let mut visitor = browser.session(&shop.page.url());
    visitor.wait(&format!("{MESSAGES} === 12 && {SHOWN} === 12"));
    visitor.press("/");
    visitor.write("CACHE miss");
    visitor.wait(&format!("{SHOWN} === 4"));
    visitor.wait("document.getElementById('shown').textContent === '4 of 12 messages'");
    visitor.tab_to("it.textContent === 'Show all'");
    visitor.press("Enter");
    visitor.wait(&format!("{SHOWN} === 12"));

    visitor.value("setFilter({ state: 'known' })");
    visitor.wait(&format!("{SHOWN} === 4"));
    visitor.wait("document.querySelector('#chat-zulip .message:not([hidden]) .tag.known').textContent === 'known, 1 more counted'");
    visitor.value("selectTab('telegram')");
    visitor.wait("[...document.querySelectorAll('#exchanges li')].every(one => one.textContent.includes('telegram'))");
    visitor.wait("document.querySelectorAll('#exchanges li').length === 3");
    visitor.wait("document.querySelectorAll('.destination:not([hidden])').length === 1");

    // The address says all of it.
    let address = visitor.value("location.search");
    assert_eq!(address, "?state=known&chat=telegram");
    let mut other = browser.session(&format!("{}{}", shop.page.url(), address.as_str().unwrap()));
    other.wait("document.querySelectorAll('#chat-telegram .message:not([hidden])').length === 1");
    other.wait("document.getElementById('chat-slack').hidden");
}

#[test]
fn a_link_leads_to_its_message_until_that_is_deleted() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.log(checkout::payment_fails);
    shop.flush();
    shop.log(checkout::cache_is_cold);
    shop.flush();
    let first = "document.querySelector('#chat-slack .number')";
    let mut visitor = browser.session(&shop.page.url());
    visitor.wait(&format!("{MESSAGES} === 8"));
    visitor.value(&format!("{first}.click()"));
    let link = visitor.value("location.href");
    let link = link.as_str().unwrap();

    let mut other = browser.session(link);
    other.wait(&format!("document.activeElement === {first}"));
    other.wait("document.querySelector('#chat-slack .message').classList.contains('chosen')");
    other.wait("document.querySelector('#detail').textContent.includes('payment failed')");

    // What one browser deletes is gone from the sandbox, and from the other one.
    let id = visitor.value(&format!("{first}.textContent"));
    other.press("Delete");
    visitor.wait(&format!("{MESSAGES} === 7"));
    assert_eq!(shop.sandbox.inbox().len(), 7);
    assert_eq!(shop.sandbox.requests().len(), 7);
    let mut late = browser.session(link);
    late.wait(&format!("{MESSAGES} === 7"));
    let told = format!("Request {} was deleted.", id.as_str().unwrap());
    late.wait(&format!(
        "document.getElementById('shown').textContent === '{told}'"
    ));
    // The counters tell of all that arrived.
    late.wait(
        "document.getElementById('arrived').textContent.startsWith('8 messages in 8 requests')",
    );
}

#[test]
fn what_nobody_has_looked_at_is_unread() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    let mut visitor = browser.session(&shop.page.url());
    visitor.wait("document.querySelector('#buttons button') !== null");
    // Nobody looks at the page.
    visitor.value("document.hasFocus = () => false");
    shop.log(checkout::payment_fails);
    shop.flush();
    visitor.wait("document.title === '(4) logout · sandbox'");
    visitor.wait(
        "document.querySelector('#tabs [data-chat=zulip] .unread-count').textContent === '1'",
    );
    visitor.value("document.querySelector('#chat-zulip .number').click()");
    visitor.wait("document.title === '(3) logout · sandbox'");
    visitor.wait("document.querySelector('#chat-zulip .number').getAttribute('aria-label').match(/^Message \\d+$/) !== null");
    visitor.value("setFilter({ unread: true })");
    visitor.wait(&format!("{SHOWN} === 3"));
    // Somebody does.
    visitor.value("document.hasFocus = () => true");
    visitor.wait("document.title === 'logout · sandbox'");
    visitor.value("location.reload()");
    visitor.wait(&format!(
        "{MESSAGES} === 4 && document.title === 'logout · sandbox'"
    ));
}

#[test]
fn the_life_of_a_problem_its_trail_and_a_chat_that_is_switched_off_are_shown() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    let mut visitor = browser.session(&shop.page.url());
    visitor.wait("document.querySelector('#buttons button') !== null");
    shop.log(|| {
        let _request = tracing::info_span!("request", id = 7).entered();
        tracing::info!("charging");
        tracing::error!(fingerprint = "slow", "payments are slow");
    });
    shop.flush();
    shop.log(|| tracing::error!(fingerprint = "slow", "payments are slow"));
    visitor.wait(
        "document.getElementById('lane-slack').textContent.startsWith('1 more counted, told at ')",
    );
    shop.flush();
    visitor.wait("document.querySelector('#chat-slack .tag.known') !== null");
    assert_eq!(
        visitor.value("document.querySelector('#chat-slack .tags').textContent"),
        "newtrail of 1 event"
    );
    visitor.value("document.querySelector('#chat-slack .number').click()");
    visitor.wait("document.querySelector('#detail .trail').textContent.endsWith(' INFO charging')");
    visitor.wait("document.querySelectorAll('#detail .life li').length === 2");

    shop.sandbox.trouble("slack", Trouble::gone());
    shop.log(checkout::cache_is_cold);
    visitor.wait("document.querySelector('#lane-slack.off')?.textContent.startsWith('logout has switched this chat off')");
    assert!(
        shop.guard
            .handle()
            .stats()
            .lane("slack")
            .unwrap()
            .switched_off
    );
    assert!(
        !shop
            .guard
            .handle()
            .stats()
            .lane("zulip")
            .unwrap()
            .switched_off
    );
}

#[test]
fn programs_are_counted_apart() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.log(checkout::payment_fails);
    shop.flush();
    let text = json!({ "text": "⚠️ disk almost full\nGreen Grocer · web-7" });
    let answer = chats::post(&shop.sandbox, Platform::Slack, &text);
    assert_eq!(answer.status, 200);
    let mut visitor = browser.session(&shop.page.url());
    visitor.wait(&format!("{MESSAGES} === 5"));
    let rows = visitor.value(
        "[...document.querySelectorAll('#programs tr')].slice(1).map(row => [...row.children].slice(0, 3).map(cell => cell.textContent))",
    );
    assert_eq!(
        rows,
        json!([["Corner Shop", "4", "4"], ["Green Grocer", "1", "1"]])
    );
    visitor.value("setFilter({ program: 'Green Grocer' })");
    visitor.wait(&format!("{SHOWN} === 1"));
}

/// Scrolls so many frames, one at a time.
const SCROLL: &str = "new Promise(done => {
    const log = document.querySelector('#chat-slack .log');
    log.scrollTop = 0;
    let left = FRAMES;
    const step = () => {
        log.scrollTop += 120;
        left -= 1;
        if (left) requestAnimationFrame(step);
        else done(log.scrollTop);
    };
    requestAnimationFrame(step);
})";

#[test]
fn an_inbox_of_two_thousand_messages_is_whole_and_scrolls_without_a_stutter() {
    let Some(browser) = browser::find() else {
        return;
    };
    let shop = Shop::open();
    shop.sandbox.set_rate_limits(false);
    // Over one connection: as many take longer than all the rest.
    let url = chats::url(&shop.sandbox, Platform::Slack, "slack");
    let (authority, path) = client::split(&url);
    let mut stream = TcpStream::connect(authority).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    for number in 0..2_000 {
        let words = "word ".repeat(40);
        let text = json!({ "text": format!("⚠️ message {number}\nCorner Shop · web-7\n{words}") });
        let text = text.to_string();
        let headers = [chats::JSON];
        client::write(
            &mut stream,
            "POST",
            authority,
            path,
            &headers,
            text.as_bytes(),
        )
        .unwrap();
        assert_eq!(client::read(&mut answers).unwrap().status, 200);
    }
    let mut visitor = browser.session(&shop.url("chat=slack"));
    visitor.wait(&format!("{MESSAGES} === 2000"));
    let frames = 90;
    let before = visitor.seconds_of_work();
    let reached = visitor.value(&SCROLL.replace("FRAMES", &frames.to_string()));
    let each = (visitor.seconds_of_work() - before) / f64::from(frames);
    assert_eq!(reached, json!(120 * frames));
    // Sixty frames a second leave 16.7 ms for each. It is processor time: other programs do not count.
    assert!(each < 0.016_7, "{} ms a frame", each * 1e3);

    visitor.value("setFilter({ q: 'message 1999' })");
    visitor.wait(&format!("{SHOWN} === 1"));
    assert_eq!(
        visitor.value("document.querySelectorAll('#exchanges li').length"),
        json!(200)
    );
}
