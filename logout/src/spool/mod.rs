//! Storage that outlives the process: a copy on disk of what the lanes hold.
//!
//! It is no second queue. Events that do not fit in memory are given up and counted as without it,
//! so the copy is small, is read whole at the start and needs no index. `frame`, `record` and
//! `image` are pure; `directory` and `log` use the file system; `writer` does so on a thread of its
//! own, since a disk may be slow or hang.

mod directory;
mod frame;
pub(crate) mod history;
mod image;
mod log;
pub(crate) mod process_run;
pub(crate) mod record;
mod writer;

/// Returns the number of groups in a log of these bytes, and in the log written from it.
#[cfg(fuzzing)]
pub(crate) fn count_groups(bytes: &[u8]) -> (usize, usize) {
    let image = Image::read(bytes);
    let again = Image::read(&image.write());
    (image.groups.len(), again.groups.len())
}

pub(crate) use self::image::Image;
pub(crate) use self::writer::{Health, Sync, Writer};
