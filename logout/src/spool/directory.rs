//! The directory of a spool: nobody else's while it is locked, and nobody else's to read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// How many logs that could not be read are kept.
const SET_ASIDE: usize = 2;

/// What their names begin with; the seconds since 1970 follow.
const SET_ASIDE_NAME: &str = "set-aside-";

/// A directory that this process has locked, until it is dropped.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Makes the directory where it is not there, and locks it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if !path.is_dir() {
            builder().create(path).map_err(|why| match why.kind() {
                io::ErrorKind::AlreadyExists => {
                    io::Error::other("it is a file; give a directory, or a name that is free")
                }
                _ => why,
            })?;
        }
        let lock = lock(&path.join("lock"))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the names in it outlive a loss of power.
    pub(super) fn sync(&self) -> io::Result<()> {
        if cfg!(unix) {
            File::open(&self.path)?.sync_all()?;
        }
        Ok(())
    }

    /// Keeps a file that could not be read under another name, and of those the newest alone.
    pub(super) fn set_aside(&self, name: &str) -> io::Result<PathBuf> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.unwrap_or_default().as_secs();
        let mut to = self.file(&format!("{SET_ASIDE_NAME}{seconds:010}"));
        for more in 1..100 {
            if !to.exists() {
                break;
            }
            to = self.file(&format!("{SET_ASIDE_NAME}{seconds:010}-{more:02}"));
        }
        fs::rename(self.file(name), &to)?;
        let entries = fs::read_dir(&self.path)?.filter_map(Result::ok);
        let mut kept: Vec<_> = entries
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().and_then(|name| name.to_str());
                name.is_some_and(|name| name.starts_with(SET_ASIDE_NAME))
            })
            .collect();
        kept.sort_unstable();
        for old in kept.iter().rev().skip(SET_ASIDE) {
            fs::remove_file(old)?;
        }
        Ok(to)
    }
}

/// How files in it are opened.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

const LOCKED: &str = "another process or block uses it; give each a directory of its own";

/// Opens a file that nobody else has open so, until it is dropped.
#[cfg(unix)]
fn lock(path: &Path) -> io::Result<File> {
    use rustix::fs::{FlockOperation, flock};
    let lock = options().create(true).truncate(false).open(path)?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|why| match why {
        rustix::io::Errno::WOULDBLOCK => io::Error::new(io::ErrorKind::WouldBlock, LOCKED),
        why => why.into(),
    })?;
    Ok(lock)
}

#[cfg(windows)]
fn lock(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt as _;
    /// `ERROR_SHARING_VIOLATION`
    const SHARED: i32 = 32;
    let mut options = options();
    let opened = options
        .create(true)
        .truncate(false)
        .share_mode(0)
        .open(path);
    opened.map_err(|why| match why.raw_os_error() {
        Some(SHARED) => io::Error::new(io::ErrorKind::WouldBlock, LOCKED),
        _ => why,
    })
}

#[cfg(not(any(unix, windows)))]
fn lock(path: &Path) -> io::Result<File> {
    options().create(true).truncate(false).open(path)
}

/// Whether a file that is open has a name no more: what is written to it is lost with the process.
#[cfg(unix)]
pub(super) fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
}

#[cfg(not(unix))]
pub(super) fn is_removed(_: &File) -> bool {
    false
}
