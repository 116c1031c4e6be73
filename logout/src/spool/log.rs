//! The log of a spool on disk.
//!
//! ```text
//! directory/  lock              held for as long as the program runs
//!             log               "lgspool", u8 version, u8 state, frame*
//!             next              the log anew, until it takes the place of the old one
//!             set-aside-<time>  what could not be read; the two newest
//! ```
//!
//! Damage is never an error: what can be read is read, the rest is set aside and said. An error is what
//! the system says when it is asked to write.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};

use super::directory::{LockedDirectory, is_removed, options, read_file};
use super::frame;
use super::history::to_seconds;
use super::image::{DOUBT_AT, DOUBTFUL, HEAD, Image};
use super::record::pieces;
use crate::text::human::format_count;

const LOG: &str = "log";
const NEXT: &str = "next";

/// The length from which a log is considered for compaction.
const COMPACT_FROM: u64 = 1 << 20;

/// A log is compacted when it is longer than this many times its contents; one longer than `LONG`,
/// sooner.
const COMPACT_RATIO: u64 = 4;
const LONG: u64 = 16 << 20;
const LONG_COMPACT_RATIO: u64 = 2;

/// An open log.
#[derive(Debug)]
pub(super) struct Log {
    directory: LockedDirectory,
    file: File,
    length: u64,
    /// The length at which it is considered for compaction again.
    check_at: u64,
    /// The length at which writing stops if it cannot be compacted.
    full_at: u64,
}

/// The result of opening a log.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) log: Log,
    pub(super) image: Image,
    /// A notice for the operator.
    pub(super) note: Option<String>,
}

impl Log {
    /// Opens the log in a directory; one longer than `longest` is not read.
    pub(super) fn open(directory: &LockedDirectory, longest: u64) -> io::Result<Opened> {
        let (path, next) = (directory.file(LOG), directory.file(NEXT));
        if !path.exists() && next.exists() {
            // The process ended after it had set the old one aside.
            fs::rename(&next, &path)?;
        }
        // A write was interrupted when the process ended.
        let _absent = fs::remove_file(next);
        let file = directory.open_file(LOG)?;
        let length = file.metadata()?.len();
        if length > longest {
            return Self::start_empty(directory, length);
        }
        let mut log = Self {
            directory: directory.clone(),
            file,
            length,
            check_at: COMPACT_FROM,
            full_at: COMPACT_FROM,
        };
        let last_sign = log.file.metadata()?.modified().map_or(0, to_seconds);
        let mut bytes = Vec::new();
        log.file.read_to_end(&mut bytes)?;
        let mut image = Image::read(&bytes);
        image.last_sign = last_sign;
        if image.is_to_be_set_aside() {
            let note = log.set_aside(&image)?;
            let note = Some(note);
            return Ok(Opened { log, image, note });
        }
        log.length = image.end as u64;
        log.file.set_len(log.length)?;
        if image.end == 0 {
            log.file.write_all(&HEAD)?;
            log.length = HEAD.len() as u64;
            log.directory.sync()?;
        }
        let alive = image.write();
        log.set_check_lengths(alive.len());
        if image.is_doubtful || log.length >= log.check_at {
            // If there is room: compacting it carries the mark over to the contents.
            let _as_it_was = log.replace(&alive);
        }
        Ok(Opened {
            log,
            image,
            note: None,
        })
    }

    /// Sets a log aside unread, and begins an empty one.
    fn start_empty(directory: &LockedDirectory, length: u64) -> io::Result<Opened> {
        let kept = directory.set_aside(LOG)?;
        let note = format!(
            "the log is longer than one can be ({}) and was set aside as {}",
            size_text(length),
            kept.display()
        );
        let opened = Self::open(directory, length)?;
        Ok(Opened {
            note: Some(note),
            ..opened
        })
    }

    /// Sets aside a log that is partly unreadable, and goes on with the rest. Returns a notice for
    /// the operator.
    fn set_aside(&mut self, image: &Image) -> io::Result<String> {
        let bytes = image.write();
        self.write_next(&bytes)?;
        let kept = self.directory.set_aside(LOG)?;
        self.adopt_next(bytes.len())?;
        let what = match (image.damaged, image.newer) {
            (0, newer) => format!("{} of it are a newer version's", size_text(newer)),
            (damaged, _) => format!("{} of it could not be read", size_text(damaged)),
        };
        Ok(format!(
            "the log was set aside as {}: {what}",
            kept.display()
        ))
    }

    /// Replaces the log with these bytes.
    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_next(bytes)?;
        self.adopt_next(bytes.len())
    }

    fn write_next(&self, bytes: &[u8]) -> io::Result<()> {
        let write = |next: &mut File| {
            next.write_all(bytes)?;
            next.sync_all()
        };
        let written = self
            .directory
            .new_file(NEXT)
            .and_then(|mut next| write(&mut next));
        if written.is_err() {
            // A half-written file would take room where there is little.
            let _absent = fs::remove_file(self.directory.file(NEXT));
        }
        written
    }

    fn adopt_next(&mut self, length: usize) -> io::Result<()> {
        fs::rename(self.directory.file(NEXT), self.directory.file(LOG))?;
        self.file = self.directory.open_file(LOG)?;
        self.length = length as u64;
        self.set_check_lengths(length);
        self.directory.sync()
    }

    fn set_check_lengths(&mut self, bytes: usize) {
        self.check_at = next_check(bytes as u64);
        self.full_at = self.check_at.saturating_mul(2);
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Appends records, all or none: in one frame, or in several where one would be too long to be
    /// read.
    pub(super) fn append(&mut self, records: &[u8]) -> io::Result<()> {
        if is_removed(&self.file) || !self.directory.is_in_place() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "its log was removed while it was used",
            ));
        }
        if self.length >= self.full_at {
            let why = "its log is too long, and there is no room or permission to write it anew";
            return Err(io::Error::other(why));
        }
        let mut bytes = Vec::with_capacity(records.len() + frame::HEADER);
        for payload in pieces(records, frame::LONGEST) {
            frame::append(payload, &mut bytes);
        }
        if let Err(why) = self.file.write_all(&bytes) {
            // Its remains would be a torn frame in front of whole ones.
            self.file.set_len(self.length)?;
            return Err(why);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Marks the log as one to which something could not be written. The mark overwrites a byte,
    /// because the disk may be full.
    pub(super) fn mark_doubtful(&self) {
        let note = || {
            // A file opened for appending is written only at its end.
            let mut file = options().open(self.directory.file(LOG))?;
            file.seek(io::SeekFrom::Start(DOUBT_AT))?;
            file.write_all(&[DOUBTFUL])
        };
        let _as_doubtful_as_before: io::Result<()> = note();
    }

    /// Reads its contents.
    pub(super) fn read(&self) -> io::Result<Image> {
        Ok(Image::read(&read_file(&self.directory.file(LOG))?))
    }

    /// Compacts the log when most of it is dead; returns an operator notice if a damaged log was
    /// set aside. Without room for that, it is left as it is for a while.
    pub(super) fn compact_if_needed(&mut self) -> io::Result<Option<String>> {
        if self.length < self.check_at {
            return Ok(None);
        }
        let image = self.read()?;
        if image.is_to_be_set_aside() {
            return self.set_aside(&image).map(Some);
        }
        let bytes = image.write();
        self.set_check_lengths(bytes.len());
        if self.length >= self.check_at && self.replace(&bytes).is_err() {
            self.check_at = self.length.saturating_add(COMPACT_FROM);
        }
        Ok(None)
    }

    /// Returns the file, for a thread that syncs it.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

/// Returns the log length at which to check again, given `alive` live bytes.
fn next_check(alive: u64) -> u64 {
    let long = LONG.max(alive.saturating_mul(LONG_COMPACT_RATIO));
    let length = alive.saturating_mul(COMPACT_RATIO).min(long);
    length.max(COMPACT_FROM)
}

fn size_text(bytes: u64) -> String {
    format!("{} bytes", format_count(bytes))
}

#[cfg(test)]
#[cfg(not(miri))]
pub(super) mod tests;
