//! Requests as they are written to the connection.

use logout::adapter::Request;

use crate::server::{Face, OK, Server, TIMEOUT, post, wire};

#[test]
fn a_post_says_all_that_http_asks_for() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        let mut request = post(&server.url("/a/b?c=d&e"));
        request.set_header("X-Extra", "1");
        face.send(&request).unwrap();

        let heard = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(heard.line, "POST /a/b?c=d&e HTTP/1.1");
        assert_eq!(
            heard.header("host"),
            Some(server.address.to_string().as_str())
        );
        assert_eq!(heard.header("content-type"), Some("application/json"));
        assert_eq!(heard.header("content-length"), Some("7"));
        assert_eq!(heard.header("transfer-encoding"), None);
        assert_eq!(heard.header("x-extra"), Some("1"));
        let agent = heard.header("user-agent").unwrap_or_default();
        assert!(agent.starts_with("logout/"), "{agent}");
        assert_eq!(heard.body, br#""hello""#);
    }
}

#[test]
fn an_adapter_names_its_own_user_agent() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        let mut request = post(&server.url("/"));
        request.set_header("User-Agent", "DiscordBot (https://a.example, 1)");
        face.send(&request).unwrap();
        let heard = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(
            heard.header("user-agent"),
            Some("DiscordBot (https://a.example, 1)")
        );
    }
}

#[test]
fn a_header_beyond_ascii_arrives_as_it_was_set() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        let mut request = post(&server.url("/"));
        request
            .set_header("X-Title", "café is closed 🔥")
            .set_header("X-Plain", "1");
        assert_eq!(request.problem(), None);
        face.send(&request).unwrap();
        let heard = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(heard.header("x-title"), Some("café is closed 🔥"));
        assert_eq!(heard.header("x-plain"), Some("1"));
    }
}

#[test]
fn an_empty_post_has_a_length_and_a_get_has_none() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        let mut request = Request::new();
        request.post(&server.url("/"));
        face.send(&request).unwrap();
        request.get(&server.url("/x"));
        face.send(&request).unwrap();

        let empty = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(empty.header("content-length"), Some("0"));
        let get = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(
            (get.line.as_str(), get.header("content-length")),
            ("GET /x HTTP/1.1", None)
        );
    }
}

#[test]
fn a_header_that_would_break_the_framing_is_overruled() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        let mut request = post(&server.url("/"));
        request
            .set_header("Transfer-Encoding", "chunked")
            .set_header("Content-Length", "1")
            .set_header("Host", "evil.example");
        face.send(&request).unwrap();
        let heard = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(heard.header("transfer-encoding"), None);
        assert_eq!(heard.header("content-length"), Some("7"));
        assert_eq!(
            heard.header("host"),
            Some(server.address.to_string().as_str())
        );
    }
}

#[test]
fn a_body_of_a_megabyte_arrives_whole() {
    for face in Face::both(wire) {
        let (server, heard) = Server::answering(OK);
        let body: Vec<u8> = (0..1_000_003u32).map(|n| (n % 251) as u8).collect();
        let mut request = Request::new();
        request
            .post(&server.url("/"))
            .bytes("application/octet-stream", &body);
        face.send(&request).unwrap();
        assert!(heard.recv_timeout(TIMEOUT).unwrap().body == body);
    }
}

#[test]
fn an_ipv6_address_is_reached() {
    use crate::server::read_request;
    use std::io::Write as _;
    let (told, heard) = std::sync::mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let server = Server::at("[::1]:0", move |_, socket| {
        while let Some(request) = read_request(socket) {
            told.lock().unwrap().send(request).unwrap();
            socket.write_all(OK.as_bytes()).unwrap();
        }
    });
    let Ok(server) = server else {
        // Past the capture of the test runner: whoever runs the tests is to see it.
        let _unseen = writeln!(std::io::stderr(), "skipped: this machine has no IPv6");
        return;
    };
    for face in Face::both(wire) {
        assert_eq!(face.post(&server.url("/")).unwrap().status(), 200);
        let heard = heard.recv_timeout(TIMEOUT).unwrap();
        assert_eq!(
            heard.header("host"),
            Some(server.address.to_string().as_str())
        );
    }
}
