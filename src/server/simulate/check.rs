//! Health checks and readiness checks of tasks (`HealthCheckActor`, `ReadinessCheckExecutor`, 1.11).

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::instance::{Health, InstanceCondition, SimulatedInstance};
use super::refusal::MesosChecks;
use super::timer::{Due, Which};
use crate::server::events;
use crate::server::faults::{self, Passes};
use crate::server::probe::{Probe, ProbeAnswer};
use crate::server::world::options::Checks;
use crate::server::world::spec::{Spec, milliseconds};
use crate::server::world::{News, World};

/// The longest time until the first check of a task.
const FIRST_CHECK: u64 = 5_000;

/// A number of seconds of a check, in milliseconds.
fn period(check: &Json, name: &str, otherwise: f64) -> u64 {
    milliseconds(check.get(name).and_then(Json::as_f64).unwrap_or(otherwise))
}

fn protocol(check: &Json) -> &str {
    check.get("protocol").and_then(Json::as_str).unwrap_or("HTTP")
}

/// Whether Mesos makes the check, on the agent.
fn is_of_mesos(spec: &Spec, check: &Json) -> bool {
    spec.is_pod() || !matches!(protocol(check), "HTTP" | "HTTPS" | "TCP")
}

/// The health checks of a service, in order; of a pod one for each container that has one.
fn checks(spec: &Spec) -> Vec<&Json> {
    if spec.is_pod() {
        return spec.list(&["containers"]).filter_map(|each| each.get("healthCheck")).collect();
    }
    spec.list(&["healthChecks"]).collect()
}

impl World {
    /// Tells that an app's checks are made from now on.
    pub(crate) fn add_health_checks(&mut self, spec: &Arc<Spec>) {
        if spec.is_pod() || !spec.has_health_checks() {
            return;
        }
        let run = self.runs.entry(spec.id.clone()).or_default();
        if run.checked.replace(spec.version) == Some(spec.version) {
            return;
        }
        for check in checks(spec) {
            self.emit(|_| events::add_health_check(spec, check));
        }
    }

    /// Tells that an app's checks are made no longer.
    pub(crate) fn remove_health_checks(&mut self, spec: &Arc<Spec>) {
        let is_known = self.runs.get_mut(&spec.id).is_some_and(|run| run.checked.take().is_some());
        if is_known && !spec.is_pod() {
            for _ in checks(spec) {
                self.emit(|_| events::remove_health_check(spec));
            }
        }
    }

    /// Begins the checks of a task that runs now.
    pub(crate) fn begin_checks(&mut self, which: &Which) {
        let Some(spec) = self.instance(&which.spec, which.instance).map(|each| each.spec.clone()) else {
            return;
        };
        let count = checks(&spec).len();
        if let Some(instance) = self.instance_mut(&which.spec, which.instance) {
            instance.health = vec![Health::default(); count];
        }
        for (index, check) in checks(&spec).into_iter().enumerate() {
            let wait = if is_of_mesos(&spec, check) {
                0
            } else {
                period(check, "intervalSeconds", 60.0).min(FIRST_CHECK)
            };
            self.timers.add(self.now.plus(self.options.delay(wait)), Due::Check(which.clone(), index));
        }
        for index in 0..spec.list(&["readinessChecks"]).count() {
            self.timers.add(self.now.plus(self.options.delay(50)), Due::Readiness(which.clone(), index));
        }
    }

    /// Makes a health check.
    pub(crate) fn check(&mut self, which: &Which, index: usize) {
        let Some(instance) = self.instance(&which.spec, which.instance) else { return };
        if instance.incarnation != which.incarnation || instance.condition != InstanceCondition::Running {
            return;
        }
        let spec = instance.spec.clone();
        let Some(check) = checks(&spec).get(index).copied() else { return };
        let running_for = self.now.since(instance.active_since.unwrap_or(self.now));
        let interval = self.options.delay(period(check, "intervalSeconds", 60.0)).max(10);
        let labelled = faults::passes(&spec, false).map(|passes| match passes {
            Passes::Never => false,
            Passes::Always => true,
            Passes::After(wait) => running_for >= self.options.delay(wait),
        });
        let by_mesos = is_of_mesos(&spec, check).then(|| spec.mesos_checks(&self.options.settings));
        if by_mesos == Some(MesosChecks::Silent) {
            return;
        }
        let labelled = labelled.or((by_mesos == Some(MesosChecks::Fail)).then_some(false));
        let is_passing = labelled.or_else(|| {
            let is_simulated = is_of_mesos(&spec, check) || self.options.checks == Checks::Pass;
            is_simulated.then_some(true)
        });
        let is_settled = is_passing == Some(true) && (is_of_mesos(&spec, check) || labelled.is_none());
        if !is_settled {
            self.timers.add(self.now.plus(interval), Due::Check(which.clone(), index));
        }
        match is_passing {
            Some(true) => self.health_result(which, index, None),
            Some(false) => self.health_result(which, index, Some("500 Internal Server Error".to_owned())),
            None => {
                let instance = self.instance(&which.spec, which.instance);
                if let Some(probe) =
                    instance.and_then(|instance| self.probe(which, index, instance, check, false))
                {
                    self.outbox.probe(probe);
                }
            }
        }
    }

    /// The request that a check makes.
    fn probe(
        &self,
        which: &Which,
        index: usize,
        instance: &SimulatedInstance,
        check: &Json,
        is_readiness: bool,
    ) -> Option<Probe> {
        let number = |name: &str| check.get(name).and_then(Json::as_u64);
        let port = if is_readiness {
            let name = check.get("portName").and_then(Json::as_str).unwrap_or("http-api");
            let spec = &instance.spec;
            let named = |each: &Json| each.get("name").and_then(Json::as_str) == Some(name);
            let defined = spec.list(&["portDefinitions"]).position(named);
            let at = defined.or_else(|| spec.list(&["container", "portMappings"]).position(named))?;
            instance.ports.get(at).copied()
        } else {
            let by_index =
                || instance.ports.get(usize::try_from(number("portIndex").unwrap_or(0)).ok()?).copied();
            number("port").and_then(|port| u16::try_from(port).ok()).or_else(by_index)
        };
        let host = self.agents.get(instance.agent?)?.hostname.clone();
        Some(Probe {
            which: which.clone(),
            index,
            is_readiness,
            scheme: protocol(check).to_lowercase(),
            host,
            port: port?,
            path: check.get("path").and_then(Json::as_str).unwrap_or("/").to_owned(),
            timeout: self
                .options
                .delay(period(check, "timeoutSeconds", if is_readiness { 10.0 } else { 20.0 }))
                .max(20),
        })
    }

    /// Takes in what a check's request came to.
    pub(crate) fn probed(&mut self, probe: &Probe, answer: &ProbeAnswer) {
        if !self.is_current(&probe.which) {
            return;
        }
        if probe.is_readiness {
            self.readiness_result(probe, answer);
        } else {
            let is_tcp = probe.scheme == "tcp";
            self.health_result(&probe.which, probe.index, answer.failure(probe, is_tcp));
        }
        self.settle();
    }

    /// Takes in the result of a health check: the reason why it failed, or nothing.
    fn health_result(&mut self, which: &Which, index: usize, failure: Option<String>) {
        let now = self.now;
        let Some(instance) = self.instance(&which.spec, which.instance) else { return };
        let spec = instance.spec.clone();
        let Some(check) = checks(&spec).get(index).copied() else { return };
        let (before, active) = (instance.is_healthy(), instance.active_since.unwrap_or(now));
        let Some(health) = instance.health.get(index).cloned() else { return };
        let was_alive = health.is_alive == Some(true);
        let grace = self.options.delay(period(check, "gracePeriodSeconds", 300.0));
        let mut kill = None;
        let mut new = health.clone();
        match failure {
            None => {
                new.first_success = new.first_success.or(Some(now));
                (new.last_success, new.failures, new.is_alive) = (Some(now), 0, Some(true));
            }
            Some(_) if health.first_success.is_none() && active.plus(grace) > now => {
                new.is_alive = Some(false);
            }
            Some(reason) => {
                if !spec.is_pod() {
                    let id = instance.id.clone();
                    self.emit(|_| events::failed_health_check(&spec, &id, check));
                }
                let most = check.get("maxConsecutiveFailures").and_then(Json::as_u64).unwrap_or(3);
                if most > 0 && u64::from(health.failures) >= most {
                    kill = Some(
                        health.last_failure.clone().map_or_else(|| reason.clone(), |(_, reason)| reason),
                    );
                }
                (new.last_failure, new.is_alive) = (Some((now, reason)), Some(false));
                new.failures += 1;
            }
        }
        let is_alive = new.is_alive == Some(true);
        if let Some(health) =
            self.instance_mut(&which.spec, which.instance).and_then(|instance| instance.health.get_mut(index))
        {
            *health = new;
        }
        let after = self.instance(&which.spec, which.instance).and_then(SimulatedInstance::is_healthy);
        if after != before {
            self.emit(|world| events::instance_health_changed(world, which, after));
            if let Some(is_healthy) = after {
                self.note(&which.spec, which.instance, News::Health(is_healthy));
            }
        }
        if is_alive != was_alive && !spec.is_pod() {
            self.emit(|world| events::health_status_changed(world, which, is_alive));
            if is_of_mesos(&spec, check) {
                self.emit(|world| events::instance_health_changed(world, which, after));
            }
        }
        if let Some(reason) = kill {
            self.kill_unhealthy(which, &reason);
        }
    }

    fn kill_unhealthy(&mut self, which: &Which, reason: &str) {
        self.emit(|world| events::unhealthy_instance_kill(world, which, reason));
        let message = format!("Task was killed since health check failed. Reason: {reason}");
        if let Some(task) = self.instance(&which.spec, which.instance).map(SimulatedInstance::first_task_id) {
            self.remember(which, task, InstanceCondition::Killed, &message);
        }
        self.kill(&which.spec, which.instance);
    }

    /// Makes a readiness check.
    pub(crate) fn check_readiness(&mut self, which: &Which, index: usize) {
        let Some(instance) = self.instance(&which.spec, which.instance) else { return };
        // A readiness check is made only for a deployment.
        let is_deployed = self.deployments.holder(&which.spec).is_some();
        if instance.incarnation != which.incarnation
            || instance.condition != InstanceCondition::Running
            || !is_deployed
        {
            return;
        }
        let spec = instance.spec.clone();
        let Some(check) = spec.list(&["readinessChecks"]).nth(index) else { return };
        let running_for = self.now.since(instance.active_since.unwrap_or(self.now));
        let labelled = faults::passes(&spec, true).map(|passes| match passes {
            Passes::Never => false,
            Passes::Always => true,
            Passes::After(wait) => running_for >= self.options.delay(wait),
        });
        let is_passing = labelled.or((self.options.checks == Checks::Pass).then_some(true));
        let Some(probe) = self.probe(which, index, instance, check, true) else { return };
        if is_passing != Some(true) {
            let interval = self.options.delay(period(check, "intervalSeconds", 30.0)).max(10);
            self.timers.add(self.now.plus(interval), Due::Readiness(which.clone(), index));
        }
        match is_passing {
            Some(is_ready) => {
                let status = if is_ready { 200 } else { 503 };
                let answer =
                    ProbeAnswer::Http { status, content_type: "text/plain".to_owned(), body: String::new() };
                self.readiness_result(&probe, &answer);
            }
            None => self.outbox.probe(probe),
        }
    }

    fn readiness_result(&mut self, probe: &Probe, answer: &ProbeAnswer) {
        let which = &probe.which;
        let Some(instance) = self.instance(&which.spec, which.instance) else { return };
        let Some(check) = instance.spec.list(&["readinessChecks"]).nth(probe.index) else { return };
        let name = check.get("name").and_then(Json::as_str).unwrap_or("readinessCheck").to_owned();
        let task = instance.first_task_id();
        let expected = check.get("httpStatusCodesForReady").and_then(Json::as_array);
        let (status, content_type, body) = answer.response(probe);
        let is_ready = matches!(answer, ProbeAnswer::Http { .. })
            && expected
                .map_or(status == 200, |codes| codes.iter().any(|code| code.as_u64() == Some(status.into())));
        let mut result = json!({"name": name, "taskId": task, "ready": is_ready});
        if check.get("preserveLastResponse") == Some(&Json::Bool(true)) {
            result["lastResponse"] = json!({"status": status, "contentType": content_type, "body": body});
        }
        self.keep_readiness(&which.spec, &task, &name, result);
        if is_ready {
            self.note(&which.spec, which.instance, News::Ready);
        }
    }
}
