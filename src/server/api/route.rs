//! Which resource a path names, and which methods it has (Marathon's JAX-RS resources, 1.11).

use super::request::decoded;

/// A resource of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ApiResource {
    Apps,
    App(String),
    Restart(String),
    AppTasks(String),
    AppTask(String, String),
    AppVersions(String),
    AppVersion(String, String),
    Groups,
    Group(String),
    Pods,
    Pod(String),
    PodStatuses,
    PodStatus(String),
    PodVersions(String),
    PodVersion(String, String),
    PodInstances(String),
    PodInstance(String, String),
    Deployments,
    Deployment(String),
    Queue,
    QueueDelay(String),
    Tasks,
    KillTasks,
    Info,
    Leader,
    Plugins,
    Plugin(String),
    Events,
    Ping,
    Metrics,
    Prometheus,
    Logging,
    Config,
    /// Below `/milepost`, which Marathon does not have.
    Control(String),
}

impl ApiResource {
    /// The methods, beside OPTIONS, and HEAD where there is GET.
    pub(crate) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Apps => &["GET", "POST", "PUT", "PATCH"],
            Self::App(_) => &["GET", "PUT", "PATCH", "DELETE"],
            Self::Restart(_) => &["POST", "DELETE"],
            Self::AppTasks(_) | Self::Leader => &["GET", "DELETE"],
            Self::AppTask(..)
            | Self::Deployment(_)
            | Self::QueueDelay(_)
            | Self::PodInstances(_)
            | Self::PodInstance(..) => &["DELETE"],
            Self::Groups | Self::Plugin(_) | Self::Control(_) => &["GET", "POST", "PUT", "DELETE"],
            Self::Group(_) => &["GET", "POST", "PUT", "PATCH", "DELETE"],
            Self::Pods | Self::Logging => &["GET", "POST"],
            Self::Pod(_) => &["GET", "PUT", "DELETE"],
            Self::KillTasks => &["POST"],
            Self::AppVersions(_)
            | Self::AppVersion(..)
            | Self::PodStatuses
            | Self::PodStatus(_)
            | Self::PodVersions(_)
            | Self::PodVersion(..)
            | Self::Deployments
            | Self::Queue
            | Self::Tasks
            | Self::Info
            | Self::Plugins
            | Self::Events
            | Self::Ping
            | Self::Metrics
            | Self::Prometheus
            | Self::Config => &["GET"],
        }
    }

    /// The `Allow` header.
    pub(crate) fn allowed(&self) -> String {
        let methods = self.methods();
        let mut all: Vec<&str> = methods.to_vec();
        if methods.contains(&"GET") {
            all.insert(0, "HEAD");
        }
        all.push("OPTIONS");
        all.join(",")
    }

    /// The media types that it answers with.
    pub(crate) fn produces(&self) -> &'static [&'static str] {
        match self {
            Self::Ping => &["text/plain", "application/json", "text/html"],
            Self::Prometheus => &["text/plain"],
            _ => &["application/json"],
        }
    }

    /// Whether a body has to be JSON by its content type.
    pub(crate) fn consumes_json(&self) -> bool {
        !matches!(self, Self::Groups | Self::Group(_) | Self::Control(_) | Self::Plugin(_) | Self::Ping)
    }
}

/// Reads a path, still encoded. Nothing for one that Marathon does not have.
pub(crate) fn resource(path: &str) -> Option<ApiResource> {
    let path = path.strip_prefix('/')?;
    match path {
        "ping" => return Some(ApiResource::Ping),
        "metrics" | "metrics/" => return Some(ApiResource::Metrics),
        "metrics/prometheus" => return Some(ApiResource::Prometheus),
        "logging" | "logging/" => return Some(ApiResource::Logging),
        "config" | "config/" => return Some(ApiResource::Config),
        _ => {}
    }
    if let Some(rest) = path.strip_prefix("milepost/") {
        return Some(ApiResource::Control(decoded(rest)?));
    }
    let rest = path.strip_prefix("v2/")?;
    let (head, rest) = rest.split_once('/').unwrap_or((rest, ""));
    match head {
        "apps" => app(rest),
        "groups" if rest.is_empty() => Some(ApiResource::Groups),
        "groups" => Some(ApiResource::Group(id(rest)?)),
        "pods" => pod(rest),
        "deployments" if rest.is_empty() => Some(ApiResource::Deployments),
        "deployments" => Some(ApiResource::Deployment(segment(rest)?)),
        "queue" if rest.is_empty() => Some(ApiResource::Queue),
        "queue" => Some(ApiResource::QueueDelay(id(rest.trim_end_matches('/').strip_suffix("/delay")?)?)),
        "tasks" if rest.is_empty() => Some(ApiResource::Tasks),
        "tasks" => (rest.trim_end_matches('/') == "delete").then_some(ApiResource::KillTasks),
        "info" => rest.is_empty().then_some(ApiResource::Info),
        "leader" => rest.is_empty().then_some(ApiResource::Leader),
        "plugins" if rest.is_empty() => Some(ApiResource::Plugins),
        "plugins" => rest.split_once('/').and_then(|(plugin, _)| Some(ApiResource::Plugin(decoded(plugin)?))),
        "events" => rest.is_empty().then_some(ApiResource::Events),
        _ => None,
    }
}

/// The rest of a path as an id, decoded: matrix parameters and a slash at the end are dropped.
fn id(path: &str) -> Option<String> {
    let segments = path.split('/').map(|segment| segment.split(';').next().unwrap_or_default());
    let joined = segments.collect::<Vec<_>>().join("/");
    decoded(joined.strip_suffix('/').unwrap_or(&joined))
}

fn segment(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    if text.contains('/') { None } else { decoded(text) }
}

fn app(rest: &str) -> Option<ApiResource> {
    if rest.is_empty() {
        return Some(ApiResource::Apps);
    }
    let trimmed = rest.strip_suffix('/').unwrap_or(rest);
    if let Some(app) = trimmed.strip_suffix("/restart").filter(|app| !app.is_empty()) {
        return Some(ApiResource::Restart(id(app)?));
    }
    // The longest id counts: the last segment of this name that has at most one after it.
    for (word, is_tasks) in [("tasks", true), ("versions", false)] {
        let (app, inner) = match trimmed.strip_suffix(word).and_then(|app| app.strip_suffix('/')) {
            Some(app) => (app, None),
            None => match trimmed.rsplit_once('/') {
                Some((front, last)) => match front.strip_suffix(word).and_then(|app| app.strip_suffix('/')) {
                    Some(app) => (app, Some(last)),
                    None => continue,
                },
                None => continue,
            },
        };
        if app.is_empty() {
            continue;
        }
        let app = id(app)?;
        return Some(match (inner, is_tasks) {
            (None, true) => ApiResource::AppTasks(app),
            (Some(task), true) => ApiResource::AppTask(app, decoded(task)?),
            (None, false) => ApiResource::AppVersions(app),
            (Some(version), false) => ApiResource::AppVersion(app, decoded(version)?),
        });
    }
    Some(ApiResource::App(id(rest)?))
}

fn pod(rest: &str) -> Option<ApiResource> {
    if rest.is_empty() {
        return Some(ApiResource::Pods);
    }
    let trimmed = rest.strip_suffix('/').unwrap_or(rest);
    if trimmed == "::status" {
        return Some(ApiResource::PodStatuses);
    }
    let Some((pod, word)) = trimmed.rsplit_once("::") else { return Some(ApiResource::Pod(id(rest)?)) };
    let (word, inner) = word.split_once('/').map_or((word, None), |(word, inner)| (word, Some(inner)));
    if pod.is_empty() {
        return None;
    }
    let pod = id(pod)?;
    match (word, inner) {
        ("status", None) => Some(ApiResource::PodStatus(pod)),
        ("versions", None) => Some(ApiResource::PodVersions(pod)),
        ("versions", Some(version)) => Some(ApiResource::PodVersion(pod, decoded(version)?)),
        ("instances", None) => Some(ApiResource::PodInstances(pod)),
        ("instances", Some(instance)) => Some(ApiResource::PodInstance(pod, decoded(instance)?)),
        _ => Some(ApiResource::Pod(id(rest)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiResource, resource};

    #[test]
    fn ids_take_as_much_as_they_can() {
        let app = |id: &str| Some(ApiResource::App(id.to_owned()));
        assert_eq!(resource("/v2/apps/a/b"), app("a/b"));
        assert_eq!(resource("/v2/apps//a/b;x=y/"), app("/a/b"));
        assert_eq!(resource("/v2/apps/%2Fa%2Ftasks"), app("/a/tasks"));
        assert_eq!(resource("/v2/apps/tasks"), app("tasks"));
        assert_eq!(resource("/v2/apps/a/tasks/b"), Some(ApiResource::AppTask("a".into(), "b".into())));
        assert_eq!(resource("/v2/apps/a/tasks/b/tasks"), Some(ApiResource::AppTasks("a/tasks/b".into())));
        assert_eq!(
            resource("/v2/pods/a/b::versions/x"),
            Some(ApiResource::PodVersion("a/b".into(), "x".into()))
        );
        assert_eq!(resource("/v2/queue/a/b/delay"), Some(ApiResource::QueueDelay("a/b".into())));
        for path in
            ["/v2", "/v2/nothing", "/v2/pods::status", "//v2/apps", "/PING", "/v2/info/x", "/v2/queue/a"]
        {
            assert_eq!(resource(path), None, "{path}");
        }
    }

    #[test]
    fn methods_are_those_of_marathon() {
        let mut allowed: Vec<String> =
            resource("/v2/apps").expect("a resource").allowed().split(',').map(str::to_owned).collect();
        allowed.sort();
        assert_eq!(allowed, ["GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
    }
}
