use logout::logout;
use logout::{Fault, Request, Response, Transport};
use tracing_subscriber::prelude::*;

logout! {
    pub struct Alerts {
        project_name: "My App",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}
use logout::{Discord, Slack, Telegram, Zulip};
struct Print;
impl Transport for Print {
    async fn send(&self, r: &Request) -> Result<Response, Fault> {
        eprintln!(
            "{} {}\n{}",
            r.method(),
            r.url().as_str(),
            String::from_utf8_lossy(r.body())
        );
        let mut x = Response::new(200);
        x.set_body(if r.url().as_str().contains("slack") {
            "ok"
        } else if r.url().as_str().contains("tele") {
            r#"{"ok":true,"result":{}}"#
        } else if r.url().as_str().contains("zulip") {
            r#"{"result":"success","id":1}"#
        } else {
            "{\"id\":\"1\"}"
        });
        Ok(x)
    }
}
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (alerts, guard) = Alerts::from_env()?.transport(Print).start()?;
    tracing_subscriber::registry().with(alerts).init();
    tracing::info_span!("request", id = 7).in_scope(|| {
        tracing::error!(
            order = 42,
            password = "hunter2",
            error = &std::io::Error::other("boom") as &(dyn std::error::Error + 'static),
            "payment failed"
        );
    });
    let h = guard.handle();
    println!("{:?}", h.flush(std::time::Duration::from_secs(2)));
    println!("{}", h.stats());
    Ok(())
}
