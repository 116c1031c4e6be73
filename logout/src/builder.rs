//! From a configured block to a running one.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use figment::Provider;

use crate::capture::Limits as CaptureLimits;
use crate::compose::{Origin, Scrubber, Shape};
use crate::config::{self, Settings};
use crate::event::Fingerprint;
use crate::filter::{Levels, Silence};
use crate::handle::{Guard, Handle, Running};
use crate::intake::{Intake, Thresholds};
use crate::lane::Desk;
use crate::layer::{FilteredLayer, Layer};
use crate::stats::LaneStats;
use crate::worker::{self, Limits, Live, Look, Parts, Shared};
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
        Ok(Self {
            dispatch,
            settings,
            transport: DefaultTransport,
        })
    }

    /// Sends through `transport` instead of the default one.
    #[must_use]
    pub fn transport<T: Transport + Send>(self, transport: T) -> Builder<D, T> {
        Builder {
            dispatch: self.dispatch,
            settings: self.settings,
            transport,
        }
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
        let Self {
            dispatch,
            settings,
            transport,
        } = self;
        let running = Arc::new(Running {
            dispatch: Arc::new(dispatch),
            intake: Arc::new(Intake::new(thresholds(&settings))),
            control: Arc::default(),
            board: Arc::default(),
            levels: Arc::new(Levels::new(&D::BLOCK)),
            limits: Arc::new(CaptureLimits::new(settings.truncate)),
        });
        set_levels(&running.levels, &settings);
        let lanes = D::BLOCK
            .instances
            .iter()
            .map(|instance| LaneStats::new(instance.name));
        running.board.publish(lanes);
        for note in &settings.notes {
            crate::stderr::write(note);
        }
        let layer = Layer::filtered(
            Arc::clone(&running.intake),
            Arc::clone(&running.levels),
            Arc::clone(&running.limits),
        );
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

pub(crate) fn thresholds(settings: &Settings) -> Thresholds {
    Thresholds {
        sync: settings.sync_threshold,
        discard: settings.discard_threshold,
        sync_timeout: settings.sync_timeout,
    }
}

/// Sets the levels of all instances to what was configured.
pub(crate) fn set_levels(levels: &Levels, settings: &Settings) {
    for (index, instance) in settings.instances.iter().enumerate() {
        let on = settings.enabled && instance.enabled;
        levels.set(
            index,
            if on {
                instance.level
            } else {
                tracing::level_filters::LevelFilter::OFF
            },
        );
    }
}

fn parts<D: Dispatch>(running: &Running<D>, settings: Settings) -> Parts {
    Parts {
        block: &D::BLOCK,
        intake: Arc::clone(&running.intake),
        levels: Arc::clone(&running.levels),
        board: Arc::clone(&running.board),
        enabled: settings
            .instances
            .iter()
            .map(|instance| instance.enabled)
            .collect(),
        muted: muted(&settings),
        live: live::<D>(settings),
    }
}

pub(crate) fn muted(settings: &Settings) -> Vec<Fingerprint> {
    settings
        .mute
        .iter()
        .filter_map(|text| Fingerprint::parse(text))
        .collect()
}

pub(crate) fn live<D: Dispatch>(settings: Settings) -> Live {
    let secrets: Vec<_> = settings
        .instances
        .iter()
        .flat_map(|instance| instance.secrets.clone())
        .collect();
    let declared = settings.instances.iter().zip(D::BLOCK.instances);
    let looks = declared.map(|(instance, declared)| Look {
        shown: instance.metadata.clone(),
        shape: Shape::Block(declared.format.unwrap_or(D::BLOCK.format)),
    });
    Live {
        looks: looks.collect(),
        scrubber: Scrubber::new(&secrets),
        utc: settings.utc_log,
        limits: Limits {
            max_age: settings.max_age,
            report_period: settings.discard_threshold_periodic_check,
            recheck: RECHECK,
        },
        origin: Origin {
            project: settings.project_name,
            environment: settings.environment,
            host: host(),
            release: settings.release,
        },
    }
}

/// Starts the worker's thread. Should the worker ever die, it is started anew and says so.
fn spawn<D: Dispatch, T: Transport + Send>(
    running: &Running<D>,
    parts: Parts,
    transport: T,
) -> Result<(), Error> {
    let dispatch = Arc::clone(&running.dispatch);
    let control = Arc::clone(&running.control);
    let thread = std::thread::Builder::new().name("logout".to_owned());
    let spawned = thread.spawn(move || {
        let _silence = Silence::keep();
        let mut desk = Desk {
            transport,
            shared: Shared::new(parts.clone()),
        };
        loop {
            let work =
                AssertUnwindSafe(|| async_io::block_on(worker::run(&*dispatch, &desk, &control)));
            if catch_unwind(work).is_ok() {
                return;
            }
            desk.shared = Shared::restarted(parts.clone());
            desk.shared.announce(
                "logout's worker panicked and was started anew; what it held is counted as lost",
                None,
            );
        }
    });
    spawned.map(drop).map_err(|why| Error::thread(&why))
}

#[cfg(unix)]
fn host() -> String {
    let uname = rustix::system::uname();
    uname.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

impl<D, T> fmt::Debug for Builder<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
