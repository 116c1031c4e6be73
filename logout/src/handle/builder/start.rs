//! From a builder to what runs: the layer, the guard and the worker.

use std::sync::Arc;

use super::{Builder, parts};
use crate::capture::layer::{AlertsLayer, Layer};
use crate::config::Error;
use crate::event::ReentryGuard;
use crate::handle::running::Running;
use crate::handle::{Guard, Handle};
use crate::transport::Transport;
use crate::worker::dispatch::Dispatch;
use crate::worker::stats::LaneStats;
use crate::worker::{Parts, WorkerFuture};

impl<D: Dispatch, T: Transport> Builder<D, T> {
    /// Everything but a place to run; no worker where logout is turned off.
    #[expect(
        clippy::type_complexity,
        reason = "an alias would hide more than it explains"
    )]
    pub(super) fn prepare<S>(self) -> (AlertsLayer<D, S>, Guard<D>, Option<Prepared<D, T>>) {
        let Self {
            dispatch,
            settings,
            transport,
            stack_size: _,
        } = self;
        let running = Arc::new(Running::new(dispatch, &D::BLOCK, &settings));
        let lanes = D::BLOCK
            .instances
            .iter()
            .map(|instance| LaneStats::new(instance.name));
        running.board.publish(lanes);
        if settings.enabled && settings.dry_run {
            crate::worker::stderr::write(
                "dry run: nothing is sent; what each chat would get is shown here instead",
            );
        }
        for note in &settings.notes {
            crate::worker::stderr::write(note);
        }
        let layer = Layer::filtered(
            Arc::clone(&running.queue),
            Arc::clone(&running.levels),
            Arc::clone(&running.limits),
        );
        let guard = Guard::new(Handle::new(Arc::clone(&running)), settings.shutdown_timeout);
        if !settings.enabled {
            running.queue.close();
            running.control.end();
            return (layer, guard, None);
        }
        let parts = parts(&running, settings);
        let prepared = Prepared {
            running,
            parts,
            transport,
        };
        (layer, guard, Some(prepared))
    }
}

/// What becomes a [`WorkerFuture`] where the worker is to run.
pub(super) struct Prepared<D, T> {
    pub(super) running: Arc<Running<D>>,
    parts: Parts,
    transport: T,
}

impl<D: Dispatch, T: Transport> Prepared<D, T> {
    pub(super) fn post(self) -> WorkerFuture<D, T> {
        let (dispatch, control) = (&self.running.dispatch, &self.running.control);
        WorkerFuture::new(
            Arc::clone(dispatch),
            Arc::clone(control),
            self.parts,
            self.transport,
        )
    }
}

pub(super) fn spawn<D: Dispatch, T: Transport + Send>(
    stack_size: Option<usize>,
    prepared: Prepared<D, T>,
) -> Result<(), Error> {
    let mut thread = std::thread::Builder::new().name("logout".to_owned());
    if let Some(bytes) = stack_size {
        thread = thread.stack_size(bytes);
    }
    let spawned = thread.spawn(move || {
        // The executor and the transport's end belong to the sending as well.
        let _silence = ReentryGuard::enter();
        async_io::block_on(prepared.post().serve());
    });
    spawned.map(drop).map_err(|why| Error::thread(&why))
}
