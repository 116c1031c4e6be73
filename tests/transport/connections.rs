//! Reuse of connections, and the connections that must not be reused.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use logout::transport::Fault;

use crate::server::{Face, OK, SHORT, Server, TIMEOUT, post, read_request, read_to_end, wire};

#[test]
fn one_connection_serves_many_requests() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        for _ in 0..5 {
            assert_eq!(face.post(&server.url("/")).unwrap().text(), "ok");
        }
        assert_eq!(server.connections(), 1, "through {}", face.name());
        assert_eq!(heard.try_iter().count(), 5);
    }
}

#[test]
fn each_endpoint_has_a_connection_of_its_own() {
    for face in Face::both(wire) {
        let (first, _heard) = Server::answering(OK);
        let (second, _heard) = Server::answering(OK);
        for _ in 0..3 {
            face.post(&first.url("/")).unwrap();
            face.post(&second.url("/")).unwrap();
        }
        assert_eq!((first.connections(), second.connections()), (1, 1));
    }
}

#[test]
fn a_server_that_wants_to_close_is_obeyed() {
    for face in Face::both(wire) {
        let (server, _heard) =
            Server::answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        for connections in 1..=2 {
            face.post(&server.url("/")).unwrap();
            assert_eq!(server.connections(), connections);
        }
    }
}

#[test]
fn a_connection_that_was_closed_while_idle_costs_no_request() {
    for face in Face::both(wire) {
        let (told, closed) = mpsc::channel();
        let told = Mutex::new(told);
        let server = Server::start(move |_, socket| {
            read_request(socket);
            socket.write_all(OK.as_bytes()).unwrap();
            socket.shutdown(Shutdown::Both).unwrap();
            told.lock().unwrap().send(()).unwrap();
        });
        for connections in 1..=3 {
            assert_eq!(face.post(&server.url("/")).unwrap().status(), 200);
            closed.recv_timeout(TIMEOUT).unwrap();
            assert_eq!(server.connections(), connections);
        }
    }
}

/// Starts a server that answers one request, does `then`, and sends a message when the client has closed.
fn server_that_reports_close(
    then: impl Fn(&TcpStream) + Send + Sync + 'static,
) -> (Server, mpsc::Receiver<()>) {
    let (told, closed) = mpsc::channel();
    let told = Mutex::new(told);
    let server = Server::start(move |_, socket| {
        read_request(socket);
        socket.write_all(OK.as_bytes()).unwrap();
        then(socket);
        read_to_end(socket);
        told.lock().unwrap().send(()).unwrap();
    });
    (server, closed)
}

#[test]
fn an_idle_connection_is_closed_although_nothing_follows() {
    for face in Face::both(|| wire().with_idle_timeout(SHORT)) {
        let (server, closed) = server_that_reports_close(|_| {});
        let begin = Instant::now();
        assert_eq!(face.post(&server.url("/")).unwrap().text(), "ok");
        // Nobody drives the transport any more.
        closed.recv_timeout(TIMEOUT).unwrap();
        assert!(begin.elapsed() >= SHORT, "through {}", face.name());
        assert_eq!(face.post(&server.url("/")).unwrap().text(), "ok");
        assert_eq!(server.connections(), 2);
    }
}

#[test]
fn an_idle_connection_that_the_server_closes_is_closed_at_once() {
    for face in Face::both(wire) {
        let (server, closed) =
            server_that_reports_close(|socket| socket.shutdown(Shutdown::Write).unwrap());
        assert_eq!(face.post(&server.url("/")).unwrap().text(), "ok");
        closed.recv_timeout(TIMEOUT).unwrap();
    }
}

#[test]
fn no_idle_connection_is_kept_where_none_is_wanted() {
    for face in Face::both(|| wire().with_idle_timeout(Duration::ZERO)) {
        let (server, _heard) = Server::answering(OK);
        for connections in 1..=2 {
            face.post(&server.url("/")).unwrap();
            assert_eq!(server.connections(), connections);
        }
    }
}

#[test]
fn bytes_that_nobody_asked_for_are_no_answer() {
    const EVIL: &str = "HTTP/1.1 418 Evil\r\nContent-Length: 0\r\n\r\n";
    for at_once in [true, false] {
        for face in Face::both(wire) {
            let (told, written) = mpsc::channel();
            let (go, gone) = mpsc::channel();
            let (told, gone) = (Mutex::new(told), Mutex::new(gone));
            let server = Server::start(move |_, socket| {
                read_request(socket);
                if at_once {
                    socket.write_all(format!("{OK}{EVIL}").as_bytes()).unwrap();
                    gone.lock().unwrap().recv().unwrap();
                } else {
                    socket.write_all(OK.as_bytes()).unwrap();
                    gone.lock().unwrap().recv().unwrap();
                    socket.write_all(EVIL.as_bytes()).unwrap();
                }
                told.lock().unwrap().send(()).unwrap();
                read_to_end(socket);
            });
            for connections in 1..=2 {
                assert_eq!(face.post(&server.url("/")).unwrap().status(), 200);
                go.send(()).unwrap();
                written.recv_timeout(TIMEOUT).unwrap();
                assert_eq!(server.connections(), connections, "through {}", face.name());
            }
        }
    }
}

#[test]
fn a_reused_connection_that_dies_with_the_request_on_it_is_not_tried_again() {
    for face in Face::both(wire) {
        let server = Server::start(|_, socket| {
            read_request(socket);
            socket.write_all(OK.as_bytes()).unwrap();
            read_request(socket);
        });
        face.post(&server.url("/")).unwrap();
        assert_eq!(
            face.post(&server.url("/")).unwrap_err(),
            Fault::Unknown("the connection was closed too early".into())
        );
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_request_given_up_leaves_no_connection_behind() {
    // The clones share their connections, and only the request that is given up is in a hurry.
    let shared = wire();
    let hurried = Face::both(|| shared.clone().with_head_timeout(SHORT));
    let patient = Face::both(|| shared.clone());
    for (hurried, patient) in hurried.into_iter().zip(patient) {
        let server = Server::start(|number, socket| {
            read_request(socket);
            if number > 0 {
                socket.write_all(OK.as_bytes()).unwrap();
            }
            read_to_end(socket);
        });
        hurried.post(&server.url("/")).unwrap_err();
        assert_eq!(patient.post(&server.url("/")).unwrap().text(), "ok");
        assert_eq!(server.connections(), 2);
    }
}

#[test]
fn requests_at_the_same_time_do_not_wait_for_each_other() {
    use logout::transport::Transport as _;
    let (arrived, both) = mpsc::channel();
    let (arrived, both) = (Mutex::new(arrived), Mutex::new(both));
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(2));
    let server = Server::start(move |_, socket| {
        while read_request(socket).is_some() {
            arrived.lock().unwrap().send(()).unwrap();
            barrier.wait();
            socket.write_all(OK.as_bytes()).unwrap();
        }
    });
    let wire = wire();
    let request = post(&server.url("/"));
    let (first, second) =
        smol::block_on(smol::future::zip(wire.send(&request), wire.send(&request)));
    assert_eq!(
        (first.unwrap().status(), second.unwrap().status()),
        (200, 200)
    );
    assert_eq!(both.lock().unwrap().try_iter().count(), 2);
}

#[test]
fn one_transport_serves_threads() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        assert_eq!(face.post(&server.url("/")).unwrap().text(), "ok");
                    }
                });
            }
        });
        assert_eq!(heard.try_iter().count(), 40);
    }
}
