//! The byte streams under HTTP: a socket, with or without TLS around it.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream};
#[cfg(all(unix, feature = "fleet"))]
use std::os::unix::net::UnixStream;
#[cfg(all(unix, feature = "fleet"))]
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_io::Async;
use futures_lite::io::{AsyncRead, AsyncWrite};
use futures_rustls::client::TlsStream;
#[cfg(all(unix, feature = "fleet"))]
use rustix::io::Errno;
#[cfg(all(unix, feature = "fleet"))]
use rustix::net::SendFlags;

/// The number of successful reads in a row after which the executor gets control back.
///
/// A server that sends faster than it is read would otherwise never let the time-outs, nor the
/// other lanes of the executor, run at all.
const READS_IN_A_ROW: u8 = 32;

/// A connected socket, whose writes raise no SIGPIPE.
///
/// rustls writes vectored, and `writev` has no `MSG_NOSIGNAL`: to a peer that has reset the
/// connection it ends every program that left the signal its default action. std writes by `send`,
/// which has it, so there is no `poll_write_vectored` here but the trait's own, which hands on to
/// `poll_write`. Where sockets have `SO_NOSIGPIPE` instead (Apple's systems), async-io sets it.
#[derive(Debug)]
pub(super) struct Socket(Async<TcpStream>);

impl Socket {
    pub(super) async fn connect(address: SocketAddr) -> io::Result<Self> {
        Async::<TcpStream>::connect(address).await.map(Self)
    }

    pub(super) fn get_ref(&self) -> &TcpStream {
        self.0.get_ref()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.get_ref().shutdown(Shutdown::Write))
    }
}

/// A connected Unix socket, whose writes raise no SIGPIPE either: std's would.
#[cfg(all(unix, feature = "fleet"))]
#[derive(Debug)]
pub(super) struct LocalSocket(Async<UnixStream>);

#[cfg(all(unix, feature = "fleet"))]
impl LocalSocket {
    // Apple's systems have no such flag; async-io sets it on the socket.
    #[cfg(not(target_vendor = "apple"))]
    const FLAGS: SendFlags = SendFlags::NOSIGNAL;
    #[cfg(target_vendor = "apple")]
    const FLAGS: SendFlags = SendFlags::empty();

    pub(super) async fn connect(path: &Path) -> io::Result<Self> {
        Async::<UnixStream>::connect(path).await.map(Self)
    }

    fn poll_write(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            match rustix::net::send(self.0.get_ref(), bytes, Self::FLAGS) {
                Err(Errno::AGAIN) => ready!(self.0.poll_writable(context))?,
                Err(Errno::INTR) => {}
                sent => return Poll::Ready(Ok(sent?)),
            }
        }
    }
}

/// A connected stream.
pub(super) struct Stream {
    layer: StreamKind,
    reads: u8,
}

pub(super) enum StreamKind {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
    #[cfg(all(unix, feature = "fleet"))]
    Local(LocalSocket),
}

impl Stream {
    pub(super) fn over(layer: StreamKind) -> Self {
        Self { layer, reads: 0 }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.reads >= READS_IN_A_ROW {
            self.reads = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let read = match &mut self.layer {
            StreamKind::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            StreamKind::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
            #[cfg(all(unix, feature = "fleet"))]
            StreamKind::Local(socket) => Pin::new(&mut socket.0).poll_read(context, buffer),
        };
        self.reads = if read.is_ready() { self.reads + 1 } else { 0 };
        Poll::Ready(ready!(read))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.layer {
            StreamKind::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            StreamKind::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
            #[cfg(all(unix, feature = "fleet"))]
            StreamKind::Local(socket) => socket.poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            StreamKind::Plain(socket) => Pin::new(socket).poll_flush(context),
            StreamKind::Tls(stream) => Pin::new(stream).poll_flush(context),
            #[cfg(all(unix, feature = "fleet"))]
            StreamKind::Local(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            StreamKind::Plain(socket) => Pin::new(socket).poll_close(context),
            StreamKind::Tls(stream) => Pin::new(stream).poll_close(context),
            #[cfg(all(unix, feature = "fleet"))]
            StreamKind::Local(socket) => Poll::Ready(socket.0.get_ref().shutdown(Shutdown::Write)),
        }
    }
}
