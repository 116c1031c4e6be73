//! The directory of a spool, which one process locks and only its user can read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::text::sorted_map::sorted;

/// How many damaged logs are kept.
const SET_ASIDE: usize = 2;

/// The file that is locked; the log itself is replaced now and then.
const LOCK: &str = "lock";

/// The prefix of their names; the seconds since 1970 follow.
const SET_ASIDE_NAME: &str = "set-aside-";

/// How long a locked directory is tried again before it counts as in use; the worker waits longer for the
/// disk.
const LOCK_TIMEOUT: Duration = Duration::from_millis(200);

/// How often it is tried meanwhile.
const RETRY_EVERY: Duration = Duration::from_millis(20);

/// A directory that this process has locked, until the last clone is dropped.
#[derive(Clone, Debug)]
pub(super) struct LockedDirectory {
    path: PathBuf,
    lock: Arc<File>,
}

impl LockedDirectory {
    /// Creates the directory if it is missing, and locks it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if !path.is_dir() {
            builder().create(path).map_err(|why| match why.kind() {
                io::ErrorKind::AlreadyExists => {
                    io::Error::other("it is a file; give a directory, or a name that is free")
                }
                _ => why,
            })?;
        }
        let lock = lock(&path.join(LOCK)).map_err(|why| named(LOCK, why))?;
        Ok(Self {
            path: path.to_owned(),
            lock: Arc::new(lock),
        })
    }

    /// Opens the directory as soon as nobody else has locked it, within [`LOCK_TIMEOUT`] and until `is_over`.
    ///
    /// A process that has just ended may leave the lock to a child for a moment: a child of a fork has it until it
    /// executes its own program.
    pub(super) fn open_when_free(path: &Path, is_over: impl Fn() -> bool) -> io::Result<Self> {
        let give_up_at = Instant::now() + LOCK_TIMEOUT;
        loop {
            match Self::open(path) {
                Err(why)
                    if why.kind() == io::ErrorKind::WouldBlock
                        && Instant::now() < give_up_at
                        && !is_over() =>
                {
                    thread::sleep(RETRY_EVERY);
                }
                opened => return opened,
            }
        }
    }

    /// Returns whether the locked file is still the one at its path.
    pub(super) fn is_in_place(&self) -> bool {
        is_at(&self.lock, &self.file(LOCK))
    }

    /// Opens a file in the directory that only its user can read, and creates it if it is missing.
    ///
    /// Somebody else with the right to write to the directory could put a link or a pipe there,
    /// which is neither followed nor waited for.
    pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
        let path = self.file(name);
        let file = options().create(true).append(true).open(&path);
        let file = file.map_err(|why| named(name, why))?;
        if !file.metadata()?.is_file() {
            let why = io::Error::other("it is no file; remove it");
            return Err(named(name, why));
        }
        // The rights of another user's file cannot be changed.
        let _as_open_as_before = close_to_others(&file);
        Ok(file)
    }

    /// Creates a file in the directory, in place of an old one.
    pub(super) fn new_file(&self, name: &str) -> io::Result<File> {
        let path = self.file(name);
        let _absent = fs::remove_file(&path);
        let file = options().create_new(true).open(&path);
        file.map_err(|why| named(name, why))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the names in the directory survive a power failure.
    pub(super) fn sync(&self) -> io::Result<()> {
        if !cfg!(unix) {
            return Ok(());
        }
        let synced = File::open(&self.path)?.sync_all();
        synced.or_else(|why| match why.kind() {
            // Some file systems do not support this.
            io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
            _ => Err(why),
        })
    }

    /// Renames a file that could not be read, and keeps only the newest of those.
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
        let paths = entries.map(|entry| entry.path()).filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            // If the clock was set back it would count as the oldest.
            name.is_some_and(|name| name.starts_with(SET_ASIDE_NAME)) && *path != to
        });
        let kept = sorted(paths, Ord::cmp);
        for old in kept.iter().rev().skip(SET_ASIDE - 1) {
            let _is_no_file = fs::remove_file(old);
        }
        Ok(to)
    }
}

/// Reads a whole file. Everything here is read this way: `fs::read` and `fs::read_to_string` would
/// each add a kilobyte of code.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the options with which files in the directory are opened.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Adds the file's name to an error, and advice if there is any.
fn named(name: &str, why: io::Error) -> io::Error {
    let remedy = match why.kind() {
        io::ErrorKind::WouldBlock => return why,
        io::ErrorKind::PermissionDenied => {
            "; the directory and what is in it must be the program's user's"
        }
        _ => "",
    };
    io::Error::new(why.kind(), format!("`{name}`: {why}{remedy}"))
}

/// Removes the rights of others from a file that was created otherwise.
#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn close_to_others(_: &File) -> io::Result<()> {
    Ok(())
}

fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

const LOCKED: &str = "another process or block uses it; give each a directory of its own";

/// Opens and locks a file, until it is dropped.
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

/// Returns whether an open file was deleted, so that its contents are lost with the process.
#[cfg(unix)]
pub(super) fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
}

#[cfg(not(unix))]
pub(super) fn is_removed(_: &File) -> bool {
    false
}

/// Returns whether an open file is the one at this path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |metadata: io::Result<fs::Metadata>| metadata.map(|one| (one.dev(), one.ino()));
    match (place(file.metadata()), place(fs::symlink_metadata(path))) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
