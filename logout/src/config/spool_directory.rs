//! The directory for pending events.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::block::{Block, Spool};

/// The default of `max_age` with a spool: a weekend.
const MAX_AGE: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The value of `spool`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SpoolChoice {
    None,
    /// The system's directory for the state of programs.
    Standard,
    At(PathBuf),
}

impl From<Spool> for SpoolChoice {
    fn from(spool: Spool) -> Self {
        match spool {
            Spool::Off => Self::None,
            Spool::Standard => Self::Standard,
            Spool::Directory(path) => Self::At(path.into()),
        }
    }
}

impl SpoolChoice {
    /// Returns the maximum age of events: longer with a spool, unless the block sets it.
    pub(super) fn max_age(&self, block: &Block) -> Duration {
        match self {
            Self::None => block.max_age,
            _ if block.sets_max_age => block.max_age,
            _ => MAX_AGE,
        }
    }

    /// Returns the path of the directory, or why there is none although the setting asks for one.
    pub(super) fn resolved(self, block: &Block) -> (Option<PathBuf>, Option<String>) {
        // The program may change its working directory later.
        let fixed = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        match self {
            Self::None => (None, None),
            Self::At(path) => (Some(fixed(path)), None),
            Self::Standard => match standard(block, |name| std::env::var_os(name)) {
                Some(path) => (Some(fixed(path)), None),
                None => (None, Some(unknown())),
            },
        }
    }
}

fn unknown() -> String {
    "`true` is the directory that STATE_DIRECTORY or XDG_STATE_HOME names, and neither is set; set one of them (with systemd `StateDirectory=`), or write a directory, such as /var/lib/shop/alerts".to_owned()
}

/// Returns the block's directory below the program's, as systemd names it, or below the user's.
fn standard(block: &Block, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    if let Some(given) = set("STATE_DIRECTORY") {
        // There may be several directories, and a program may keep files of its own in the first.
        let first = std::env::split_paths(&given).next()?;
        return Some(first.join("logout").join(block.name));
    }
    let home = set("XDG_STATE_HOME")?;
    Some(PathBuf::from(home).join(block.package).join(block.name))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::*;

    const BLOCK: Block = Block::new("Alerts", "shop", &[]);

    fn found(given: &[(&str, &str)]) -> Option<PathBuf> {
        standard(&BLOCK, |name| {
            let mut given = given.iter().filter(|(known, _)| *known == name);
            given.next().map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    #[cfg(unix)]
    fn the_system_says_where_state_is_kept() {
        let both = [
            ("STATE_DIRECTORY", "/var/lib/a:/var/lib/b"),
            ("XDG_STATE_HOME", "/home/x"),
        ];
        assert_eq!(
            found(&both).as_deref(),
            Some(Path::new("/var/lib/a/logout/Alerts"))
        );
        assert_eq!(
            found(&both[1..]).as_deref(),
            Some(Path::new("/home/x/shop/Alerts"))
        );
        assert_eq!(found(&[("STATE_DIRECTORY", "")]), None);
    }

    #[test]
    fn a_directory_stays_where_it_is_when_the_working_directory_changes() {
        let (found, _) = SpoolChoice::At("alerts".into()).resolved(&BLOCK);
        let here = std::env::current_dir().unwrap();
        assert_eq!(found, Some(here.join("alerts")));
    }

    #[test]
    fn a_weekend_is_waited_for_where_nobody_says_otherwise() {
        let kept = SpoolChoice::At("/var/lib/shop".into());
        assert_eq!(kept.max_age(&BLOCK), MAX_AGE);
        assert_eq!(
            SpoolChoice::None.max_age(&BLOCK),
            Duration::from_secs(3_600)
        );
        let said = BLOCK.max_age(Duration::from_secs(3_600));
        assert_eq!(kept.max_age(&said), Duration::from_secs(3_600));
    }
}
