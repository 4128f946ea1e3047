//! What commands that watch share: their options, a server, and the services that are meant.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};

use super::super::connection::LongConnection;
use super::super::remote::Remote;
use super::super::target::{NO_FILES, NamedTarget, WithoutAnswer};
use super::super::{Exit, Terminal};
use super::outcome::{FineAs, Outcome, STORED, ServiceOutcome, has_no_instances};
use super::report::ReportFormat;
use super::{duration, interrupt, lock, readiness};
use crate::definition::id::AbsoluteId;
use crate::deploy::{Awaited, Book, Ended, Limits, ServiceVerdict, judge};
use crate::http::{Client, Endpoint};
use crate::marathon::{GetError, Running};
use crate::source::Kind;
use crate::state::is_below;
use crate::target::Settings;

/// The options of commands that watch.
#[derive(Debug, clap::Args)]
pub(in super::super) struct WatchArgs {
    /// Give up after this time: 90, 30s, 10m, 1h30m
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse)]
    timeout: Duration,

    /// Succeed only after all of it has stayed healthy for this time
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = duration::parse)]
    stable: Duration,

    /// Wait until the timeout even for what cannot succeed
    #[arg(long, hide_short_help = true)]
    no_fail_fast: bool,

    /// The form of the report on stdout
    #[arg(long, value_enum, value_name = "FORM", default_value = "text")]
    pub(in super::super) report: ReportFormat,
}

impl WatchArgs {
    pub(in super::super) fn limits(&self) -> Limits {
        self.limits_within(None)
    }

    /// As [`WatchArgs::limits`], with this time instead of `--timeout` where there is one.
    pub(in super::super) fn limits_within(&self, most: Option<Duration>) -> Limits {
        let until = Instant::now() + most.unwrap_or(self.timeout);
        Limits { until, stable: self.stable, fail_fast: !self.no_fail_fast }
    }
}

/// The options of commands that look at a server.
#[derive(Debug, clap::Args)]
pub(in super::super) struct ServerArgs {
    #[command(flatten)]
    connection: LongConnection,

    #[command(flatten)]
    target: NamedTarget,
}

/// A server to look at.
pub(in super::super) struct Server {
    pub(in super::super) client: Client,
    pub(in super::super) endpoint: Endpoint,
    pub(in super::super) settings: Settings,
    pub(in super::super) interrupts: Arc<AtomicUsize>,
}

impl ServerArgs {
    /// Finds the address and the credential; sends nothing.
    pub(in super::super) fn remote(&self) -> anyhow::Result<Remote> {
        let (endpoint, client) = self.connection.open()?;
        Ok(Remote { client, endpoint })
    }

    /// The address of the server that is meant, where it can be found out.
    pub(in super::super) fn address(&self) -> Option<String> {
        self.connection.address()
    }

    /// The options that name a target.
    pub(in super::super) fn target(&self) -> &NamedTarget {
        &self.target
    }

    /// The settings of the server, with a warning where it does not tell them.
    pub(in super::super) fn settings(
        &self,
        remote: &Remote,
        term: &mut Terminal,
    ) -> anyhow::Result<Settings> {
        self.target.settings_at(NO_FILES, &remote.client, &remote.endpoint, WithoutAnswer::Warn, term)
    }

    /// Connects to the server and reads its settings.
    pub(in super::super) fn open(&self, term: &mut Terminal) -> anyhow::Result<Server> {
        self.server(self.remote()?, term)
    }

    /// As [`ServerArgs::open`]; no request goes on after this time.
    pub(in super::super) fn open_until(&self, until: Instant, term: &mut Terminal) -> anyhow::Result<Server> {
        let mut remote = self.remote()?;
        remote.client.end_at(Some(until));
        self.server(remote, term)
    }

    /// Reads the settings of the server.
    pub(in super::super) fn server(
        &self,
        Remote { client, endpoint }: Remote,
        term: &mut Terminal,
    ) -> anyhow::Result<Server> {
        let settings = self.target.settings_at(NO_FILES, &client, &endpoint, WithoutAnswer::Fail, term)?;
        Ok(Server { client, endpoint, settings, interrupts: interrupt::count()? })
    }
}

impl Server {
    /// A service of an id, which may be written without the slash in front.
    pub(in super::super) fn service(&self, id: &str) -> anyhow::Result<(Kind, Running)> {
        let id = absolute(id);
        match self.find(&id)? {
            Some(found) => Ok(found),
            None => Err(self.unknown(&id)),
        }
    }

    /// That the server has no service of this id.
    pub(in super::super) fn unknown(&self, id: &str) -> anyhow::Error {
        if let Ok(Some(_)) = self.client.group(&self.endpoint, id) {
            return anyhow!(
                "{id} is a group: name an app or a pod in it, which `milepost status {id}` lists"
            );
        }
        anyhow!("{id}: {} has no app and no pod of this id", self.endpoint)
    }

    /// A service, where the server has it.
    pub(in super::super) fn find(&self, id: &str) -> Result<Option<(Kind, Running)>, GetError> {
        for kind in [Kind::App, Kind::Pod] {
            let mut found = self.client.running(&self.endpoint, &[(id, kind)])?;
            self.client.note_deployments_of_pods(&self.endpoint, &mut found)?;
            if let Some(running) = found.remove(id) {
                return Ok(Some((kind, running)));
            }
        }
        Ok(None)
    }

    /// All services, or those of these ids and in these groups.
    pub(in super::super) fn services(&self, ids: &[String]) -> anyhow::Result<Vec<(Kind, Running)>> {
        if let [id] = ids
            && let Some(found) = self.find(&absolute(id))?
        {
            return Ok(vec![found]);
        }
        let ids: Vec<String> = ids.iter().map(|id| absolute(id)).collect();
        let mut all = self.client.all_running(&self.endpoint, true)?;
        self.client.note_deployments_of_pods(&self.endpoint, &mut all)?;
        if let Some(id) = ids.iter().find(|id| !all.keys().any(|other| is_below(other, id))) {
            bail!("{id}: {} has no app, pod or group of this id with anything in it", self.endpoint);
        }
        let is_meant = |id: &str| ids.is_empty() || ids.iter().any(|group| is_below(id, group));
        let meant = all.into_iter().filter(|(id, _)| is_meant(id));
        Ok(meant.map(|(_, running)| (running.kind(), running)).collect())
    }
}

/// An id with the slash in front.
pub(in super::super) fn absolute(id: &str) -> String {
    AbsoluteId::parse(id).canonical(&AbsoluteId::root()).into_text()
}

/// How a watch over services ended that were not sent from a plan.
pub(in super::super) fn outcome(book: &Book, ended: &Ended) -> Outcome {
    let failed = match ended {
        Ended::Failed(failed) => failed.clone(),
        _ => std::collections::BTreeMap::new(),
    };
    let mut services = Vec::new();
    for service in book.services.values() {
        let failed = failed.get(&service.id);
        let is_done = judge(service, book) == ServiceVerdict::Done;
        let (result, reason) = match failed {
            Some(failed) => (failed.name(), Some(failed.words(service))),
            None if is_done && matches!(service.wanted, Awaited::Gone) => ("removed", None),
            None if is_done && has_no_instances(service) => (STORED, None),
            None if is_done => ("runs", None),
            None => ("unknown", Some("it is not known how it ended".to_owned())),
        };
        services.push(ServiceOutcome {
            id: service.id.clone(),
            action: "wait",
            deployment: service.deployment.clone(),
            result,
            reason,
            version: service.view.as_ref().map(|view| view.version.clone()),
            is_readiness_unknown: readiness::is_unknown(service),
        });
    }
    let (exit, sentence) = match ended {
        Ended::Done => (Exit::Fine, super::outcome::fine_words(&services, FineAs::Stored)),
        Ended::Failed(failed) => {
            let reasons = super::outcome::failed_words(failed, &services);
            let words = super::outcome::and_also(reasons, lock::still_running(book));
            (super::outcome::exit_of(failed), words)
        }
        Ended::Interrupted => (Exit::Interrupted, "interrupted".to_owned()),
        Ended::Refused(error) => {
            (Exit::Refused, format!("it is not known how it ended: the server no longer answers: {error}"))
        }
    };
    Outcome::of_services(exit, sentence, services, Vec::new())
}
