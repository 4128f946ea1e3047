//! What the apps of a registry have in common: a container with a port, and how its health is known.

use crate::definition::{
    AnyPort, App, AppConstraint, AppHealthCheck, AppHealthCheckProtocol, Container, ContainerPortMapping,
    Containerizer, DockerContainer, DockerNetwork, Labels, Network, NetworkMode, NetworkProtocol,
    PortDefinition, UnreachableDisabled, UnreachableStrategy, UpgradeStrategy,
};
use crate::target::Release;

use super::builder::AppBuilder;

/// How long a service with a volume may take to finish its work when it is stopped, in seconds.
const GRACE_SECONDS: i32 = 30;

/// The app of a service, apart from what the choices add to an [`AppBuilder`].
#[derive(Debug)]
pub(crate) struct ServiceApp<'a> {
    /// The app's id.
    pub id: &'a str,
    /// The image.
    pub image: &'a str,
    /// How many instances run.
    pub instances: i32,
    /// CPU shares of one instance.
    pub cpus: f64,
    /// Memory of one instance, in MiB.
    pub mem: f64,
    /// The containerizer.
    pub containerizer: Containerizer,
    /// The Marathon that the app is for.
    pub release: Release,
    /// Where it listens; nothing for an app without a port.
    pub listener: Option<Listener<'a>>,
    /// A line for the shell in place of what the image runs.
    pub command: Option<&'a str>,
    /// How its health is known.
    pub health_check: Option<AppHealthCheck>,
    /// Constraints on where instances run.
    pub constraints: &'a [AppConstraint],
}

/// Where a service listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listener<'a> {
    /// Its name.
    pub name: &'a str,
    /// The port in the container.
    pub number: u16,
    /// The service port; Marathon picks one when absent.
    pub service_port: Option<u16>,
}

impl ServiceApp<'_> {
    /// The app, with what `builder` has collected, which is taken out of it.
    pub(crate) fn app(&self, builder: &mut AppBuilder) -> App {
        let is_old = self.release <= Release::V1_4;
        let has_fixed_port = builder.host_port > 0;
        let mut app = App {
            id: self.id.into(),
            cmd: self.command.map(str::to_owned),
            cpus: Some(self.cpus),
            mem: Some(self.mem),
            instances: Some(self.instances),
            container: Some(self.container(builder)),
            env: Some(std::mem::take(&mut builder.env)).filter(|env| !env.is_empty()),
            constraints: Some(self.constraints.to_vec()).filter(|constraints| !constraints.is_empty()),
            secrets: Some(std::mem::take(&mut builder.secrets)).filter(|secrets| !secrets.is_empty()),
            labels: Some(std::mem::take(&mut builder.labels)).filter(|labels| !labels.is_empty()),
            ..App::default()
        };
        // Without a port the network of the agent does.
        if !is_old && self.listener.is_some() {
            let bridge = Network { mode: Some(NetworkMode::ContainerBridge), ..Network::default() };
            app.networks = Some(vec![bridge]);
        }
        app.health_checks = self.health_check.clone().map(|check| vec![check]);
        if builder.is_resident || has_fixed_port {
            // Two tasks cannot share one volume (1.5 … 1.11 reject anything else), nor one port of an agent: an old one stops
            // before a new one starts.
            let minimum_health_capacity = if self.instances > 1 && !builder.is_resident { 0.5 } else { 0.0 };
            app.upgrade_strategy =
                Some(UpgradeStrategy { minimum_health_capacity, maximum_over_capacity: 0.0 });
        }
        if builder.is_resident {
            app.unreachable_strategy = Some(UnreachableStrategy::Disabled(UnreachableDisabled::Disabled));
            app.task_kill_grace_period_seconds = Some(GRACE_SECONDS);
        }
        if let Some(port) = self.listener.and_then(|listener| listener.service_port).filter(|_| is_old) {
            app.port_definitions = Some(vec![PortDefinition {
                port: Some(AnyPort(port.into())),
                protocol: Some(NetworkProtocol::Tcp),
                labels: Some(Labels::new()),
                ..PortDefinition::default()
            }]);
        }
        app
    }

    fn container(&self, builder: &mut AppBuilder) -> Container {
        let volumes = Some(std::mem::take(&mut builder.volumes)).filter(|volumes| !volumes.is_empty());
        let mappings = self.listener.map(|listener| vec![self.port_mapping(listener, builder)]);
        let docker = DockerContainer { image: self.image.to_owned(), ..DockerContainer::default() };
        let container = Container { r#type: Some(self.containerizer), volumes, ..Container::default() };
        if self.release > Release::V1_4 || self.containerizer == Containerizer::Mesos {
            return Container { docker: Some(docker), port_mappings: mappings, ..container };
        }
        let docker = DockerContainer {
            network: Some(if mappings.is_some() { DockerNetwork::Bridge } else { DockerNetwork::Host }),
            port_mappings: mappings,
            privileged: Some(false),
            parameters: Some(Vec::new()),
            force_pull_image: Some(false),
            ..docker
        };
        Container { docker: Some(docker), ..container }
    }

    fn port_mapping(&self, listener: Listener<'_>, builder: &mut AppBuilder) -> ContainerPortMapping {
        ContainerPortMapping {
            container_port: Some(AnyPort(listener.number.into())),
            host_port: Some(AnyPort(std::mem::take(&mut builder.host_port).into())),
            service_port: listener.service_port.map(|port| AnyPort(port.into())),
            protocol: Some(NetworkProtocol::Tcp),
            name: (self.release > Release::V1_4).then(|| listener.name.into()),
            labels: Some(std::mem::take(&mut builder.port_labels)).filter(|labels| !labels.is_empty()),
            ..ContainerPortMapping::default()
        }
    }
}

/// A check that the port is open.
#[cfg(feature = "cert")]
pub(crate) fn tcp_check() -> AppHealthCheck {
    AppHealthCheck { protocol: Some(AppHealthCheckProtocol::MesosTcp), path: None, ..health_check("", false) }
}

/// A check by http or https. Mesos checks from the agent (Marathon 1.4 …) and does not verify the certificate.
pub(crate) fn health_check(path: &str, has_tls: bool) -> AppHealthCheck {
    AppHealthCheck {
        protocol: Some(if has_tls {
            AppHealthCheckProtocol::MesosHttps
        } else {
            AppHealthCheckProtocol::MesosHttp
        }),
        path: Some(path.to_owned()),
        port_index: Some(AnyPort(0)),
        grace_period_seconds: Some(60),
        interval_seconds: Some(30),
        timeout_seconds: Some(10),
        max_consecutive_failures: Some(3),
        ..AppHealthCheck::default()
    }
}
