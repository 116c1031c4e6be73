//! The broker against a real server, where there is one.

use std::future::Future;
use std::time::{Duration, Instant};

use self::server::{Reached, Server};
use super::connection::{ConnectionTarget, LIMIT, RedisConnection};
use super::{BrokerAddress, Redis};
use crate::fleet::{
    Bid, BrokerFault, Done, FaultKind, Lead, Mark, Put, PutOutcome, Session, Takeover, Term,
};
#[cfg(feature = "testing")]
use crate::testing::{BrokerContract, tests::broker::claims};

mod server;

fn put<'a>(sender: &'a str, number: u64, entries: &'a [Vec<u8>]) -> Put<'a> {
    Put {
        sender,
        number,
        entries,
    }
}

/// Tests the contract that every broker keeps, in lanes of its own.
#[cfg(feature = "testing")]
fn holds_the_contract(reached: &Reached) {
    let contract = BrokerContract::new(reached.redis.clone()).fleet(&reached.fleet);
    let contract = contract.most_entries(LIMIT);
    for (name, claim) in claims() {
        // The rights of a user may end at its fleet.
        if name != "nothing_crosses_lanes_or_fleets"
            || reached.fleet == "shop" && !reached.is_limited
        {
            assert_eq!(claim(&contract), Ok(()), "{name}");
        }
    }
}

#[test]
#[cfg(feature = "testing")]
fn a_server_holds_the_contract() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    holds_the_contract(&redis);
}

#[test]
fn what_a_server_keeps_goes_by_itself_and_scripts_that_it_forgets_are_loaded_again() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        for lane in ["slack", "later"] {
            let bid = Bid {
                name: "a",
                epoch: 0,
                term: Duration::from_secs(10),
            };
            session
                .put(lane, &put("a", 1, &[vec![1], vec![2]]))
                .await
                .unwrap();
            session.lead(lane, &bid).await.unwrap();
            let entries = session.read(lane, Mark::default(), 1).await.unwrap();
            let marks = [entries[0].mark];
            let done = Done {
                settled: &marks,
                odd: &marks,
                known: &[(7, vec![7])],
                going: b"going",
            };
            let term = Term {
                name: "a",
                epoch: 1,
                number: 1,
            };
            assert!(session.done(lane, &term, &done).await.unwrap());
            let _flushed: () = session
                .ask(redis::cmd("SCRIPT").arg("FLUSH"))
                .await
                .unwrap();
        }
        assert_eq!(session.notes().await.unwrap(), Vec::<String>::new());
        #[cfg(feature = "verify")]
        session.verify("slack").await.unwrap();
        let keys: Vec<String> = session
            .ask(redis::cmd("KEYS").arg("*verify*"))
            .await
            .unwrap();
        assert_eq!(keys, Vec::<String>::new());
        // All the rest expires.
        let keys: Vec<String> = session.ask(redis::cmd("KEYS").arg("*")).await.unwrap();
        assert!(keys.len() > 16, "{keys:?}");
        for key in keys {
            let left: i64 = session.ask(redis::cmd("PTTL").arg(&key)).await.unwrap();
            assert!(left > 0, "{key} stays for ever");
        }
    });
}

#[test]
fn a_lease_that_nobody_renews_is_anybodys() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        let bid = |name, term| Bid {
            name,
            epoch: 0,
            term: Duration::from_millis(term),
        };
        let taken = session.lead("slack", &bid("a", 100)).await.unwrap();
        assert!(matches!(taken.lead, Lead::Taken(_)), "{taken:?}");
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let answer = session.lead("slack", &bid("b", 100)).await.unwrap();
            if let Lead::Taken(takeover) = answer.lead {
                assert_eq!(takeover.epoch, 2);
                break;
            }
            assert!(Instant::now() < deadline);
        }
    });
}

#[test]
fn a_full_stream_refuses_all_of_a_batch() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        let most = vec![vec![1]; LIMIT - 1];
        let answer = session.put("slack", &put("a", 1, &most)).await.unwrap();
        assert_eq!(answer.outcome, PutOutcome::Stored);
        let two = vec![vec![2]; 2];
        for _ in 0..2 {
            let answer = session.put("slack", &put("b", 1, &two)).await.unwrap();
            assert_eq!(answer.outcome, PutOutcome::Full);
        }
        let answer = session.put("slack", &put("b", 1, &two[1..])).await.unwrap();
        assert_eq!(answer.outcome, PutOutcome::Stored);
    });
}

/// Returns the rights that the guide lists, in its words.
fn documented_rights() -> Vec<&'static str> {
    let page = include_str!("../../../docs/fleet.md");
    let (_, rights) = page.split_once("ACL SETUSER shop").unwrap();
    let (rights, _) = rights.split_once("```").unwrap();
    rights.split_whitespace().collect()
}

/// Starts a server, if one is installed, with a user that has these rights.
fn with_documented_rights() -> Option<(Server, Reached)> {
    let server = Server::start(&[])?;
    let rights = documented_rights();
    server.tell(&[&["ACL", "SETUSER", "shop"], rights.as_slice()].concat());
    let mut redis = server.redis("shop:password@");
    redis.is_limited = true;
    Some((server, redis))
}

#[test]
fn the_rights_that_the_guide_lists_are_enough_and_end_at_the_fleet() {
    let Some((server, redis)) = with_documented_rights() else {
        return;
    };
    #[cfg(feature = "testing")]
    holds_the_contract(&redis);
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        session
            .put("Alerts.slack", &put("a", 1, &[vec![1]]))
            .await
            .unwrap();
        assert_eq!(session.notes().await.unwrap(), Vec::<String>::new());
        // Not even one whose name begins like it.
        for other in ["bakery", "shop-staging"] {
            let other = server.redis_of("shop:password@", other);
            let mut other = other.connect(None).await.unwrap();
            let fault = other.put("Alerts.slack", &put("a", 1, &[vec![1]])).await;
            assert!(fault.unwrap_err().to_string().contains("NOPERM"));
        }
    });
}

#[test]
fn what_a_missing_right_refuses_was_not_done() {
    let Some((server, redis)) = with_documented_rights() else {
        return;
    };
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        for (lane, right) in ["zadd", "set", "xadd"].into_iter().enumerate() {
            let (lane, batch) = (lane.to_string(), [vec![1], vec![2]]);
            server.tell(&["ACL", "SETUSER", "shop", &format!("-{right}")]);
            for _ in 0..2 {
                let fault = session.put(&lane, &put("a", 1, &batch)).await.unwrap_err();
                assert_eq!(fault.kind, FaultKind::Refused, "{right}: {fault}");
                let entries = session.read(&lane, Mark::default(), 9).await.unwrap();
                assert_eq!(entries, [], "{right}");
            }
            server.tell(&["ACL", "SETUSER", "shop", &format!("+{right}")]);
            let stored = session.put(&lane, &put("a", 1, &batch)).await.unwrap();
            assert_eq!(stored.outcome, PutOutcome::Stored, "{right}");
            let entries = session.read(&lane, Mark::default(), 9).await.unwrap();
            assert_eq!(entries.len(), 2, "{right}");
        }
    });
}

#[cfg(feature = "verify")]
#[test]
fn a_check_finds_each_right_that_is_missing_and_leaves_what_is_there() {
    let Some((server, redis)) = with_documented_rights() else {
        return;
    };
    let rights = documented_rights();
    let commands = rights.iter().filter_map(|right| right.strip_prefix('+'));
    let check = async || {
        let mut session = redis.connect(None).await?;
        session.verify("Alerts.slack").await
    };
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        let stored = session.put("Alerts.slack", &put("a", 1, &[vec![1]])).await;
        assert_eq!(stored.unwrap().place.members, 1);
        check().await.unwrap();
        for command in commands {
            // A script that the server has forgotten is loaded anew.
            server.tell(&["SCRIPT", "FLUSH"]);
            server.tell(&["ACL", "SETUSER", "shop", &format!("-{command}")]);
            let fault = check().await.map_err(|fault| fault.to_string());
            let fault = fault.expect_err(command);
            assert!(fault.contains("NOPERM"), "{command}: {fault}");
            server.tell(&["ACL", "SETUSER", "shop", &format!("+{command}")]);
        }
        check().await.unwrap();
        let entries = session.read("Alerts.slack", Mark::default(), 9).await;
        assert_eq!(entries.unwrap().len(), 1);
    });
}

async fn refusal_of<F: Future<Output = ()>>(
    session: Result<RedisConnection<F>, BrokerFault>,
) -> BrokerFault {
    match session {
        Err(fault) => fault,
        Ok(mut session) => session
            .put("slack", &put("a", 1, &[vec![1]]))
            .await
            .unwrap_err(),
    }
}

/// Asserts the code and the advice of a refusal.
fn refuses(server: &Server, credentials: &str, code: &str, advice: &str) {
    let redis = server.redis(credentials);
    let fault = smol::block_on(async { refusal_of(redis.connect(None).await).await });
    let text = fault.to_string();
    assert_eq!(fault.kind, FaultKind::Refused, "{text}");
    assert!(text.contains(code) && text.contains(advice), "{text}");
    assert!(!text.contains("hunter2") && !text.contains('\n'), "{text}");
}

#[test]
fn each_refusal_is_one_line_that_names_what_to_set() {
    let user = ["--user", "weak", "on", ">hunter2", "~*", "+info", "+ping"];
    let settings = [
        &["--user", "default", "on", ">hunter2", "~*", "&*", "+@all"][..],
        &user,
    ];
    let Some(server) = Server::start(&settings.concat()) else {
        return;
    };
    refuses(&server, "", "NOAUTH", "add it to `fleet.url`");
    refuses(
        &server,
        ":hunter2x@",
        "WRONGPASS",
        "correct them in `fleet.url`",
    );
    refuses(&server, "weak:hunter2@", "NOPERM", "give it the rights");
    let redis = server.redis(":hunter2@");
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        let mut command = redis::cmd("REPLICAOF");
        command.arg("127.0.0.1").arg(1);
        let _answer: redis::Value = session.ask(&command).await.unwrap();
    });
    refuses(
        &server,
        ":hunter2@",
        "READONLY",
        "`fleet.url` to the primary",
    );
}

#[test]
fn a_full_memory_is_told_and_drains() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        session
            .put("slack", &put("a", 1, &[vec![1]]))
            .await
            .unwrap();
        server.tell(&["CONFIG", "SET", "maxmemory", "1"]);
        let fault = session.put("slack", &put("a", 2, &[vec![1]])).await;
        let text = fault.unwrap_err().to_string();
        assert!(text.contains("raise `maxmemory`"), "{text}");
        // The leader goes on, so that there is room again.
        let bid = Bid {
            name: "a",
            epoch: 0,
            term: Duration::from_secs(10),
        };
        let answer = session.lead("slack", &bid).await.unwrap();
        let Lead::Taken(Takeover { epoch, .. }) = answer.lead else {
            panic!("{answer:?}");
        };
        let entries = session.read("slack", Mark::default(), 9).await.unwrap();
        let marks: Vec<_> = entries.iter().map(|entry| entry.mark).collect();
        let done = Done {
            settled: &marks,
            odd: &[],
            known: &[(1, vec![1])],
            going: &[],
        };
        let term = Term {
            name: "a",
            epoch,
            number: 1,
        };
        assert!(session.done("slack", &term, &done).await.unwrap());
        assert_eq!(session.read("slack", Mark::default(), 9).await.unwrap(), []);
        // The note is made from the server's answer, and not from what was set.
        server.tell(&["CONFIG", "SET", "maxmemory", "0"]);
        server.tell(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
        let notes = session.notes().await.unwrap();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("allkeys-lru") && notes[0].contains("noeviction"));
    });
}

#[test]
fn a_server_that_goes_away_is_told_and_hangs_nothing() {
    let Some(mut server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    smol::block_on(async {
        let mut session = redis.connect(None).await.unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let fault = session.put("slack", &put("a", 1, &[vec![1]])).await;
        assert_eq!(fault.unwrap_err().kind, FaultKind::Unanswered);
        let fault = redis.connect(None).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Refused);
        assert!(
            fault.to_string().contains("refused the connection"),
            "{fault}"
        );
    });
}

#[test]
fn a_password_that_is_changed_is_told_with_the_key_to_set() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis(":hunter2@");
    smol::block_on(async {
        server.tell(&["CONFIG", "SET", "requirepass", "hunter2"]);
        let mut session = redis.connect(None).await.unwrap();
        let kill = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];
        let mut change = redis::cmd("CONFIG");
        change.arg(&["SET", "requirepass", "changed"]);
        let mut other = redis.connect(None).await.unwrap();
        let _answer: redis::Value = other.ask(&change).await.unwrap();
        let _killed: redis::Value = other
            .ask(redis::cmd(kill[0]).arg(&kill[1..]))
            .await
            .unwrap();
        let fault = session.put("slack", &put("a", 1, &[vec![1]])).await;
        assert_eq!(fault.unwrap_err().kind, FaultKind::Unanswered);
    });
    refuses(
        &server,
        ":hunter2@",
        "WRONGPASS",
        "correct them in `fleet.url`",
    );
}

#[test]
fn a_node_is_followed_where_what_is_sent_stays_as_private_as_it_was() {
    let moved = BrokerFault::new(FaultKind::Refused, "moved");
    let node = |address: &str, to: &str| {
        let address = BrokerAddress::parse(address).unwrap();
        let target = ConnectionTarget::new(&address, "shop".to_owned());
        let node = target.node(&moved.clone().with_moved(Some(to)));
        node.map(|node| node.as_str().to_owned())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        node("rediss://a.example", "10.0.0.7:1"),
        some("https://10.0.0.7:1/")
    );
    assert_eq!(
        node("redis://a.example", "10.0.0.7:1"),
        some("http://10.0.0.7:1/")
    );
    assert_eq!(
        node("redis://localhost", "127.0.0.1:1"),
        some("http://127.0.0.1:1/")
    );
    assert_eq!(node("redis://localhost", "::1:1"), some("http://[::1]:1/"));
    assert_eq!(
        node("rediss://a.example", ":7"),
        some("https://a.example:7/")
    );
    assert_eq!(
        node("rediss://a.example", "?:7"),
        some("https://a.example:7/")
    );
    assert_eq!(node("redis://localhost", "10.0.0.7:1"), None, "in the open");
    assert_eq!(node("redis://localhost", "nowhere"), None);
    let address = BrokerAddress::parse("redis://localhost").unwrap();
    assert_eq!(
        ConnectionTarget::new(&address, String::new()).node(&moved),
        None
    );
}
