//! Faults: why there is no answer, and whether the request may have arrived all the same.

use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use logout::adapter::{Request, Url};
use logout::transport::Fault;

use crate::server::{Face, SHORT, Server, TIMEOUT, post, read_request, read_to_end, wire};

#[test]
fn a_refused_connection_is_not_sent() {
    for face in Face::both(wire) {
        for scheme in ["http", "https"] {
            let url = Url::parse(&format!("{scheme}://127.0.0.1:1/s3cret")).unwrap();
            assert_eq!(
                face.post(&url).unwrap_err(),
                Fault::NotSent("the server refused the connection".into())
            );
        }
    }
}

#[test]
fn an_unknown_host_is_not_sent() {
    for face in Face::both(wire) {
        let url = Url::parse("http://s3cret.invalid/s3cret").unwrap();
        let fault = face.post(&url).unwrap_err();
        assert!(!fault.may_have_arrived(), "{fault}");
        assert!(!fault.to_string().contains("s3cret"), "{fault}");
    }
}

#[test]
fn a_request_that_cannot_be_made_is_not_sent() {
    let mut broken = post(&Url::parse("http://127.0.0.1/").unwrap());
    broken.fail("the message is empty".to_owned());
    for face in Face::both(wire) {
        assert_eq!(
            face.send(&broken).unwrap_err(),
            Fault::Rejected("the message is empty".into())
        );
        let nowhere = face.send(&Request::new()).unwrap_err();
        assert!(!nowhere.may_have_arrived(), "{nowhere}");
    }
}

#[test]
fn a_server_that_closes_without_an_answer_leaves_it_open() {
    for face in Face::both(wire) {
        let server = Server::start(|_, socket| drop(read_request(socket)));
        assert_eq!(
            face.post(&server.url("/")).unwrap_err(),
            Fault::Unknown("the connection was closed too early".into())
        );
        assert_eq!(server.connections(), 1, "it must not be sent again");
    }
}

#[test]
fn a_server_that_closes_at_once_is_not_waited_for() {
    for face in Face::both(wire) {
        let server = Server::start(|_, _| {});
        let begin = Instant::now();
        // Whether something was written before the end was seen is a matter of luck.
        face.post(&server.url("/")).unwrap_err();
        assert!(begin.elapsed() < TIMEOUT);
    }
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    for face in Face::both(|| wire().with_head_timeout(SHORT)) {
        let server = Server::start(|_, socket| read_to_end(socket));
        let begin = Instant::now();
        assert_eq!(
            face.post(&server.url("/")).unwrap_err(),
            Fault::Unknown("no answer within 200ms".into())
        );
        assert!(begin.elapsed() >= SHORT && begin.elapsed() < TIMEOUT);
    }
}

#[test]
fn a_head_that_drips_is_given_up() {
    for face in Face::both(|| wire().with_head_timeout(SHORT)) {
        let server = Server::start(|_, socket| {
            read_request(socket);
            for byte in b"HTTP/1.1 200 OK\r\nX-Long: "
                .iter()
                .chain([b'x'; 9999].iter())
            {
                if socket.write_all(&[*byte]).is_err() {
                    return;
                }
                thread::sleep(SHORT / 20);
            }
        });
        assert_eq!(
            face.post(&server.url("/")).unwrap_err(),
            Fault::Unknown("no answer within 200ms".into())
        );
    }
}

#[test]
fn the_bound_of_the_whole_request_holds_in_every_step() {
    let silent = Server::start(|_, socket| read_to_end(socket));
    let endless = Server::start(|_, socket| {
        read_request(socket);
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
        // The client may be gone before the head is there.
        drop(socket.write_all(head));
        read_to_end(socket);
    });
    // A busy machine may come to no request, or to no head, within a short bound.
    let bounds = std::iter::successors(Some(SHORT), |bound| Some(*bound * 2));
    let mut bounds = bounds.take_while(|bound| *bound < TIMEOUT / 4);
    let comes_far = bounds.any(|bound| {
        let steps = Face::both(|| wire().with_timeout(bound)).map(|face| {
            let begin = Instant::now();
            let silence = face.post(&silent.url("/")).unwrap_err();
            let handshake = face.post(&silent.https("127.0.0.1")).unwrap_err();
            assert!(!handshake.may_have_arrived());
            let body = face.post(&endless.url("/"));
            assert!(begin.elapsed() < TIMEOUT);
            silence.may_have_arrived() && body.is_ok_and(|answer| !answer.is_complete())
        });
        steps == [true; 2]
    });
    assert!(comes_far);
}

#[test]
fn a_handshake_that_hangs_is_not_sent() {
    for face in Face::both(|| wire().with_connect_timeout(SHORT)) {
        let server = Server::start(|_, socket| read_to_end(socket));
        assert_eq!(
            face.post(&server.https("127.0.0.1")).unwrap_err(),
            Fault::NotSent("the TLS handshake took longer than 200ms".into())
        );
    }
}

#[test]
fn a_server_without_tls_is_not_sent() {
    for face in Face::both(wire) {
        let server = Server::start(|_, socket| {
            // Read first: closing with bytes unread would reset the connection.
            std::io::Read::read(socket, &mut [0; 4096]).unwrap();
            socket
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .unwrap();
        });
        assert_eq!(
            face.post(&server.https("127.0.0.1")).unwrap_err(),
            Fault::NotSent("the server does not speak TLS".into())
        );
    }
}

#[test]
fn a_slow_answer_holds_up_no_other_request() {
    for face in Face::both(wire) {
        let slow = Server::start(|_, socket| {
            read_request(socket);
            read_to_end(socket);
        });
        let (quick, _heard) = Server::answering(crate::server::OK);
        let (slow, quick) = (post(&slow.url("/")), post(&quick.url("/")));
        let begin = Instant::now();
        let answer = smol::block_on(smol::future::or(
            async {
                drop(send(&face, &slow).await);
                None
            },
            async { Some(send(&face, &quick).await) },
        ));
        assert_eq!(answer.unwrap().unwrap().status(), 200);
        assert!(begin.elapsed() < Duration::from_secs(15));
    }
}

async fn send(face: &Face, request: &Request) -> Result<logout::adapter::Response, Fault> {
    use logout::transport::Transport as _;
    match face {
        Face::Wire(wire) => wire.send(request).await,
        Face::Surf(surf) => surf.send(request).await,
    }
}
