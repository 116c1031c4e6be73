//! Points in time as people read them.

use std::time::{Duration, SystemTime};

use humantime::format_rfc3339_millis;

/// 10000-01-01, the end of years with four digits, in seconds since 1970.
const END: u64 = 253_402_300_800;

/// A point in time that a calendar can hold: from 1970 to 9999. Others come from a broken clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamp(SystemTime);

#[cfg_attr(
    not(feature = "all-adapters"),
    allow(dead_code, reason = "not every adapter needs all of it")
)]
impl Timestamp {
    pub(crate) fn new(time: SystemTime) -> Option<Self> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        (since < Duration::from_secs(END)).then_some(Self(time))
    }

    /// Returns the whole seconds since 1970.
    pub(crate) fn unix_seconds(self) -> u64 {
        let since = self.0.duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }

    /// Writes it as `2026-11-20T12:04:31Z`.
    pub(crate) fn rfc3339(self) -> String {
        humantime::format_rfc3339_seconds(self.0).to_string()
    }

    /// Writes it as `2026-11-20T12:04:31.250Z`.
    pub(crate) fn rfc3339_millis(self) -> String {
        format_rfc3339_millis(self.0).to_string()
    }

    /// Returns the date and the time of day, `2026-11-20` and `12:04:31.250`, in UTC or in local
    /// time.
    pub(crate) fn date_and_time(self, utc: bool) -> (String, String) {
        #[cfg(feature = "local-time")]
        if !utc && let Some(civil) = self.local() {
            return civil;
        }
        #[cfg(not(feature = "local-time"))]
        let _without_zones_all_is_utc = utc;
        let text = self.rfc3339_millis();
        let (date, time) = text.split_once('T').unwrap_or_default();
        (date.to_owned(), time.trim_end_matches('Z').to_owned())
    }

    #[cfg(feature = "local-time")]
    fn local(self) -> Option<(String, String)> {
        let time = jiff::Timestamp::try_from(self.0).ok()?;
        let time = time.to_zoned(jiff::tz::TimeZone::system());
        let [date, clock] =
            ["%Y-%m-%d", "%H:%M:%S%.3f"].map(|form| time.strftime(form).to_string());
        Some((date, clock))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{END, Timestamp};

    fn at(seconds: u64) -> Option<Timestamp> {
        Timestamp::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn a_moment_is_told_in_utc() {
        let moment = at(1_700_000_000).unwrap();
        assert_eq!(moment.rfc3339(), "2023-11-14T22:13:20Z");
        let (date, time) = moment.date_and_time(true);
        assert_eq!((&*date, &*time), ("2023-11-14", "22:13:20.000"));
    }

    #[test]
    fn a_clock_out_of_all_calendars_tells_no_time() {
        assert!(at(END - 1).is_some_and(|moment| moment.rfc3339() == "9999-12-31T23:59:59Z"));
        assert_eq!(at(END), None);
        let before = SystemTime::UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(Timestamp::new(before), None);
    }

    #[cfg(feature = "local-time")]
    #[test]
    fn local_time_is_a_whole_number_of_minutes_from_utc() {
        let moment = at(1_700_000_000).unwrap();
        let seconds = |civil: (String, String)| civil.1.get(5..).map(str::to_owned);
        assert_eq!(
            seconds(moment.date_and_time(false)),
            seconds(moment.date_and_time(true))
        );
    }
}
