//! An assertion that work takes linear time, measured as time on a core, which other processes do
//! not affect.

use std::time::Duration;

/// The factor between the two lengths.
const TIMES: usize = 4;

/// The factor that the time may grow by at most: the square of the length takes sixteen times as
/// long.
const MOST: u32 = 7;

/// The most measurements: a cache that others have emptied, or a core that another machine uses
/// too, makes some of them too long.
const TRIES: usize = 20;

/// Asserts that `work` on what `make` makes of a length takes about four times as long on four
/// times the length.
pub(crate) fn assert_linear<T>(
    what: &str,
    length: usize,
    make: impl Fn(usize) -> T,
    work: impl Fn(&T),
) {
    let (short, long) = (make(length), make(TIMES * length));
    let measure = |given: &T| {
        let begun = on_core();
        work(given);
        on_core().saturating_sub(begun)
    };
    // The first one may find cold caches, and would permit a longer one.
    let (mut of_short, mut of_long) = (measure(&short), Duration::MAX);
    for _ in 0..TRIES {
        of_short = of_short.min(measure(&short));
        of_long = of_long.min(measure(&long));
        if of_long < MOST * of_short {
            return;
        }
    }
    panic!("{what:?}: {of_long:?} of {of_short:?} for a quarter of it");
}

/// Returns how long this thread has been on a core since some point in time.
#[cfg(unix)]
pub(crate) fn on_core() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

/// Returns the time that has passed, where there is no clock of a core.
#[cfg(not(unix))]
pub(crate) fn on_core() -> Duration {
    static BEGIN: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    BEGIN.elapsed()
}

#[test]
fn the_square_of_a_length_is_no_linear_time() {
    let spin = |turns: usize| assert!((0..turns).map(std::hint::black_box).sum::<usize>() > 0);
    assert_linear(
        "its length",
        200_000,
        |length| length,
        |length| spin(*length),
    );
    let square = || {
        assert_linear(
            "its square",
            300,
            |length| length,
            |length| spin(length * length),
        );
    };
    assert!(std::panic::catch_unwind(square).is_err());
}
