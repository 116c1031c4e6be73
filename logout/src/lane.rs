//! One adapter's way from pending events to delivered messages.

use crate::dispatch::Instance;
use crate::{Adapter, Transport};

/// What the lanes of one worker share.
#[derive(Debug)]
pub struct Desk<T> {
    transport: T,
}

impl<T: Transport> Desk<T> {
    /// Runs the lane of the instance at `index` until it is closed.
    pub async fn lane<A: Adapter>(&self, index: usize, instance: &Instance<A>) {
        todo!()
    }
}
