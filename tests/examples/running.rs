//! Examples that go on until they are told to end.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;

use logout::sandbox::{Message, Platform, Sandbox};

use crate::support::TIMEOUT;
use crate::support::example::{run, setting, slack_variable, start};
use crate::support::process::Running;

#[test]
fn the_service_tells_which_request_failed_and_ends_when_it_is_told_to() {
    let sandbox = Sandbox::start().unwrap();
    let mut service = Running::of(start("axum", &[], &[slack_variable(&sandbox)]));
    let address = service.line();
    let address = address
        .strip_prefix("http://")
        .and_then(|text| text.split('/').next())
        .unwrap();
    assert!(get(address, "/checkout/7").starts_with("HTTP/1.1 200 "));
    assert!(get(address, "/checkout/42").starts_with("HTTP/1.1 502 "));
    assert!(get(address, "/checkout/44").starts_with("HTTP/1.1 502 "));
    let status = service.terminate();
    assert_eq!(status.code(), Some(0));

    let told: String = sandbox
        .inbox()
        .iter()
        .map(|message| message.text().to_owned())
        .collect();
    assert!(
        told.contains("payment failed: gateway answered 402"),
        "{told}"
    );
    assert!(
        told.contains("request{id=2 method=GET path=/checkout/42}"),
        "{told}"
    );
    assert!(
        told.contains("order 42") && !told.contains("/checkout/7"),
        "{told}"
    );
    let events: u64 = sandbox.inbox().iter().map(event_count).sum();
    assert_eq!(events, 2, "what came last was sent at the end: {told}");
}

#[cfg(unix)]
#[test]
fn a_service_that_is_terminated_tells_what_it_logged_last() {
    let sandbox = Sandbox::start().unwrap();
    let mut service = Running::of(start("drain", &[], &[slack_variable(&sandbox)]));
    assert!(service.line().ends_with(" is at work"));
    assert!(!sandbox.wait_for(1, TIMEOUT).is_empty());
    // Slack takes one a second, so that some wait.
    let logged = (1..=4).filter(|_| service.line().ends_with("returned"));
    let logged = logged.count() as u64;
    let status = service.terminate();
    assert_eq!(ExitStatusExt::signal(&status), Some(15));
    let errors = service.errors();
    assert!(!errors.contains("not delivered"), "{errors}");
    let told: u64 = sandbox.inbox().iter().map(event_count).sum();
    assert!(logged == 4 && told >= logged, "{:#?}", sandbox.inbox());
}

/// Returns how many events a message counts: `⚠️ ×3 a mail was returned`, or `+2 in the last 5 s` in a
/// reminder.
fn event_count(message: &Message) -> u64 {
    let since = message.text().split_once(", +");
    if let Some((_, since)) = since {
        let count = since.split(' ').next().unwrap_or_default();
        return count.parse().unwrap();
    }
    let words = message.text().split_whitespace();
    let count = words.take(2).find_map(|word| word.strip_prefix('×'));
    count.map_or(1, |count| count.parse().unwrap())
}

#[test]
fn a_rotated_secret_is_used_without_a_restart_and_a_wrong_one_is_not() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Slack, "rotated").unwrap();
    let address = |name: &str| setting(&sandbox, &format!("{name}.url"));
    let secret = std::env::temp_dir().join(format!("logout-secret-{}", std::process::id()));
    // As Kubernetes does it: never half written.
    let rotate = |text: &str| {
        let next = secret.with_extension("next");
        std::fs::write(&next, text).unwrap();
        std::fs::rename(&next, &secret).unwrap();
    };
    rotate(&address("slack"));
    let file = (
        "SLACK_WEBHOOK_URL_FILE",
        secret.to_str().unwrap().to_owned(),
    );
    let mut service = Running::of(start("reload", &[], &[file]));
    let told = |name: &'static str| {
        sandbox.wait_until(TIMEOUT, |inbox| {
            inbox.iter().any(|message| message.destination() == name)
        })
    };
    assert!(told("slack"));

    rotate("nonsense");
    let line = service.line();
    assert!(line.starts_with("the old address stays in use: "), "{line}");
    assert!(
        line.contains("slack.url") && !line.contains("nonsense"),
        "{line}"
    );

    rotate(&address("rotated"));
    assert_eq!(service.line(), "the new address is in use");
    assert!(told("rotated"));
    drop(service);
    std::fs::remove_file(secret).unwrap();
}

#[test]
fn the_sandbox_prints_variables_that_lead_another_program_to_it() {
    let mut sandbox = Running::of(start("sandbox", &[], &[]));
    // The page's address, a blank line and a line of words come first.
    let lines: Vec<_> = (0..11).map(|_| sandbox.line()).collect();
    let variables: Vec<_> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    assert_eq!(variables.len(), 8, "{lines:#?}");
    let text = run("doctor", &variables);
    for found in ["– slack: ", "✓ discord: ", "✓ telegram: ", "✓ zulip: "] {
        assert!(text.contains(found), "{text}");
    }
}

#[test]
fn the_sandbox_serves_its_page_at_the_port_that_it_is_given_and_says_what_is_wrong_with_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = |arguments: &[&str]| {
        let output = start("sandbox", arguments, &[]).wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, problem) = refused(&["--port", &port.to_string()]);
    assert_eq!(code, Some(1), "{problem}");
    let next = if port == u16::MAX { port - 1 } else { port + 1 };
    assert_eq!(
        problem,
        format!(
            "port {port} of 127.0.0.1 is in use, perhaps by another sandbox: end that program, or \
             choose another port: --port {next}\n"
        )
    );
    for (arguments, said) in [
        (vec!["--port"], "--port needs a number: --port 8025"),
        (
            vec!["--port", "x"],
            "`x` is no port: it is a number from 1 to 65535, such as 8025",
        ),
        (vec!["--port=70000"], "`70000` is no port"),
        (vec!["--port", "0"], "`0` is no port"),
        (vec!["8025"], "`8025` is no option of the sandbox"),
    ] {
        let (code, problem) = refused(&arguments);
        assert_eq!(code, Some(2), "{problem}");
        assert!(
            problem.starts_with(said) && problem.contains("Usage: "),
            "{problem}"
        );
    }

    // A port that the system gives to nobody who asks for any: those begin far above.
    let first = 18_000 + (std::process::id() % 1_000) as u16;
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = (first..).find(is_free).unwrap();
    let mut sandbox = Running::of(start("sandbox", &["--port", &port.to_string()], &[]));
    assert_eq!(sandbox.line(), format!("http://127.0.0.1:{port}/"));
    let page = get(&format!("127.0.0.1:{port}"), "/");
    assert!(
        page.starts_with("HTTP/1.1 200 ") && page.contains("<h1>logout"),
        "{page}"
    );
}

/// Returns a service's answer to a request for this path.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
