//! The log of a spool on disk.
//!
//! ```text
//! directory/  lock              held for as long as the program runs
//!             log               "lgspool", u8 version, frame*
//!             next              the log anew, until it takes the place of the old one
//!             set-aside-<time>  what could not be read; the two newest
//! ```
//!
//! Damage is never an error: what can be read is read, the rest is set aside and said. An error is what
//! the system says when it is asked to write.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::directory::{Directory, is_removed, options};
use super::frame;
use super::history::to_seconds;
use super::image::{HEAD, Image};
use super::record::pieces;
use crate::text::human::format_count;

const LOG: &str = "log";
const NEXT: &str = "next";

/// The longest log that is read: several times what a spool grows to.
const LONGEST: u64 = 256 << 20;

/// From what length on a log is looked at for what lives in it.
const REWRITTEN_FROM: u64 = 1 << 20;

/// How many times what lives a log may be, and a log that is longer than this.
const REWRITTEN_AT: u64 = 4;
const LONG: u64 = 16 << 20;
const LONG_REWRITTEN_AT: u64 = 2;

/// A log that is written to.
#[derive(Debug)]
pub(super) struct Log {
    directory: Directory,
    file: File,
    length: u64,
    /// From what length on it is looked at again.
    check_at: u64,
}

/// What was found where a log was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) log: Log,
    pub(super) image: Image,
    /// What is to be said of it.
    pub(super) note: Option<String>,
}

impl Log {
    /// Opens the log in a directory, which is made where it is not there.
    pub(super) fn open(path: &Path) -> io::Result<Opened> {
        let directory = Directory::open(path)?;
        let (log, next) = (directory.file(LOG), directory.file(NEXT));
        if !log.exists() && next.exists() {
            // The old one was set aside and the process ended.
            fs::rename(&next, &log)?;
        }
        let mut file = options().create(true).append(true).open(&log)?;
        let length = file.metadata()?.len();
        if length > LONGEST {
            let kept = directory.set_aside(LOG)?;
            let note = format!(
                "the log is longer than one can be ({}) and was set aside as {}",
                size_text(length),
                kept.display()
            );
            let image = Image::read(&[]);
            let log = Self::replace(directory, &image)?;
            return Ok(Opened {
                log,
                image,
                note: Some(note),
            });
        }
        let last_sign = file.metadata()?.modified().map_or(0, to_seconds);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut image = Image::read(&bytes);
        image.last_sign = last_sign;
        if image.is_to_be_set_aside() {
            return Self::set_aside(directory, image);
        }
        let mut log = Self {
            directory,
            file,
            length: image.end as u64,
            check_at: REWRITTEN_FROM,
        };
        if image.end == 0 {
            log.file.set_len(0)?;
            log.file.write_all(&HEAD)?;
            log.length = HEAD.len() as u64;
            log.directory.sync()?;
        } else {
            log.file.set_len(log.length)?;
        }
        Ok(Opened {
            log,
            image,
            note: None,
        })
    }

    /// Sets a log aside of which not all can be read, and goes on with what can.
    fn set_aside(directory: Directory, image: Image) -> io::Result<Opened> {
        write_next(&directory, &image)?;
        let kept = directory.set_aside(LOG)?;
        let what = match (image.damaged, image.newer) {
            (0, newer) => format!("{} of it are a newer version's", size_text(newer)),
            (damaged, _) => format!("{} of it could not be read", size_text(damaged)),
        };
        let note = format!("the log was set aside as {}: {what}", kept.display());
        let log = Self::adopt_next(directory)?;
        Ok(Opened {
            log,
            image,
            note: Some(note),
        })
    }

    /// Makes a new log in which `image` lives.
    fn replace(directory: Directory, image: &Image) -> io::Result<Self> {
        write_next(&directory, image)?;
        Self::adopt_next(directory)
    }

    fn adopt_next(directory: Directory) -> io::Result<Self> {
        let (log, next) = (directory.file(LOG), directory.file(NEXT));
        fs::rename(next, &log)?;
        directory.sync()?;
        let file = options().append(true).open(&log)?;
        let length = file.metadata()?.len();
        Ok(Self {
            directory,
            file,
            length,
            check_at: next_check(length),
        })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Writes records, all or none: in one frame, or in several where one would be too long to be
    /// read.
    pub(super) fn append(&mut self, records: &[u8]) -> io::Result<()> {
        if is_removed(&self.file) {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "its log was removed while it was used",
            ));
        }
        let mut bytes = Vec::with_capacity(records.len() + frame::HEADER);
        for payload in pieces(records, frame::LONGEST) {
            frame::append(payload, &mut bytes);
        }
        if let Err(why) = self.file.write_all(&bytes) {
            // What is left of it would be a torn frame in front of whole ones.
            self.file.set_len(self.length)?;
            return Err(why);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Reads what lives in it.
    pub(super) fn read(&self) -> io::Result<Image> {
        Ok(Image::read(&fs::read(self.directory.file(LOG))?))
    }

    /// Writes the log anew where little of it lives.
    pub(super) fn rewrite_if_long(&mut self) -> io::Result<()> {
        if self.length < self.check_at {
            return Ok(());
        }
        let image = self.read()?;
        let bytes = image.write();
        let alive = bytes.len() as u64;
        self.check_at = next_check(alive);
        if self.length < self.check_at || image.is_to_be_set_aside() {
            return Ok(());
        }
        write_bytes_next(&self.directory, &bytes)?;
        fs::rename(self.directory.file(NEXT), self.directory.file(LOG))?;
        self.directory.sync()?;
        self.file = options().append(true).open(self.directory.file(LOG))?;
        self.length = alive;
        Ok(())
    }

    /// The file, for whoever waits until the drive has it.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

/// Returns from what length on a log is looked at in which this many bytes live.
fn next_check(alive: u64) -> u64 {
    let long = LONG.max(alive.saturating_mul(LONG_REWRITTEN_AT));
    let length = alive.saturating_mul(REWRITTEN_AT).min(long);
    length.max(REWRITTEN_FROM)
}

fn write_next(directory: &Directory, image: &Image) -> io::Result<()> {
    write_bytes_next(directory, &image.write())
}

fn write_bytes_next(directory: &Directory, bytes: &[u8]) -> io::Result<()> {
    let mut next = options()
        .create(true)
        .truncate(true)
        .open(directory.file(NEXT))?;
    next.write_all(bytes)?;
    next.sync_all()
}

fn size_text(bytes: u64) -> String {
    format!("{} bytes", format_count(bytes))
}

#[cfg(test)]
#[cfg(not(miri))]
pub(super) mod tests;
