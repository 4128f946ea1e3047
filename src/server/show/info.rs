//! What the server says of itself: `/v2/info` (`InfoResource`, 1.11).

use serde_json::{Value as Json, json};

use crate::server::world::World;
use crate::server::world::options::Options;

/// `/v2/info`
pub(crate) fn info(world: &World) -> Json {
    let options = &world.options;
    let (host, port) = options.address.rsplit_once(':').unwrap_or((&options.address, "8080"));
    let port: u16 = port.parse().unwrap_or(8080);
    json!({
        "name": "marathon",
        "version": format!("{}.0", options.settings.release),
        "buildref": concat!("milepost-", env!("CARGO_PKG_VERSION")),
        "elected": true,
        "leader": options.address,
        "frameworkId": world.framework,
        "marathon_config": config(options, host),
        "zookeeper_config": {
            "zk": "zk://localhost:2181/marathon",
            "zk_compression": true,
            "zk_compression_threshold": 65_536,
            "zk_connection_timeout": 10_000,
            "zk_max_node_size": 1_024_000,
            "zk_max_versions": 50,
            "zk_session_timeout": 10_000,
            "zk_timeout": 10_000,
        },
        "http_config": {"http_port": port, "https_port": 8_443},
    })
}

/// How it was started; what the embedded one does not have is as Marathon has it by default.
fn config(options: &Options, host: &str) -> Json {
    let enforces = if options.settings.new_groups_enforce_role { "Top" } else { "Off" };
    let mut config = json!({
        "access_control_allow_origin": null,
        "checkpoint": true,
        "decline_offer_duration": 120_000,
        "default_network_name": options.settings.default_network,
        "env_vars_prefix": null,
        "executor": "//cmd",
        "failover_timeout": 604_800,
        "features": options.features,
        "framework_name": "marathon",
        "ha": false,
        "hostname": host,
        "launch_token": 100,
        "launch_token_refresh_interval": 30_000,
        "leader_proxy_connection_timeout_ms": 5_000,
        "leader_proxy_read_timeout_ms": 10_000,
        "local_port_max": options.ports.1,
        "local_port_min": options.ports.0,
        "master": "http://127.0.0.1:5050",
        "max_instances_per_offer": 5,
        "mesos_bridge_name": "mesos-bridge",
    });
    let rest = json!({
        "mesos_heartbeat_failure_threshold": 5,
        "mesos_heartbeat_interval": 2_000_000_000,
        "mesos_leader_ui_url": "http://127.0.0.1:5050/",
        "mesos_role": options.settings.mesos_role,
        "mesos_user": "root",
        "new_group_enforce_role": enforces,
        "min_revive_offers_interval": 5_000,
        "offer_matching_timeout": 3_000,
        "on_elected_prepare_timeout": 180_000,
        "reconciliation_initial_delay": 15_000,
        "reconciliation_interval": 600_000,
        "scale_apps_initial_delay": 15_000,
        "scale_apps_interval": 3_600_000,
        "store_cache": true,
        "task_launch_confirm_timeout": 300_000,
        "task_launch_timeout": 300_000,
        "task_lost_expunge_initial_delay": 300_000,
        "task_lost_expunge_interval": 30_000,
        "task_reservation_timeout": 20_000,
        "webui_url": null,
        "maintenance_mode": true,
    });
    if let (Some(config), Json::Object(rest)) = (config.as_object_mut(), rest) {
        config.extend(rest);
    }
    config
}
