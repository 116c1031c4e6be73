//! The broker against a real server, where there is one.

use std::fs;
use std::future::Future;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Address, Redis, Session};
use crate::fleet::{
    Bid, Broker, BrokerFault, Done, FaultKind, Going, Lead, Mark, Memory, Put, PutOutcome,
    Takeover, Term,
};
use crate::transport::Wire;

/// A server of Redis on loopback, which ends with the test.
struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Server {
    /// Starts one; tells nothing where there is none on this machine.
    #[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
    fn start(settings: &[&str]) -> Option<Self> {
        // Below those that the system gives to clients: one that asks for the port before the server
        // has it might be connected to itself.
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let mut ports = std::iter::repeat_with(|| fastrand::u16(20_000..30_000));
        let port = ports.find(is_free).unwrap();
        let folder = std::env::temp_dir().join(format!("logout-redis-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", ""]);
        command.arg("--port").arg(port.to_string());
        command.arg("--dir").arg(&folder).args(settings);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = command.spawn() else {
            let is_wanted = std::env::var_os("LOGOUT_NO_SKIP").is_some();
            assert!(
                !is_wanted,
                "there is no redis-server: apt install redis-server"
            );
            eprintln!("skipped: there is no redis-server; apt install redis-server");
            return None;
        };
        let server = Self {
            child,
            port,
            folder,
        };
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    fn redis(&self, credentials: &str) -> Redis {
        let address = format!("redis://{credentials}127.0.0.1:{}", self.port);
        let address = Address::parse(&address).unwrap();
        Redis::new(&address, "shop".to_owned(), Wire::new())
    }

    /// What the server answers a command of the test's own.
    fn tell(&self, arguments: &[&str]) {
        let redis = self.redis("");
        smol::block_on(async {
            let mut session = redis.connect().await.unwrap();
            let mut command = redis::cmd(arguments[0]);
            command.arg(&arguments[1..]);
            let _answer: redis::Value = session.ask(&command).await.unwrap();
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

fn put<'a>(sender: &'a str, number: u64, entries: &'a [Vec<u8>]) -> Put<'a> {
    Put {
        sender,
        number,
        entries,
    }
}

/// What every broker does, on a lane of its own.
async fn holds_the_contract(broker: &mut impl Broker, lane: &str) {
    let entry = |text: &str| text.as_bytes().to_vec();
    let (first, second) = ([entry("one"), entry("two")], [entry("three")]);
    // What is put twice is there once, and who puts is a member.
    let stored = broker.put(lane, &put("a", 1, &first)).await.unwrap();
    assert_eq!(stored.outcome, PutOutcome::Stored);
    assert_eq!((stored.place.members, stored.place.rank), (1, 0));
    assert!(!stored.place.has_leader);
    let again = broker.put(lane, &put("a", 1, &first)).await.unwrap();
    assert_eq!(again.outcome, PutOutcome::Duplicate);
    let other = broker.put(lane, &put("b", 1, &second)).await.unwrap();
    assert_eq!(other.outcome, PutOutcome::Stored);
    assert_eq!((other.place.members, other.place.rank), (2, 1));
    assert!(other.place.time >= stored.place.time);
    let nothing = broker.put(lane, &put("a", 0, &[])).await.unwrap();
    assert_eq!(nothing.place.rank, 0);

    // One leads, until its time is over.
    let bid = |name, epoch, term| Bid { name, epoch, term };
    let taken = broker.lead(lane, &bid("a", 0, 60_000)).await.unwrap();
    let Lead::Taken(Takeover {
        epoch,
        going,
        known,
    }) = taken.lead
    else {
        panic!("{taken:?}");
    };
    assert_eq!((going, known), (Going::default(), Vec::new()));
    assert!(taken.place.has_leader);
    let refused = broker.lead(lane, &bid("b", 0, 60_000)).await.unwrap();
    assert_eq!(refused.lead, Lead::Other);
    let kept = broker.lead(lane, &bid("a", epoch, 60_000)).await.unwrap();
    assert_eq!(kept.lead, Lead::Kept);

    // All is read in its order, from where one was.
    let entries = broker.read(lane, Mark::default(), 2).await.unwrap();
    let texts: Vec<_> = entries.iter().map(|entry| entry.bytes.clone()).collect();
    assert_eq!(texts, first);
    let (one, two) = (entries[0].mark, entries[1].mark);
    let rest = broker.read(lane, two, 500).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].bytes, second[0]);
    let end = broker.read(lane, rest[0].mark, 500).await.unwrap();
    assert_eq!(end, []);

    // What is going, and done, is so for whoever leads alone.
    let term = |name, epoch, number| Term {
        name,
        epoch,
        number,
    };
    let going = Going {
        marks: vec![one, two],
        keys: vec![7],
    };
    assert!(
        !broker
            .going(lane, &term("b", epoch, 1), &going)
            .await
            .unwrap()
    );
    assert!(
        !broker
            .going(lane, &term("a", epoch + 1, 1), &going)
            .await
            .unwrap()
    );
    assert!(
        broker
            .going(lane, &term("a", epoch, 1), &going)
            .await
            .unwrap()
    );
    let settled = [one];
    let known = [(7, entry("seven")), (8, entry("eight"))];
    let left = Going {
        marks: vec![two],
        keys: vec![8],
    };
    let done = Done {
        settled: &settled,
        odd: &settled,
        known: &known,
        going: &left,
    };
    assert!(
        !broker
            .done(lane, &term("b", epoch, 2), &done)
            .await
            .unwrap()
    );
    assert!(
        broker
            .done(lane, &term("a", epoch, 2), &done)
            .await
            .unwrap()
    );
    // A request that comes late does nothing.
    assert!(
        broker
            .going(lane, &term("a", epoch, 1), &going)
            .await
            .unwrap()
    );
    let late = Done {
        known: &[(7, Vec::new())],
        going: &going,
        ..done
    };
    assert!(
        broker
            .done(lane, &term("a", epoch, 2), &late)
            .await
            .unwrap()
    );
    let texts = broker.read(lane, Mark::default(), 500).await.unwrap();
    assert_eq!(texts.len(), 2);

    // Who follows finds what the other left.
    let left_alone = broker.lead(lane, &bid("a", epoch, 0)).await.unwrap();
    assert!(!left_alone.place.has_leader);
    assert!(
        !broker
            .done(lane, &term("a", epoch, 3), &done)
            .await
            .unwrap()
    );
    let taken = broker.lead(lane, &bid("b", 0, 150)).await.unwrap();
    let Lead::Taken(mut takeover) = taken.lead else {
        panic!("{taken:?}");
    };
    assert!(takeover.epoch > epoch);
    takeover.known.sort();
    assert_eq!(takeover.known, [entry("eight"), entry("seven")]);
    assert_eq!(takeover.going, left);
    let forgotten = Done {
        settled: &[two, rest[0].mark],
        odd: &[],
        known: &[(7, Vec::new()), (8, Vec::new())],
        going: &Going::default(),
    };
    let term = term("b", takeover.epoch, 1);
    assert!(broker.done(lane, &term, &forgotten).await.unwrap());
    assert_eq!(broker.read(lane, Mark::default(), 500).await.unwrap(), []);
}

#[test]
fn a_broker_in_memory_holds_the_contract() {
    smol::block_on(holds_the_contract(&mut Memory::of(100), "slack"));
}

#[test]
fn a_server_holds_the_contract() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    smol::block_on(async {
        let mut session = redis.connect().await.unwrap();
        holds_the_contract(&mut session, "slack").await;
        // Nothing crosses to another lane, nor to another fleet.
        holds_the_contract(&mut session, "ops").await;
        let other = Redis::new(
            &Address::parse(&format!("redis://127.0.0.1:{}", server.port)).unwrap(),
            "bakery".to_owned(),
            Wire::new(),
        );
        let mut other = other.connect().await.unwrap();
        holds_the_contract(&mut other, "slack").await;
        // Scripts that the server has forgotten are loaded again.
        let _flushed: () = session
            .ask(redis::cmd("SCRIPT").arg("FLUSH"))
            .await
            .unwrap();
        holds_the_contract(&mut session, "later").await;
        assert_eq!(session.notes().await.unwrap(), Vec::<String>::new());
        #[cfg(feature = "verify")]
        session.check().await.unwrap();
        let keys: Vec<String> = session
            .ask(redis::cmd("KEYS").arg("*verify*"))
            .await
            .unwrap();
        assert_eq!(keys, Vec::<String>::new());
        // All that is left goes by itself.
        let keys: Vec<String> = session.ask(redis::cmd("KEYS").arg("*")).await.unwrap();
        assert!(!keys.is_empty());
    });
}

#[test]
fn a_lease_that_nobody_renews_is_anybodys() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let redis = server.redis("");
    smol::block_on(async {
        let mut session = redis.connect().await.unwrap();
        let bid = |name, term| Bid {
            name,
            epoch: 0,
            term,
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
        let mut session = redis.connect().await.unwrap();
        let most = vec![vec![1]; super::LIMIT - 1];
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

/// The rights that the guide lists, as it lists them.
fn documented_rights() -> Vec<&'static str> {
    let page = include_str!("../../../docs/fleet.md");
    let (_, rights) = page.split_once("ACL SETUSER shop").unwrap();
    let (rights, _) = rights.split_once("```").unwrap();
    rights.split_whitespace().collect()
}

#[test]
fn the_rights_that_the_guide_lists_are_enough_and_end_at_the_fleet() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let rights = documented_rights();
    server.tell(&[&["ACL", "SETUSER", "shop"], rights.as_slice()].concat());
    let redis = server.redis("shop:password@");
    smol::block_on(async {
        let mut session = redis.connect().await.unwrap();
        holds_the_contract(&mut session, "Alerts.slack").await;
        #[cfg(feature = "verify")]
        {
            // It deletes what it has written, which is no part of a fleet's work.
            session.check().await.unwrap();
        }
        assert_eq!(session.notes().await.unwrap(), Vec::<String>::new());
        let address = format!("redis://shop:password@127.0.0.1:{}", server.port);
        let address = Address::parse(&address).unwrap();
        let other = Redis::new(&address, "bakery".to_owned(), Wire::new());
        let mut other = other.connect().await.unwrap();
        let fault = other.put("Alerts.slack", &put("a", 1, &[vec![1]])).await;
        assert!(fault.unwrap_err().to_string().contains("NOPERM"));
    });
}

async fn refusal_of<F: Future<Output = ()>>(
    session: Result<Session<F>, BrokerFault>,
) -> BrokerFault {
    match session {
        Err(fault) => fault,
        Ok(mut session) => session
            .put("slack", &put("a", 1, &[vec![1]]))
            .await
            .unwrap_err(),
    }
}

/// Holds a refusal against what is to be said of it.
fn refuses(server: &Server, credentials: &str, code: &str, advice: &str) {
    let redis = server.redis(credentials);
    let fault = smol::block_on(async { refusal_of(redis.connect().await).await });
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
        let mut session = redis.connect().await.unwrap();
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
        let mut session = redis.connect().await.unwrap();
        session
            .put("slack", &put("a", 1, &[vec![1]]))
            .await
            .unwrap();
        server.tell(&["CONFIG", "SET", "maxmemory", "1"]);
        let fault = session.put("slack", &put("a", 2, &[vec![1]])).await;
        let text = fault.unwrap_err().to_string();
        assert!(text.contains("raise `maxmemory`"), "{text}");
        // Who leads goes on, so that there is room again.
        let bid = Bid {
            name: "a",
            epoch: 0,
            term: 10_000,
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
            going: &Going::default(),
        };
        let term = Term {
            name: "a",
            epoch,
            number: 1,
        };
        assert!(session.done("slack", &term, &done).await.unwrap());
        assert_eq!(session.read("slack", Mark::default(), 9).await.unwrap(), []);
        // The note is made from what the server says, and not from what was set.
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
        let mut session = redis.connect().await.unwrap();
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        let fault = session.put("slack", &put("a", 1, &[vec![1]])).await;
        assert_eq!(fault.unwrap_err().kind, FaultKind::Unanswered);
        let fault = redis.connect().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Refused);
        assert!(
            fault.to_string().contains("refused the connection"),
            "{fault}"
        );
    });
}
