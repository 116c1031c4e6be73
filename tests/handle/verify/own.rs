//! Adapters of a program's own, which ask their own questions.

use figment::Figment;
use logout::adapter::{Check, Finding, Outcome, Request, Response, SecretUrl, Step};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, logout};
use tracing_subscriber::Registry;

use super::assert_wrong;
use crate::support::TIMEOUT;

/// An adapter that asks what the test wants.
#[derive(Debug, Default, serde::Deserialize)]
struct Own {
    url: SecretUrl,
    manner: String,
}

impl Adapter for Own {
    fn render(&self, _: &Notice, _: Step<'_>, request: &mut Request) {
        request.post(self.url.expose());
    }

    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        request.get(self.url.expose());
        match (&*self.manner, answers) {
            ("panic", [_]) => panic!("it asks nothing"),
            ("endless", _) | (_, []) => Check::Ask,
            ("invalid", _) => {
                request.set_header("x", "a\nb");
                Check::Ask
            }
            (_, [answer, ..]) => Check::from_status(answer, &["url", "manner"]),
        }
    }
}

/// An adapter that asks nothing.
#[derive(Debug, Default, serde::Deserialize)]
struct Silent {
    url: SecretUrl,
}

impl Adapter for Silent {
    fn render(&self, _: &Notice, _: Step<'_>, request: &mut Request) {
        request.post(self.url.expose());
    }
}

/// A transport whose answer depends on the host.
struct Echo;

impl Transport for Echo {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        match request.url().host() {
            "tls.example" => Err(Fault::NotSent(
                "the server's certificate has expired, says https://tls.example/geheim12".into(),
            )),
            "missing.example" => Ok(Response::new(404)),
            _ => Ok(Response::new(200)),
        }
    }
}

#[test]
fn the_programs_own_adapters_ask_their_own_questions() {
    logout! { struct Program { adapters: [Own, Silent] } }
    let ask = |url: &str, manner: &str| -> Vec<Finding> {
        let figment = Figment::from(("own.url", url))
            .merge(("own.manner", manner))
            .merge(("silent.url", "https://silent.example/x"));
        let alerts = Program::from_figment(figment).unwrap().transport(Echo);
        let (_layer, guard) = alerts.start::<Registry>().unwrap();
        guard.handle().verify(TIMEOUT).unwrap()
    };
    let findings = ask("https://own.example/x", "fine");
    assert_eq!(findings[0].to_string(), "✓ own: it answers");
    assert_eq!(findings[1].outcome(), Outcome::Unasked);
    assert!(findings[1].text().contains("no way to check"));

    let wrong = ask("https://missing.example/x", "fine").remove(0);
    assert_wrong(&wrong, &["status 404", "; set `own.url`, `own.manner`"]);
    let tls = ask("https://tls.example/geheim12", "fine").remove(0);
    assert_wrong(&tls, &["certificate has expired"]);
    assert!(!tls.text().contains("geheim"), "{tls}");
    assert_wrong(
        &ask("https://own.example/x", "panic").remove(0),
        &["panicked"],
    );
    assert_wrong(
        &ask("https://own.example/x", "invalid").remove(0),
        &["header `x`"],
    );
    assert_wrong(
        &ask("https://own.example/x", "endless").remove(0),
        &["never end"],
    );
}
