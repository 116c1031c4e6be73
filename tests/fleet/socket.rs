//! A broker that listens at a socket of this machine.

use logout::adapter::Outcome;
use logout::sandbox::Sandbox;
use logout::stats::FleetState;

use super::{Alerts, Member, Server, lane, texts, wait_until};
use crate::support::TIMEOUT;

#[test]
fn a_fleet_speaks_over_a_unix_socket_with_user_and_database() {
    let path = std::env::temp_dir().join(format!("logout fleet {}.sock", std::process::id()));
    let path = path.to_str().unwrap();
    let user = ["--user", "shop", "on", ">p@ss", "~*", "&*", "+@all"];
    let settings = [&["--unixsocket", path][..], &user].concat();
    let Some(server) = Server::start_with(&settings) else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let member = |url: String| Member::of(sandbox.figment().merge(("fleet.url", url)));
    let url = format!("unix://shop:p%40ss@{}?db=3", path.replace(' ', "%20"));
    let members = [member(url.clone()), member(url)];
    for member in &members {
        member.log(|| tracing::error!("payment failed"));
    }
    wait_until("it is told", &sandbox, || !texts(&sandbox).is_empty());
    let forwarded = || members.iter().map(|one| lane(one).forwarded).sum::<u64>();
    wait_until("all is handed over", &sandbox, || forwarded() == 2);
    let leads = |member| lane(member).fleet == Some(FleetState::Leading);
    assert_eq!(members.iter().filter(|one| leads(one)).count(), 1);
    assert_eq!(texts(&sandbox).len(), 1, "{:#?}", texts(&sandbox));
    let kept = server.command(&["SELECT 3", "DBSIZE"]);
    assert!(!kept.contains(":0\r\n"), "{kept}");
    let findings = members[0].guard.handle().verify(TIMEOUT).unwrap();
    let found = findings.last().unwrap();
    assert_eq!(found.outcome(), Outcome::Fine, "{found}");
    drop(members);
    let nowhere = member("unix:/hunter2/redis.sock".to_owned());
    let findings = nowhere.guard.handle().verify(TIMEOUT).unwrap();
    let found = findings.last().unwrap().to_string();
    assert!(found.contains("there is no socket of that path"), "{found}");
    assert!(!found.contains("hunter2"), "{found}");
    let _removed = std::fs::remove_file(path);
}

#[test]
fn a_socket_that_is_to_have_tls_is_refused_in_words() {
    let sandbox = Sandbox::start().unwrap();
    let wrong = |url: &str| {
        let figment = sandbox.figment().merge(("fleet.url", url));
        Alerts::from_figment(figment).unwrap_err().to_string()
    };
    for url in ["rediss:///hunter2.sock", "rediss+unix:/hunter2.sock"] {
        let said = wrong(url);
        assert!(said.contains("a Unix socket has no TLS"), "{said}");
        assert!(
            said.contains("fleet.url") && !said.contains("hunter2"),
            "{said}"
        );
    }
}
