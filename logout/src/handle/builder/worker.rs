//! The worker of a started block: on a thread of its own, or for an executor of the program.

use std::io;
use std::sync::{Arc, mpsc};

use super::resources;
use crate::config::Error;
use crate::event::ReentryGuard;
use crate::event::encoding::catch_panics;
use crate::queue::Phase;
use crate::text::stderr;
use crate::transport::Transport;
use crate::worker::dispatch::Dispatch;
use crate::worker::{BlockState, Worker};

/// Starts the sending thread, and returns when it has all that it needs.
pub(super) fn spawn<D: Dispatch, T: Transport + Send>(
    stack_size: Option<usize>,
    shared: Arc<BlockState>,
    dispatch: Arc<D>,
    transport: T,
) -> Result<(), Error> {
    resources::claim_process()?;
    let mut thread = std::thread::Builder::new().name("logout".to_owned());
    if let Some(bytes) = stack_size {
        thread = thread.stack_size(bytes);
    }
    let (ready, is_ready) = mpsc::sync_channel(1);
    let spawned = thread.spawn(move || {
        // The executor and the transport's end belong to the sending as well.
        let _silence = ReentryGuard::enter();
        let made = resources::make_reactor();
        let is_made = made.is_ok();
        if ready.send(made).is_err() || !is_made {
            return;
        }
        let worker = Worker::new(shared, transport);
        if catch_panics(|| async_io::block_on(worker.run(&*dispatch))).is_none() {
            worker.give_up();
        }
        drop_program_code((worker, dispatch));
    });
    spawned.map_err(|why| Error::thread(&why))?;
    let made = is_ready.recv();
    made.unwrap_or_else(|_| Err(io::Error::other("it ended at once")))
        .map_err(|why| Error::thread(&why))
}

/// Returns the worker for an executor on this thread, or `None` if logout is turned off or was
/// started before this process was forked.
pub(super) fn worker_here<T: Transport>(
    shared: Arc<BlockState>,
    transport: T,
) -> Option<Worker<T>> {
    if !shared.enabled {
        return None;
    }
    shared.queue.set_worker_thread();
    if let Err(forked) = resources::claim_process() {
        stderr::write(&forked.to_string());
        shared.queue.end(Phase::Forked);
        shared.control.end();
        return None;
    }
    Some(Worker::new(shared, transport))
}

/// Drops a value that holds adapters and transports of the program, and catches their panics.
pub(super) fn drop_program_code(held: impl Sized) {
    let _panicked = catch_panics(|| drop(held));
}
