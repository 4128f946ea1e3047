//! What rules check: the fields of objects, and apps and pods as Marathon sees them once old forms are migrated.

mod app;
mod container;
mod fields;
mod health;
mod names;
mod network;
mod pod;
mod set;

pub(super) use app::{AppView, MigrationError, MigrationFault, RawApp, port_number};
pub(super) use container::{ContainerView, PortMapping, VolumeView};
pub(super) use fields::{Fields, default, elements, has_members, pick, text, words};
pub(super) use health::HealthCheckView;
pub(super) use names::Names;
pub(super) use network::NetworkView;
pub(super) use pod::{
    EndpointView, PodContainerView, PodNetworks, PodPortView, PodView, PodVolumeView, SchedulingView,
};
pub(super) use set::{Seen, distinct, first_repeat};
