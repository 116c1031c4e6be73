//! Previews of what the chats would get, without a thread and without sending.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Waker};

use tracing_subscriber::layer::SubscriberExt as _;

use crate::adapter::Notice;
pub use crate::adapter::preview::MessagePreview;
use crate::config::Settings;
use crate::event::ReentryGuard;
use crate::text::human::events_were;
use crate::text::stderr;
use crate::transport::{Fault, Request, Response, Transport};
use crate::worker::dispatch::Dispatch;
use crate::worker::lane::poll_lane;
use crate::worker::{BlockState, Worker};

/// Returns what the chats would get as text, for tests: `Alerts::preview()`.
///
/// [`events`](Self::events) takes a closure that logs. You read the result by the block's constants
/// (`AlertsAdapter::Slack`), so a misspelt instance is a compile error. An event goes its whole way on this thread, at once
/// and without a secret: levels, filters, `mute`, masks, `format`, and the cuts to each platform's
/// limits. Two things differ from a running program: every event is sent alone, so the text does
/// not depend on the machine's speed, and rate limits do not apply.
///
/// `Alerts::preview()` reads neither files nor environment, so a test has the same result
/// everywhere. [`Builder::preview`](crate::Builder::preview) uses a configuration. Both need the
/// feature `preview`, which is on by default.
///
/// ```
/// use logout::{Slack, Zulip, logout};
///
/// logout! {
///     struct Alerts {
///         project_name: "Corner Shop",
///         adapters: [Slack { level: ERROR }, Zulip { stream: "alerts" }],
///     }
/// }
///
/// let previews = Alerts::preview()?.events(|| {
///     tracing::warn!("cache is cold");
///     tracing::error!(order = 42, password = "hunter2", "payment failed");
/// });
/// assert!(previews.text(AlertsAdapter::Slack).starts_with("🔥 payment failed\nCorner Shop"));
/// assert!(!previews.text(AlertsAdapter::Slack).contains("cache"));
///
/// let zulip: Vec<_> = previews.of(AlertsAdapter::Zulip).collect();
/// assert_eq!(zulip.len(), 2);
/// assert_eq!(zulip[1].place(), "#alerts > Corner Shop");
/// assert!(zulip[1].text().contains("order 42") && !zulip[1].text().contains("hunter2"));
/// # Ok::<(), logout::Error>(())
/// ```
pub struct Previewer<D> {
    dispatch: D,
    settings: Settings,
}

impl<D: Dispatch> Previewer<D> {
    pub(crate) fn new(dispatch: D, mut settings: Settings) -> Self {
        settings.dry_run = true;
        Self { dispatch, settings }
    }

    /// Returns what the chats would get for what `work` logs on this thread.
    ///
    /// `work` runs under a subscriber of its own, which does not see spans that were entered
    /// before.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// fn checkout(order: u32) {
    ///     let _checkout = tracing::info_span!("checkout", order).entered();
    ///     tracing::error!("payment failed");
    /// }
    ///
    /// let previews = Alerts::preview()?.events(|| checkout(42));
    /// assert!(previews.text(AlertsAdapter::Slack).contains("checkout{order=42}"));
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn events(&mut self, work: impl FnOnce()) -> BlockPreview<D> {
        let shared = self.shared();
        if self.settings.enabled {
            let subscriber = tracing_subscriber::registry().with(shared.layer::<D, _>());
            tracing::subscriber::with_default(subscriber, work);
        } else {
            work();
        }
        self.run_lanes(&shared, |_| {})
    }

    /// Returns what the chats would get for a notice, whatever their levels and filters are. Its
    /// text is taken as it is.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Discord] } }
    /// let mut notice = logout::Notice::new(tracing::Level::ERROR, "payment failed");
    /// notice.backtrace = "0: shop::pay\n".repeat(2_000);
    ///
    /// let previews = Alerts::preview()?.notice(&notice);
    /// let preview = previews.iter().next().unwrap();
    /// assert!(preview.text().contains("lines …"));
    /// assert!(preview.files()[0].starts_with("log.txt (26,0"));
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn notice(&mut self, notice: &Notice) -> BlockPreview<D> {
        self.run_lanes(&self.shared(), |worker| {
            let settings = worker.settings();
            for (lane, live) in worker.lanes.iter().zip(&settings.instances) {
                if live.configured {
                    lane.state.borrow_mut().queue_preview(notice);
                }
                lane.notify();
            }
        })
    }

    fn shared(&self) -> Arc<BlockState> {
        let mut settings = self.settings.clone();
        settings.enabled = true;
        // Nothing takes events out before the end, so no caller may wait for that.
        settings.sync_threshold = usize::MAX;
        settings.discard_threshold = usize::MAX;
        Arc::new(BlockState::new(const { &D::BLOCK }, settings))
    }

    /// Runs the lanes on what `before` gave them, and then on the queue's events, one after the
    /// other.
    fn run_lanes(
        &self,
        shared: &Arc<BlockState>,
        before: impl FnOnce(&Worker<FailingTransport>),
    ) -> BlockPreview<D> {
        let _silence = ReentryGuard::enter();
        let worker = Worker::previewing(Arc::clone(shared), FailingTransport);
        before(&worker);
        let mut context = Context::from_waker(Waker::noop());
        let mut lanes = Some(Box::pin(self.dispatch.run(&worker)));
        poll_lane(&mut lanes, &mut context);
        let left_out = worker.take_one_by_one(|| {
            poll_lane(&mut lanes, &mut context);
        });
        if left_out > 0 {
            stderr::write(&left_out_note(left_out));
        }
        // Dropped lanes return their adapters for the next time.
        drop(lanes);
        BlockPreview {
            list: worker.take_previews(),
            left_out,
            block: PhantomData,
        }
    }
}

impl<D> fmt::Debug for Previewer<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Previewer").finish_non_exhaustive()
    }
}

/// A transport that fails: the lanes of a preview never send.
struct FailingTransport;

impl Transport for FailingTransport {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        Err(Fault::NotSent("a preview sends nothing".into()))
    }
}

/// All messages that the chats of a block would get, from a [`Previewer`], in the order of sending.
///
/// Its `Display` is what a dry run prints. Use it in a snapshot test.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [logout::Slack, logout::Discord] } }
/// let previews = Alerts::preview()?.events(|| tracing::error!("payment failed"));
/// assert_eq!(previews.iter().count(), 2);
/// assert_eq!(previews.to_string().matches("payment failed").count(), 2);
/// # Ok::<(), logout::Error>(())
/// ```
pub struct BlockPreview<D> {
    list: Vec<MessagePreview>,
    left_out: u64,
    block: PhantomData<fn() -> D>,
}

impl<D: Dispatch> BlockPreview<D> {
    /// Returns all messages.
    pub fn iter(&self) -> impl Iterator<Item = &MessagePreview> {
        self.list.iter()
    }

    /// Returns the messages of one instance.
    pub fn of(&self, instance: D::Instance) -> impl Iterator<Item = &MessagePreview> {
        let declared = D::BLOCK.instances.get(D::index(instance));
        self.list
            .iter()
            .filter(move |preview| declared.is_some_and(|one| one.name == preview.instance()))
    }

    /// Returns how many events are missing, because a preview keeps its events in the queue's share
    /// of `memory_limit`. Standard error says so, too.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// let previews = Alerts::preview()?.events(|| tracing::error!("payment failed"));
    /// assert_eq!(previews.left_out(), 0);
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Returns the text of all messages of one instance, with a blank line between them; empty if
    /// it would get none.
    #[must_use]
    pub fn text(&self, instance: D::Instance) -> String {
        let texts: Vec<_> = self.of(instance).map(MessagePreview::text).collect();
        texts.join("\n\n")
    }
}

impl<D> fmt::Display for BlockPreview<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, preview) in self.list.iter().enumerate() {
            let apart = if index > 0 { "\n" } else { "" };
            write!(f, "{apart}{preview}")?;
        }
        if self.left_out > 0 {
            write!(f, "\n{}", left_out_note(self.left_out))?;
        }
        Ok(())
    }
}

impl<D> fmt::Debug for BlockPreview<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}

/// Returns the note on events that a preview does not show.
fn left_out_note(left_out: u64) -> String {
    let events = events_were(left_out);
    format!("{events} left out of the preview: all of them take more than `memory_limit` allows")
}
