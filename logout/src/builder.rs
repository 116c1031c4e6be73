//! From a configured block to a running worker.

use std::marker::PhantomData;

use figment::Provider;

use crate::config::{self, Settings};
use crate::{Dispatch, Error};

/// A configured block, ready to be started.
#[derive(Debug)]
pub struct Builder<D> {
    dispatch: D,
    settings: Settings,
    _d: PhantomData<D>,
}

impl<D: Dispatch> Builder<D> {
    /// Reads `logout.toml` and the environment.
    pub fn from_env() -> Result<Self, Error> {
        config::from_env().map(Self::new)
    }

    /// Reads the program's own figment.
    pub fn from_figment(provider: impl Provider) -> Result<Self, Error> {
        config::from_figment(provider).map(Self::new)
    }

    fn new((dispatch, settings): (D, Settings)) -> Self {
        Self {
            dispatch,
            settings,
            _d: PhantomData,
        }
    }
}
