//! The inbox in a browser.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Serialize;
use smol::Timer;
use smol::channel::{self, Receiver, Sender, WeakSender};

use super::Sandbox;
use super::server::ServerCommand;
use super::state::SharedState;

mod access;
mod page_state;
mod server;
mod views;

#[cfg(test)]
mod tests;

use self::page_state::PageState;

/// How many presses of buttons wait for [`Page::pressed`]; more are refused.
const PRESSES: usize = 16;

impl Sandbox {
    /// Shows the sandbox in a browser: each message as it looks in its chat, live, beside the raw
    /// request, the answer and the rate limits, with buttons that make trouble.
    ///
    /// ```
    /// use logout::sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::start()?;
    /// let page = sandbox.page().button("storm", "Fire a storm").serve()?;
    /// assert!(page.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn page(&self) -> PageBuilder<fn()> {
        PageBuilder {
            shared: Arc::clone(&self.shared),
            commands: self.weak_commands(),
            stats: || (),
            buttons: Vec::new(),
            port: 0,
            most: None,
        }
    }
}

/// A builder for the [page](Sandbox::page): what it shows beside the messages, and at which port.
/// [`Sandbox::page`] creates one and has an example.
#[must_use = "the page is there once `serve` is called"]
pub struct PageBuilder<F> {
    shared: Arc<SharedState>,
    commands: WeakSender<ServerCommand>,
    stats: F,
    buttons: Vec<(String, String)>,
    port: u16,
    most: Option<usize>,
}

impl<F> PageBuilder<F> {
    /// Shows the counters of the program under test, with a plot over time: `stats` is called
    /// twice a second, on the page's own thread.
    ///
    /// The page knows the shape of `Stats` as `Handle::stats` gives it; without counters the strip
    /// is left out.
    ///
    /// ```
    /// use logout::{Stats, sandbox::Sandbox};
    ///
    /// let sandbox = Sandbox::start()?;
    /// # let stats = || Stats::default();
    /// // In a program: `let stats = move || handle.stats();`
    /// let page = sandbox.page().stats(stats).serve()?;
    /// assert!(page.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stats<G, S>(self, stats: G) -> PageBuilder<G>
    where
        G: Fn() -> S + Send + 'static,
        S: Serialize,
    {
        PageBuilder {
            shared: self.shared,
            commands: self.commands,
            stats,
            buttons: self.buttons,
            port: self.port,
            most: self.most,
        }
    }

    /// Adds a button with `label` on it. Each press of it is told by [`Page::pressed`], as `name`.
    pub fn button(mut self, name: impl Into<String>, label: impl Into<String>) -> Self {
        self.buttons.push((name.into(), label.into()));
        self
    }

    /// Serves at this port of 127.0.0.1 instead of a free one, so that a browser's tab outlives
    /// the program. [`serve`](Self::serve) fails where something else has it.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Keeps the newest `requests` alone, with the messages that came of them, so that an inbox which
    /// people leave open does not grow without end. All are kept unless this is called.
    ///
    /// What goes, goes from [`Sandbox::inbox`] and [`Sandbox::requests`] too.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// let page = sandbox.page().keep(2_000).serve()?;
    /// assert!(page.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn keep(mut self, requests: usize) -> Self {
        self.most = Some(requests.max(1));
        self
    }

    /// Serves the page, at a port of its own and on a thread of its own, until the returned value
    /// is dropped.
    ///
    /// Only loopback is listened at; requests that name another host, and presses that do not come
    /// from the page itself, are refused.
    ///
    /// # Errors
    ///
    /// If the port is taken or the thread cannot be started.
    pub fn serve<S>(self) -> io::Result<Page>
    where
        F: Fn() -> S + Send + 'static,
        S: Serialize,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        let address = listener.local_addr()?;
        let (pressed, presses) = channel::bounded(PRESSES);
        let (open, closed) = channel::bounded(1);
        let (seen, watched) = channel::bounded(1);
        let page_state = PageState::new(self, pressed, seen);
        let thread = thread::Builder::new()
            .name("logout-sandbox-page".to_owned())
            .spawn(move || smol::block_on(server::serve(page_state, listener, closed)))?;
        Ok(Page {
            address,
            presses,
            watched,
            open: Some(open),
            thread: Some(thread),
        })
    }
}

impl<F> fmt::Debug for PageBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageBuilder")
            .field("buttons", &self.buttons)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// The inbox in a browser, for as long as this value lives. [`Sandbox::page`] has an example.
#[must_use = "dropping it closes the page"]
pub struct Page {
    address: SocketAddr,
    presses: Receiver<String>,
    watched: Receiver<()>,
    open: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Page {
    /// Returns where the page is, to be opened in a browser.
    ///
    /// `?chat=slack` shows one chat, and with `&bare` nothing around it; `q`, `state` (`new`, `known`,
    /// `worse`, `quiet`, `report`, `other`), `program` and `unread` show some of its messages alone;
    /// `?theme=dark` or `light` sets the theme; `?still` shows what is there and `?until=9` the first
    /// nine requests, without waiting for more.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Waits for the next press of a [button](PageBuilder::button), and gives its name.
    ///
    /// A press of "heal" is told as `heal` after the sandbox is healed, so that the program can
    /// give up what it concluded from the trouble. `None` if the page cannot be pressed any more.
    ///
    /// ```no_run
    /// # let sandbox = logout::sandbox::Sandbox::start()?;
    /// let page = sandbox.page().button("storm", "Fire a storm").serve()?;
    /// while let Some(button) = page.pressed() {
    ///     if button == "storm" {
    ///         // ... log a thousand errors
    ///     }
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn pressed(&self) -> Option<String> {
        self.presses.recv_blocking().ok()
    }

    /// Waits until a browser follows what happens, at most `timeout`; returns whether one does.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// let page = sandbox.page().serve()?;
    /// assert!(!page.wait_until_watched(Duration::from_millis(1)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn wait_until_watched(&self, timeout: Duration) -> bool {
        let watched = async { self.watched.recv().await.is_ok() };
        let time_is_up = async {
            Timer::after(timeout).await;
            false
        };
        smol::block_on(smol::future::or(watched, time_is_up))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.open = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by the panic hook.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}
