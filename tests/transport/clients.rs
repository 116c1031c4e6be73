//! A program's own surf client, with whatever is in it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use logout::adapter::{Response, Url};
use logout::transport::{Fault, Surf};
use surf::http::{Request, StatusCode};
use surf::middleware::{Middleware, Next};
use surf::{Body, Client, Config, HttpClient};

use crate::server::{Face, Server, TIMEOUT, wire};

fn client(http_client: impl HttpClient) -> Client {
    Client::try_from(Config::new().set_http_client(http_client)).unwrap()
}

fn post(client: Client) -> Result<Response, Fault> {
    let url = Url::parse("https://hooks.example/s3cret").unwrap();
    Face::Surf(Surf::with_client(client)).post(&url)
}

/// A client that does what it is told to.
#[derive(Debug)]
enum Foreign {
    Endless,
    Breaking,
    Failing,
}

/// The same byte for ever, or an error after some.
struct Tap {
    breaks: bool,
}

impl smol::io::AsyncRead for Tap {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.breaks {
            let text = "https://hooks.example/s3cret broke";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionReset, text)));
        }
        buffer.fill(b'x');
        Poll::Ready(Ok(buffer.len()))
    }
}

#[surf::utils::async_trait]
impl HttpClient for Foreign {
    async fn send(&self, request: Request) -> Result<surf::http::Response, surf::Error> {
        let breaks = match self {
            Self::Failing => {
                let text = format!("cannot reach {}", request.url());
                return Err(io::Error::new(io::ErrorKind::TimedOut, text).into());
            }
            Self::Breaking => true,
            Self::Endless => false,
        };
        let reader = smol::io::BufReader::new(Tap { breaks });
        let mut answer = surf::http::Response::new(StatusCode::Ok);
        answer.set_body(Body::from_reader(reader, None));
        Ok(answer)
    }
}

#[test]
fn its_headers_and_middleware_are_kept() {
    struct Signature;

    #[surf::utils::async_trait]
    impl Middleware for Signature {
        async fn handle(
            &self,
            mut request: surf::Request,
            client: Client,
            next: Next<'_>,
        ) -> surf::Result<surf::Response> {
            request.insert_header("x-signed-by", "me");
            next.run(request, client).await
        }
    }

    let (server, heard) = Server::answering("HTTP/1.1 522 \r\nContent-Length: 0\r\n\r\n");
    let config = Config::new()
        .set_http_client(wire())
        .add_header("x-team", "ops")
        .unwrap();
    let client = Client::try_from(config).unwrap().with(Signature);
    let face = Face::Surf(Surf::with_client(client));
    assert_eq!(face.post(&server.url("/")).unwrap().status(), 522);
    let heard = heard.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(heard.header("x-signed-by"), Some("me"));
    assert_eq!(heard.header("x-team"), Some("ops"));
}

#[test]
fn middleware_that_answers_itself_is_believed() {
    struct Refusing;

    #[surf::utils::async_trait]
    impl Middleware for Refusing {
        async fn handle(
            &self,
            request: surf::Request,
            client: Client,
            next: Next<'_>,
        ) -> surf::Result<surf::Response> {
            let mut answer: surf::http::Response = next.run(request, client).await?.into();
            answer.set_status(StatusCode::Forbidden);
            answer.set_body("blocked");
            Ok(answer.into())
        }
    }

    let (server, _heard) = Server::answering("HTTP/1.1 520 \r\nContent-Length: 0\r\n\r\n");
    let client = client(wire()).with(Refusing);
    let answer = Face::Surf(Surf::with_client(client))
        .post(&server.url("/"))
        .unwrap();
    assert_eq!((answer.status(), answer.text().as_ref()), (403, "blocked"));
}

#[test]
fn its_endless_answer_is_cut_too() {
    assert_eq!(post(client(Foreign::Endless)).unwrap().body().len(), 65_536);
}

#[test]
fn its_errors_may_mean_anything_and_are_not_quoted() {
    assert_eq!(
        post(client(Foreign::Failing)).unwrap_err(),
        Fault::Unknown("the surf client failed: timed out".into())
    );
    let broken = post(client(Foreign::Breaking)).unwrap();
    assert_eq!((broken.status(), broken.is_complete()), (200, false));
}

#[test]
fn what_it_cannot_send_is_rejected_and_not_tried_again() {
    let mut request = crate::server::post(&Url::parse("https://hooks.example/s3cret").unwrap());
    request.set_header("x-title", "café is closed");
    let face = Face::Surf(Surf::with_client(client(Foreign::Endless)));
    let fault = face.send(&request).unwrap_err();
    assert!(matches!(fault, Fault::Rejected(_)), "{fault}");
    assert!(fault.to_string().contains("outside ASCII"), "{fault}");
}
