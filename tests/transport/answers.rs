//! Answers as servers really send them, of which everything readable is read and nothing more is trusted.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;

use logout::adapter::Response;
use logout::transport::{Fault, Wire};

use crate::server::{Face, OK, SHORT, Server, TIMEOUT, read_request, read_to_end, wire};

fn answer_to_both(raw: &'static [u8], check: impl Fn(Result<Response, Fault>)) {
    for face in Face::both(wire) {
        let (server, _heard) = Server::answering(raw);
        eprintln!("through {}", face.name());
        check(face.post(&server.url("/")));
    }
}

#[test]
fn a_status_that_no_list_knows_is_kept() {
    for (raw, status) in [
        ("HTTP/1.1 520 \r\nContent-Length: 0\r\n\r\n", 520),
        (
            "HTTP/1.1 499 Client Closed\r\nContent-Length: 0\r\n\r\n",
            499,
        ),
        ("HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n", 299),
        ("HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n", 999),
    ] {
        answer_to_both(raw.as_bytes(), |answer| {
            assert_eq!(answer.unwrap().status(), status);
        });
    }
}

#[test]
fn a_header_in_another_encoding_spoils_nothing() {
    answer_to_both(
        b"HTTP/1.1 429 \xDCberlast\r\nX-Latin: \xFCber\r\nX-Utf: \xC3\xBCber\r\n\
          Retry-After: 1.5\r\nContent-Length: 0\r\n\r\n",
        |answer| {
            let answer = answer.unwrap();
            assert_eq!(answer.status(), 429);
            assert_eq!(
                answer.header_seconds("retry-after").unwrap().as_millis(),
                1500
            );
            assert!(answer.header("x-latin").unwrap().ends_with("ber"));
            assert!(answer.header("X-UTF").unwrap().ends_with("ber"));
        },
    );
}

#[test]
fn interim_answers_are_skipped() {
    answer_to_both(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
          HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        |answer| {
            let answer = answer.unwrap();
            assert_eq!((answer.status(), answer.body()), (200, b"ok".as_slice()));
        },
    );
}

#[test]
fn a_switch_to_another_protocol_ends_the_connection() {
    for face in Face::both(wire) {
        let (server, _heard) = Server::answering(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: smoke\r\n\r\n",
        );
        for connections in 1..=2 {
            assert_eq!(face.post(&server.url("/")).unwrap().status(), 101);
            assert_eq!(server.connections(), connections);
        }
    }
}

#[test]
fn a_redirect_is_an_answer_and_not_followed() {
    for face in Face::both(wire) {
        let (elsewhere, heard) = Server::answering(OK);
        let redirect = format!(
            "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
            elsewhere.url("/").as_str()
        );
        let (server, _heard) = Server::answering(redirect);
        assert_eq!(face.post(&server.url("/s3cret")).unwrap().status(), 302);
        assert_eq!(elsewhere.connections(), 0);
        drop(heard);
    }
}

#[test]
fn every_framing_of_a_body_is_read() {
    for raw in [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3;x=y\r\n:1}\r\n0\r\n\r\n"
            .as_slice(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
    ] {
        answer_to_both(raw, |answer| {
            assert_eq!(answer.unwrap().text(), r#"{"a":1}"#);
        });
    }
    for face in Face::both(wire) {
        let server = Server::start(|_, socket| {
            read_request(socket);
            socket
                .write_all(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")
                .unwrap();
        });
        assert_eq!(face.post(&server.url("/")).unwrap().text(), "until the end");
    }
}

#[test]
fn an_endless_body_is_cut_at_64_kib_and_its_connection_closed() {
    for face in Face::both(wire) {
        let server = Server::start(|_, socket| {
            while read_request(socket).is_some() {
                let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n";
                let mut sent = socket.write_all(head);
                while sent.is_ok() {
                    sent = socket.write_all(&[b'x'; 8192]);
                }
            }
        });
        for connections in 1..=2 {
            let answer = face.post(&server.url("/")).unwrap();
            assert_eq!((answer.status(), answer.body().len()), (200, 65_536));
            assert!(answer.is_complete(), "what is cut at the bound is judged");
            assert_eq!(server.connections(), connections, "through {}", face.name());
        }
    }
}

#[test]
fn a_body_of_exactly_64_kib_is_whole() {
    for face in Face::both(wire) {
        let mut raw = b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n".to_vec();
        raw.resize(raw.len() + 65_536, b'x');
        let (server, _heard) = Server::answering(raw);
        for _ in 0..2 {
            assert_eq!(face.post(&server.url("/")).unwrap().body().len(), 65_536);
        }
        assert_eq!(server.connections(), 1, "through {}", face.name());
    }
}

#[test]
fn an_endless_header_is_refused_soon() {
    for face in Face::both(wire) {
        let server = Server::start(|_, socket| {
            read_request(socket);
            let mut sent = socket.write_all(b"HTTP/1.1 200 OK\r\nX: ");
            while sent.is_ok() {
                sent = socket.write_all(&[b'x'; 8192]);
            }
        });
        let fault = face.post(&server.url("/")).unwrap_err();
        assert_eq!(
            fault,
            Fault::Unknown("the answer cannot be read as HTTP: message head is too large".into())
        );
    }
}

#[test]
fn endless_interim_answers_do_not_outlast_the_time_for_the_head() {
    for face in Face::both(|| wire().with_head_timeout(SHORT)) {
        let server = Server::start(|_, socket| {
            read_request(socket);
            let hints = b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(300);
            while socket.write_all(&hints).is_ok() {}
        });
        let (told, answer) = mpsc::channel();
        // On a thread of its own, since the failure to be seen is that it never returns.
        thread::spawn(move || told.send(face.post(&server.url("/"))));
        assert_eq!(
            answer.recv_timeout(TIMEOUT).unwrap().unwrap_err(),
            Fault::Unknown("no answer within 200ms".into())
        );
    }
}

#[test]
fn an_answer_that_is_no_http_is_a_fault() {
    for raw in [
        b"SSH-2.0-OpenSSH_9.7\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
    ] {
        answer_to_both(raw, |answer| {
            let fault = answer.unwrap_err();
            assert!(fault.may_have_arrived());
            let text = fault.to_string();
            assert!(text.contains("cannot be read as HTTP"), "{text}");
        });
    }
}

/// Asserts that an answer which can be read in part alone gives status and the part, and that its connection
/// is not used again.
fn assert_read_in_part(
    wire: impl Fn() -> Wire,
    answer: impl Fn(&mut TcpStream) + Copy + Send + Sync + 'static,
    read: &[u8],
) {
    for face in Face::both(wire) {
        let server = Server::start(move |_, socket| {
            read_request(socket);
            answer(socket);
        });
        let answer = face.post(&server.url("/")).unwrap();
        let seen = (answer.status(), answer.body(), answer.is_complete());
        assert_eq!(seen, (200, read, false), "through {}", face.name());
        assert_eq!(answer.header("x-id"), Some("7"));
        // What may still come on it is no answer to the next.
        face.post(&server.url("/")).unwrap();
        assert_eq!(server.connections(), 2, "through {}", face.name());
    }
}

fn say(socket: &mut TcpStream, text: &[u8]) {
    socket.write_all(text).unwrap();
}

#[test]
fn a_body_cut_short_is_an_answer_that_is_not_complete() {
    assert_read_in_part(
        wire,
        |socket| {
            let head = b"HTTP/1.1 200 OK\r\nX-Id: 7\r\nContent-Length: 1000\r\n\r\nabc";
            say(socket, head);
        },
        b"abc",
    );
    assert_read_in_part(
        wire,
        |socket| {
            let head = b"HTTP/1.1 200 OK\r\nX-Id: 7\r\nTransfer-Encoding: chunked\r\n\r\n";
            say(socket, head);
            say(socket, b"3\r\nabc\r\nno length");
        },
        b"abc",
    );
}

#[test]
fn silence_after_the_head_is_an_answer_that_is_not_complete() {
    assert_read_in_part(
        || wire().with_body_timeout(SHORT),
        |socket| {
            say(
                socket,
                b"HTTP/1.1 200 OK\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\n",
            );
            read_to_end(socket);
        },
        b"",
    );
}

#[test]
fn a_slow_body_is_not_waited_for() {
    for face in Face::both(|| wire().with_body_timeout(SHORT)) {
        let server = Server::start(|_, socket| {
            read_request(socket);
            let mut sent = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            while sent.is_ok() {
                thread::sleep(SHORT / 10);
                sent = socket.write_all(b"x");
            }
        });
        let answer = face.post(&server.url("/")).unwrap();
        assert!(!answer.is_complete() && answer.body().len() < 1000);
        assert!(answer.body().iter().all(|byte| *byte == b'x'));
    }
}

#[test]
fn a_compressed_body_is_not_asked_for_and_not_believed() {
    let packed =
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\0";
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(packed);
        let answer = face.post(&server.url("/")).unwrap();
        assert_eq!((answer.status(), answer.is_complete()), (200, false));
        let heard = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(heard.header("accept-encoding"), Some("identity"));
    }
    answer_to_both(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
        |answer| assert!(answer.unwrap().is_complete()),
    );
}

#[test]
fn an_answer_before_the_request_is_read_is_taken() {
    for face in Face::both(wire) {
        let server = Server::start(|_, socket| {
            let raw = b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            socket.write_all(raw).unwrap();
            read_to_end(socket);
        });
        let mut request = logout::adapter::Request::new();
        request
            .post(&server.url("/"))
            .bytes("text/plain", &vec![b'x'; 20_000_000]);
        // The answer may come before a byte of the request is written; then it is no answer.
        match face.send(&request) {
            Ok(answer) => assert_eq!(answer.status(), 413),
            Err(fault) => assert!(!fault.may_have_arrived(), "{fault}"),
        }
    }
}
