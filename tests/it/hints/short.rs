//! What Docker, Compose and Kubernetes write as one text, and numbers with units.

use super::{Hint, hint, hold};

/// A hint for the container of an app that the Docker Engine runs.
fn in_docker(members: &str, pointer: &'static str, help: &'static str, fixed: Option<&str>) -> Hint {
    let container = |members: &str| {
        format!(
            r#""container": {{"type": "DOCKER", {members}}}, "networks": [{{"mode": "container/bridge"}}]"#
        )
    };
    hint(&container(members), pointer, help, fixed.map(container).as_deref())
}

#[test]
fn short_forms_of_docker_and_kubernetes_are_written_out() {
    let image = r#""docker": {"image": "shop/web:1"}"#;
    let parameter =
        |parameter: &str| format!(r#""docker": {{"image": "shop/web:1", "parameters": [{parameter}]}}"#);
    hold(vec![
        in_docker(
            &format!(r#"{image}, "volumes": ["/srv/data:/data:ro"]"#),
            "/container/volumes/0",
            r#"write {"containerPath": "/data", "hostPath": "/srv/data", "mode": "RO"}"#,
            Some(&format!(
                r#"{image}, "volumes": [{{ "containerPath": "/data", "hostPath": "/srv/data", "mode": "RO" }}]"#
            )),
        ),
        in_docker(
            &format!(r#"{image}, "portMappings": ["8080:80/udp"]"#),
            "/container/portMappings/0",
            r#"write {"containerPort": 80, "hostPort": 8080, "protocol": "udp"}"#,
            Some(&format!(
                r#"{image}, "portMappings": [{{ "containerPort": 80, "hostPort": 8080, "protocol": "udp" }}]"#
            )),
        ),
        in_docker(
            &format!(r#"{image}, "portMappings": ["80"]"#),
            "/container/portMappings/0",
            r#"write {"containerPort": 80}"#,
            Some(&format!(r#"{image}, "portMappings": [{{ "containerPort": 80 }}]"#)),
        ),
        in_docker(
            &parameter(r#""--memory=64m""#),
            "/container/docker/parameters/0/key",
            r#"write {"key": "memory", "value": "64m"}"#,
            Some(&parameter(r#"{ "key": "memory", "value": "64m" }"#)),
        ),
        hint(r#""mem": "512MB""#, "/mem", "write 512 (MiB)", Some(r#""mem": 512"#)),
        hint(r#""disk": "1.5 Gi""#, "/disk", "write 1536 (MiB)", Some(r#""disk": 1536"#)),
        hint(r#""cpus": "250m""#, "/cpus", "write 0.25 (CPUs)", Some(r#""cpus": 0.25"#)),
        hint(
            r#""upgradeStrategy": {"minimumHealthCapacity": 50, "maximumOverCapacity": 1}"#,
            "/upgradeStrategy/minimumHealthCapacity",
            "write 0.5 (of 1: it is a share, and no percentage)",
            Some(r#""upgradeStrategy": {"minimumHealthCapacity": 0.5, "maximumOverCapacity": 1}"#),
        ),
        hint(
            r#""constraints": [{"field": "hostname", "operator": "UNIQUE"}]"#,
            "/constraints/0",
            r#"write ["hostname", "UNIQUE"]"#,
            Some(r#""constraints": [["hostname", "UNIQUE"]]"#),
        ),
        // Nobody knows what these mean.
        hint(r#""mem": "a lot""#, "/mem", "", None),
    ]);
}
