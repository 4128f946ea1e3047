//! What an embedded Marathon is started with.

use crate::target::Settings;

/// How Marathon's own checks (HTTP, HTTPS, TCP) and readiness checks are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Checks {
    /// They are made, against the agents' addresses, as Marathon makes them.
    #[default]
    Probe,
    /// They pass.
    Pass,
}

/// What an embedded Marathon is started with.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// What it accepts, and how it normalizes.
    pub(crate) settings: Settings,
    /// All features that are on, by name.
    pub(crate) features: Vec<String>,
    /// `--max_running_deployments`
    pub(crate) max_deployments: usize,
    /// `--local_port_min` and `--local_port_max`: the service ports.
    pub(crate) ports: (u64, u64),
    /// `--mesos_authentication_principal`
    pub(crate) principal: Option<String>,
    /// The seed of all random numbers.
    pub(crate) seed: u64,
    /// Random faults: their seed.
    pub(crate) chaos: Option<u64>,
    /// How checks are answered.
    pub(crate) checks: Checks,
    /// Delays of the simulated cluster are divided by this.
    pub(crate) speed: u64,
    /// The host and port that it says it has.
    pub(crate) address: String,
}

impl Options {
    /// Options for these settings, all others by default.
    pub(crate) fn new(settings: Settings) -> Self {
        let mut features = vec!["task_killing".to_owned(), "vips".to_owned()];
        let deciding = [
            ("secrets", settings.secrets),
            ("external_volumes", settings.external_volumes),
            ("gpu_resources", settings.gpu_resources),
        ];
        features.extend(deciding.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| (*name).to_owned()));
        Self {
            settings,
            features,
            max_deployments: 100,
            ports: (10_000, 20_000),
            principal: None,
            seed: 0,
            chaos: None,
            checks: Checks::Probe,
            speed: 1,
            address: "127.0.0.1:8080".to_owned(),
        }
    }

    /// A delay of the simulated cluster, in milliseconds.
    pub(crate) fn delay(&self, milliseconds: u64) -> u64 {
        milliseconds / self.speed.max(1)
    }
}
