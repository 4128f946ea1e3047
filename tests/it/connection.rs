//! Where requests go and as whom, signing in to DC/OS, its secrets, and being a plugin of its CLI.

mod login;
mod order;
mod plugin;
mod renewal;
mod secret;
mod server;
