//! The run of a process: whether the previous one ended properly, and what ended it if that can be
//! known.

use std::path::Path;

use super::directory::read_file;

/// How many crashes are remembered.
const MOST_CRASHES: usize = 100;

/// A run of a program, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProcessRun {
    /// When it began, in seconds since 1970.
    pub(crate) started: u32,
    /// Whether it ended properly, and recorded that.
    pub(crate) has_ended: bool,
    /// The identifier of the machine's boot.
    pub(crate) boot: String,
    /// How many processes of its control group the kernel had killed for lack of memory by then,
    /// and the name of that group.
    pub(crate) group: String,
    pub(crate) killed: u64,
    /// When earlier runs were found to have crashed, the latest last.
    pub(crate) crashes: Vec<u32>,
}

/// The reason for the end of a process that did not end properly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CrashCause {
    /// The kernel killed it, because memory ran out.
    Memory,
    /// The machine was restarted.
    Restart,
    Unknown,
}

impl ProcessRun {
    /// Returns the run of this process.
    pub(crate) fn of_this_process(started: u32) -> Self {
        let read = |path: &Path| {
            let bytes = read_file(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let boot = read(Path::new("/proc/sys/kernel/random/boot_id"));
        let boot = boot.trim().to_owned();
        // Version 2 of control groups only: its line begins with this.
        let group = read(Path::new("/proc/self/cgroup"));
        let group = group.lines().find_map(|line| line.strip_prefix("0::"));
        let group = group.unwrap_or_default().to_owned();
        let events = Path::new("/sys/fs/cgroup").join(group.trim_start_matches('/'));
        let events = read(&events.join("memory.events"));
        Self {
            started,
            has_ended: false,
            boot,
            group,
            killed: oom_kills(&events),
            crashes: Vec::new(),
        }
    }

    /// Returns the reason for the end of the previous process.
    pub(crate) fn crash_cause(&self, before: &Self) -> CrashCause {
        let is_same = |one: &str, other: &str| !one.is_empty() && one == other;
        if !before.boot.is_empty() && !self.boot.is_empty() && before.boot != self.boot {
            CrashCause::Restart
        } else if is_same(&self.group, &before.group) && self.killed > before.killed {
            CrashCause::Memory
        } else {
            CrashCause::Unknown
        }
    }

    /// Records that the previous run crashed.
    pub(crate) fn note_crash(&mut self, mut earlier: Vec<u32>, now: u32) {
        earlier.push(now);
        let surplus = earlier.len().saturating_sub(MOST_CRASHES);
        self.crashes = earlier.split_off(surplus);
    }

    /// Returns how many crashes there were in the hour before `now`.
    pub(crate) fn crashes_within_an_hour(&self, now: u32) -> usize {
        let from = now.saturating_sub(3_600);
        // If the clock was set back, some of them lie in the future.
        let crashes = self.crashes.iter();
        crashes.filter(|at| (from..=now).contains(at)).count()
    }
}

/// Returns `oom_kill` of `memory.events`.
fn oom_kills(events: &str) -> u64 {
    let mut lines = events.lines();
    let kills = lines.find_map(|line| line.strip_prefix("oom_kill "));
    kills
        .and_then(|kills| kills.trim().parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_for_want_of_memory_are_read() {
        let events = "low 0\nhigh 12\nmax 3\noom 4\noom_kill 2\noom_group_kill 0\n";
        assert_eq!((oom_kills(events), oom_kills("")), (2, 0));
    }

    #[test]
    fn a_cause_is_named_where_it_is_known() {
        let run = |boot: &str, killed| ProcessRun {
            boot: boot.to_owned(),
            group: "/shop.service".to_owned(),
            killed,
            ..ProcessRun::default()
        };
        assert_eq!(run("b", 0).crash_cause(&run("a", 0)), CrashCause::Restart);
        assert_eq!(run("a", 1).crash_cause(&run("a", 0)), CrashCause::Memory);
        assert_eq!(run("a", 0).crash_cause(&run("a", 0)), CrashCause::Unknown);
        assert_eq!(
            run("a", 0).crash_cause(&ProcessRun::default()),
            CrashCause::Unknown
        );
    }

    #[test]
    fn crashes_are_counted_within_an_hour() {
        let mut run = ProcessRun::default();
        run.note_crash((0..200).map(|minute| minute * 60).collect(), 12_000);
        assert_eq!(run.crashes.len(), MOST_CRASHES);
        assert_eq!(run.crashes_within_an_hour(12_000), 61);
        run.note_crash(vec![20_000, 30_000], 12_000);
        assert_eq!(run.crashes_within_an_hour(12_000), 1);
    }
}
