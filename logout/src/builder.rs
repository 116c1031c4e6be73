//! From a configured block to a running one.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use figment::Provider;

use crate::capture::Limits as CaptureLimits;
use crate::compose::{Origin, Scrubber};
use crate::config::{self, Settings};
use crate::event::Fingerprint;
use crate::filter::{Levels, Silence};
use crate::handle::{Guard, Handle, Running};
use crate::intake::{Intake, Thresholds};
use crate::lane::Desk;
use crate::layer::{FilteredLayer, Layer};
use crate::stats::LaneStats;
use crate::worker::{self, Limits, Parts, Shared};
use crate::{Dispatch, Error, Transport};

/// After how long a destination that is gone is tried again.
const RECHECK: Duration = Duration::from_secs(3_600);

/// The default transport of the features in force.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTransport;

/// A configured block that has not been started.
///
/// `Alerts::from_env()` and `Alerts::from_figment(…)` make one.
pub struct Builder<D, T = DefaultTransport> {
    dispatch: D,
    settings: Settings,
    transport: T,
}

/// What [`Builder::start`] returns: the layer for the subscriber and the guard for `main`.
pub type Started<D, S> = (FilteredLayer<D, S>, Guard<D>);

impl<D: Dispatch> Builder<D> {
    /// Reads `logout.toml` and the environment.
    ///
    /// # Errors
    ///
    /// One [`Error`] that lists every key that is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        Self::new(config::from_env::<D>()?)
    }

    /// Reads the program's own figment instead.
    ///
    /// # Errors
    ///
    /// One [`Error`] that lists every key that is missing or wrong.
    pub fn from_figment(provider: impl Provider) -> Result<Self, Error> {
        Self::new(config::from_figment::<D>(provider)?)
    }

    fn new((dispatch, settings): (D, Settings)) -> Result<Self, Error> {
        Ok(Self { dispatch, settings, transport: DefaultTransport })
    }

    /// Sends through `transport` instead of the default one.
    #[must_use]
    pub fn transport<T: Transport + Send>(self, transport: T) -> Builder<D, T> {
        Builder { dispatch: self.dispatch, settings: self.settings, transport }
    }

    /// Starts the thread that sends, over the default transport.
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread.
    #[cfg(feature = "hyper")]
    pub fn start<S>(self) -> Result<Started<D, S>, Error> {
        #[cfg(feature = "surf")]
        let transport = crate::Surf::new();
        #[cfg(not(feature = "surf"))]
        let transport = crate::Wire::new();
        self.transport(transport).start()
    }
}

impl<D: Dispatch, T: Transport + Send> Builder<D, T> {
    /// Starts the thread that sends.
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread.
    pub fn start<S>(self) -> Result<Started<D, S>, Error> {
        let Self { dispatch, settings, transport } = self;
        let running = Arc::new(Running {
            dispatch: Arc::new(dispatch),
            intake: Arc::new(Intake::new(thresholds(&settings))),
            control: Arc::default(),
            board: Arc::default(),
            levels: Arc::new(levels::<D>(&settings)),
        });
        let lanes = D::BLOCK.instances.iter().map(|instance| LaneStats::new(instance.name));
        running.board.publish(lanes);
        for note in &settings.notes {
            crate::stderr::write(note);
        }
        let limits = Arc::new(CaptureLimits::new(settings.truncate));
        let layer = Layer::filtered(Arc::clone(&running.intake), Arc::clone(&running.levels), limits);
        let guard = Guard::new(Handle::new(Arc::clone(&running)), settings.shutdown_timeout);
        if settings.enabled {
            spawn(&running, parts(&running, settings), transport)?;
        } else {
            running.intake.close();
            running.control.end();
        }
        Ok((layer, guard))
    }
}

fn thresholds(settings: &Settings) -> Thresholds {
    Thresholds {
        sync: settings.sync_threshold,
        discard: settings.discard_threshold,
        sync_timeout: settings.sync_timeout,
    }
}

fn levels<D: Dispatch>(settings: &Settings) -> Levels {
    let levels = Levels::new(&D::BLOCK);
    for (index, instance) in settings.instances.iter().enumerate() {
        let on = settings.enabled && instance.enabled;
        levels.set(index, if on { instance.level } else { tracing::level_filters::LevelFilter::OFF });
    }
    levels
}

fn parts<D: Dispatch>(running: &Running<D>, settings: Settings) -> Parts {
    let secrets: Vec<_> = settings.instances.iter().flat_map(|instance| instance.secrets.clone()).collect();
    Parts {
        block: &D::BLOCK,
        intake: Arc::clone(&running.intake),
        levels: Arc::clone(&running.levels),
        board: Arc::clone(&running.board),
        scrubber: Scrubber::new(&secrets),
        limits: Limits {
            max_age: settings.max_age,
            report_period: settings.discard_threshold_periodic_check,
            recheck: RECHECK,
        },
        utc: settings.utc_log,
        enabled: settings.instances.iter().map(|instance| instance.enabled).collect(),
        muted: settings.mute.iter().filter_map(|text| Fingerprint::parse(text)).collect(),
        origin: Origin {
            project: settings.project_name,
            environment: settings.environment,
            host: host(),
            release: settings.release,
        },
    }
}

/// Starts the worker's thread. Should the worker ever die, it is started anew and says so.
fn spawn<D: Dispatch, T: Transport + Send>(running: &Running<D>, parts: Parts, transport: T) -> Result<(), Error> {
    let dispatch = Arc::clone(&running.dispatch);
    let control = Arc::clone(&running.control);
    let thread = std::thread::Builder::new().name("logout".to_owned());
    let spawned = thread.spawn(move || {
        let _silence = Silence::keep();
        let mut desk = Desk { transport, shared: Shared::new(parts.clone()) };
        loop {
            let work = AssertUnwindSafe(|| smol::block_on(worker::run(&*dispatch, &desk, &control)));
            if catch_unwind(work).is_ok() {
                return;
            }
            desk.shared = Shared::restarted(parts.clone());
            desk.shared.announce("logout's worker panicked and was started anew; what it held is counted as lost", None);
        }
    });
    spawned.map(drop).map_err(|why| Error::thread(&why))
}

fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

impl<D, T> fmt::Debug for Builder<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).finish_non_exhaustive()
    }
}
