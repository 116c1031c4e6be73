//! Claims about an adapter's settings and its pace.

use std::time::Duration;

use super::Contract;
use super::contract::RefusedSetting;
use crate::adapter::{Adapter, AdapterOptions, Window};
use crate::config::{read_adapter, required_keys};

/// More windows than anybody can keep track of.
const WINDOWS: usize = 32;

/// More messages a second than any known chat accepts; a window that allows them limits nothing.
const MOST_A_SECOND: f64 = 10_000.0;

impl<A: Adapter + AdapterOptions> Contract<A> {
    /// Claims that the adapter is read from the contract's settings, each of which is a field of its
    /// type, and its `check` has nothing against them.
    ///
    /// # Errors
    ///
    /// Which setting is wrong, and why; never its value.
    pub fn its_settings_are_read(&self) -> Result<(), String> {
        self.read().map(drop)
    }

    /// Claims that what must be refused is refused: settings of which a required one is missing, and
    /// those that [`refuses`](Self::refuses) names. No word of it quotes a secret.
    ///
    /// # Errors
    ///
    /// Which settings were accepted, or the error if it is wrong.
    pub fn wrong_settings_are_refused(&self) -> Result<(), String> {
        self.read()?;
        for key in required_keys::<A>() {
            let settings = self.settings_with(key, None);
            match read_adapter::<A>(&settings) {
                Ok(_) => return Err(format!("the settings are taken without `{key}`")),
                Err(said) if !said.contains(key) => {
                    return Err(format!(
                        "without `{key}` the settings are refused, but not for that: {said}"
                    ));
                }
                Err(_) => {}
            }
        }
        for RefusedSetting { key, value, said } in &self.refused {
            let settings = self.settings_with(key, Some(value));
            match read_adapter::<A>(&settings) {
                Ok(_) => return Err(format!("the settings are taken with `{key}` = {value:?}")),
                Err(why) if !why.contains(said) => {
                    return Err(format!(
                        "with `{key}` = {value:?} the settings are refused, but instead of {said:?} it is said: {why}"
                    ));
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Claims that its windows limit something, are few, and are the same whenever they are asked for,
    /// so that instances with the same destination share them.
    ///
    /// # Errors
    ///
    /// Which window is wrong, and why.
    pub fn its_pace_is_sane(&self) -> Result<(), String> {
        let adapter = self.adapter()?;
        let windows: Vec<_> = adapter.pace().into_iter().take(WINDOWS + 1).collect();
        if windows.len() > WINDOWS {
            return Err(format!("`pace` gives more than {WINDOWS} windows"));
        }
        for window in &windows {
            judge_window(*window)?;
        }
        let again: Vec<_> = adapter.pace().into_iter().collect();
        let twin: Vec<_> = self.adapter()?.pace().into_iter().collect();
        if windows != again || windows != twin {
            return Err(
                "two adapters with the same settings give different windows, so they would not share them; their keys must come from the settings alone"
                    .to_owned(),
            );
        }
        Ok(())
    }
}

fn judge_window(window: Window) -> Result<(), String> {
    let (requests, per) = (window.requests, window.per);
    if per == Duration::ZERO {
        return Err(format!(
            "a window of {requests} requests in no time limits nothing"
        ));
    }
    let rate = requests as f64 / per.as_secs_f64();
    if rate > MOST_A_SECOND {
        return Err(format!(
            "a window of {requests} requests in {per:?} limits nothing"
        ));
    }
    Ok(())
}
