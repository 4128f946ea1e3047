//! The event stream: `GET /v2/events`.

use std::fmt;
use std::marker::PhantomData;

use memchr::memchr;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::http::{Client, Endpoint, Stream, StreamPart};

/// The events that tell about deployments and tasks (1.4 … 1.11), in their short form before 1.8.
const PATH: &str = "v2/events?plan-format=light\
    &event_type=deployment_success&event_type=deployment_failed&event_type=deployment_info\
    &event_type=status_update_event&event_type=failed_health_check_event&event_type=unhealthy_instance_kill_event\
    &event_type=api_post_event&event_type=app_terminated_event&event_type=pod_deleted_event";

/// The longest event that is read, in bytes: before 1.8 one may hold all of the server's groups.
const LONGEST: usize = 16 << 20;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A deployment has finished.
    Succeeded {
        /// Its id.
        deployment: String,
        /// The services it changed.
        affected: Vec<String>,
    },
    /// A deployment was ended before it finished, or was refused.
    Failed {
        /// Its id.
        deployment: String,
        /// Why, where the server says it (1.6 and later).
        reason: String,
    },
    /// A deployment is at a new step.
    Step {
        /// Its id.
        deployment: String,
        /// When it was asked for, by the server's clock.
        version: String,
        /// The services it changes.
        affected: Vec<String>,
    },
    /// A task has another state.
    Task(TaskEvent),
    /// A health check of an instance has failed.
    Unhealthy {
        /// The app.
        app: String,
    },
    /// A request has changed an app.
    Posted {
        /// The app.
        app: String,
        /// The version that the request made.
        version: String,
        /// The address it came from.
        client: String,
    },
    /// A service was deleted.
    Deleted {
        /// Its id.
        service: String,
    },
}

/// A task has another state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskEvent {
    /// The app or pod.
    pub service: String,
    /// The task.
    pub task: String,
    /// The state: `TASK_RUNNING`.
    pub state: String,
    /// Why, in the words of Mesos; often empty.
    pub message: String,
    /// The agent.
    pub host: String,
    /// The agent's id in Mesos.
    pub agent: String,
    /// The version of the definition that it runs.
    pub version: String,
}

/// What comes out of the stream next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NextEvent {
    /// The server has accepted the request: from now on events come.
    Open,
    /// An event.
    Event(Box<Event>),
    /// Something came that is of no interest.
    Other,
    /// The stream ended.
    End(String),
}

/// The event stream of a Marathon.
pub(crate) struct EventStream {
    stream: Stream,
    lines: EventLines,
    ready: std::collections::VecDeque<NextEvent>,
}

impl EventStream {
    /// Opens the stream. It is read whenever the client waits for something.
    pub(crate) fn open(client: &Client, endpoint: &Endpoint) -> Self {
        let stream = client.open_stream(endpoint, PATH);
        Self { stream, lines: EventLines::default(), ready: std::collections::VecDeque::new() }
    }

    /// What comes next, or nothing within this time.
    pub(crate) fn next(&mut self, client: &Client, within: std::time::Duration) -> Option<NextEvent> {
        if self.ready.is_empty() {
            let part = client.next_part(&mut self.stream, within)?;
            self.read(part);
        }
        self.ready.pop_front()
    }

    /// Reads what has come already, and keeps it for later: while other requests run, so that the server does not have to
    /// wait for its events to be taken.
    pub(crate) fn collect(&mut self) {
        let parts: Vec<StreamPart> = Client::parts_there(&mut self.stream).collect();
        for part in parts {
            self.read(part);
        }
    }

    fn read(&mut self, part: StreamPart) {
        match part {
            StreamPart::Open => self.ready.push_back(NextEvent::Open),
            StreamPart::End(reason) => self.ready.push_back(NextEvent::End(reason)),
            StreamPart::Bytes(bytes) => match self.lines.take(&bytes) {
                Ok(events) if events.is_empty() => self.ready.push_back(NextEvent::Other),
                Ok(events) => {
                    self.ready.extend(events.into_iter().map(|event| NextEvent::Event(Box::new(event))));
                }
                Err(TooLong) => {
                    self.ready.push_back(NextEvent::End("an event was too long to be read".to_owned()));
                }
            },
        }
    }
}

/// Bytes of a stream → events.
#[derive(Debug, Default)]
struct EventLines {
    /// An unfinished line.
    line: Vec<u8>,
    /// The data of an unfinished event.
    data: String,
}

/// An event is longer than any of use.
#[derive(Debug)]
struct TooLong;

impl EventLines {
    fn take(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while let Some(end) = memchr(b'\n', rest) {
            self.line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                let data = std::mem::take(&mut self.data);
                events.extend(event(&data));
            } else if let Some(data) = line.strip_prefix("data:") {
                self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            }
        }
        self.line.extend_from_slice(rest);
        if self.line.len() + self.data.len() > LONGEST {
            return Err(TooLong);
        }
        Ok(events)
    }
}

/// The data of an event, as far as it is of use. Events come by the thousand, and some have whole definitions in them, so that
/// no tree is made of them (`deploy`, 200 apps). A member of another type than Marathon's is none.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Frame {
    event_type: Lenient<String>,
    id: Lenient<String>,
    reason: Lenient<String>,
    app_id: Lenient<String>,
    task_id: Lenient<String>,
    task_status: Lenient<String>,
    message: Lenient<String>,
    host: Lenient<String>,
    slave_id: Lenient<String>,
    version: Lenient<String>,
    uri: Lenient<String>,
    client_ip: Lenient<String>,
    plan: Lenient<JsonObject<PlanFrame>>,
    app_definition: Lenient<JsonObject<AppFrame>>,
}

/// The plan of a deployment.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PlanFrame {
    id: Lenient<String>,
    version: Lenient<String>,
    steps: Lenient<Vec<JsonObject<StepFrame>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StepFrame {
    actions: Lenient<Vec<JsonObject<ActionFrame>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ActionFrame {
    app: Lenient<String>,
    pod: Lenient<String>,
}

/// The definition that a request has sent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AppFrame {
    id: Lenient<String>,
    version: Lenient<String>,
}

/// What is read of a JSON value: the default where the value is of another type.
trait OfJson: Default {
    fn of_text(_: &str) -> Self {
        Self::default()
    }

    fn of_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn of_object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl OfJson for String {
    fn of_text(text: &str) -> Self {
        text.to_owned()
    }
}

impl<T: OfJson> OfJson for Vec<T> {
    fn of_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut all = Self::new();
        while let Some(Lenient(element)) = list.next_element()? {
            all.push(element);
        }
        Ok(all)
    }
}

/// An object with these members.
#[derive(Default)]
struct JsonObject<T>(T);

impl<T: DeserializeOwned + Default> OfJson for JsonObject<T> {
    fn of_object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Self)
    }
}

/// A value that may be of any type.
#[derive(Default)]
struct Lenient<T>(T);

impl<'de, T: OfJson> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue(PhantomData)).map(Self)
    }
}

struct AnyValue<T>(PhantomData<T>);

impl<'de, T: OfJson> Visitor<'de> for AnyValue<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_text(text))
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::of_object(object)
    }
}

/// The services in the steps of a plan.
fn affected(steps: Lenient<Vec<JsonObject<StepFrame>>>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for JsonObject(ActionFrame { app, pod }) in
        steps.0.into_iter().flat_map(|JsonObject(step)| step.actions.0)
    {
        let Lenient(service) = if app.0.is_empty() { pod } else { app };
        if !service.is_empty() && !found.contains(&service) {
            found.push(service);
        }
    }
    found
}

/// The event of a frame's data; nothing for one of no interest, or for data that is not an event's.
fn event(data: &str) -> Option<Event> {
    let frame: Frame = serde_json::from_str(data).ok()?;
    let Lenient(JsonObject(plan)) = frame.plan;
    Some(match &*frame.event_type.0 {
        "deployment_success" => Event::Succeeded { deployment: frame.id.0, affected: affected(plan.steps) },
        "deployment_failed" => Event::Failed { deployment: frame.id.0, reason: frame.reason.0 },
        "deployment_info" => {
            Event::Step { deployment: plan.id.0, version: plan.version.0, affected: affected(plan.steps) }
        }
        "status_update_event" => Event::Task(TaskEvent {
            service: frame.app_id.0,
            task: frame.task_id.0,
            state: frame.task_status.0,
            message: frame.message.0,
            host: frame.host.0,
            agent: frame.slave_id.0,
            version: frame.version.0,
        }),
        "failed_health_check_event" | "unhealthy_instance_kill_event" => {
            Event::Unhealthy { app: frame.app_id.0 }
        }
        "api_post_event" => {
            let Lenient(JsonObject(app)) = frame.app_definition;
            Event::Posted { app: app.id.0, version: app.version.0, client: frame.client_ip.0 }
        }
        "app_terminated_event" => Event::Deleted { service: frame.app_id.0 },
        "pod_deleted_event" => Event::Deleted { service: frame.uri.0.replacen("/v2/pods", "", 1) },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: &str = "event: deployment_info\r\ndata: {\"plan\": {\"id\": \"d\", \"version\": \"v\", \"steps\": \
        [{\"actions\": [{\"action\": \"ScaleApplication\", \"app\": \"/a\"}]}]}, \"eventType\": \"deployment_info\"}\r\n\r\n\r\n\
        : a comment\ndata: {broken\n\nevent: x\ndata: {\"eventType\": \"deployment_failed\",\ndata:  \"id\": \"d\"}\n\n";

    #[test]
    fn frames_are_put_together_wherever_they_are_cut() {
        for size in [1, 7, 4096] {
            let mut lines = EventLines::default();
            let events: Vec<Event> =
                FRAMES.as_bytes().chunks(size).flat_map(|part| lines.take(part).expect("short")).collect();
            let affected = vec!["/a".to_owned()];
            let step = Event::Step { deployment: "d".to_owned(), version: "v".to_owned(), affected };
            let failed = Event::Failed { deployment: "d".to_owned(), reason: String::new() };
            assert_eq!(events, [step, failed], "in parts of {size}");
        }
    }

    #[test]
    fn values_of_other_types_are_none() {
        let data = r#"{"eventType": "status_update_event", "appId": "/a", "taskId": 7, "taskStatus": null, "host": ["x"],
            "slaveId": {"x": [1.5, true]}, "message": false, "version": -1, "plan": null, "other": {"x": []}}"#;
        let task = TaskEvent { service: "/a".to_owned(), ..TaskEvent::default() };
        assert_eq!(event(data), Some(Event::Task(task)));
        assert_eq!(event("[1]"), None);
        // The rest of the event counts all the same.
        for plan in ["7", "\"x\"", "[1]", "false", r#"{"steps": {}}"#, r#"{"steps": [1, {"actions": [2]}]}"#]
        {
            let data = format!(
                r#"{{"eventType": "deployment_success", "id": "d", "plan": {plan}, "appDefinition": [{plan}]}}"#
            );
            let affected = Vec::new();
            assert_eq!(
                event(&data),
                Some(Event::Succeeded { deployment: "d".to_owned(), affected }),
                "{plan}"
            );
        }
        let data = r#"{"eventType": "api_post_event", "appDefinition": "x", "clientIp": "10.0.0.1"}"#;
        let client = "10.0.0.1".to_owned();
        assert_eq!(event(data), Some(Event::Posted { app: String::new(), version: String::new(), client }));
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let mut lines = EventLines::default();
        assert!(lines.take(&vec![b'x'; LONGEST]).is_ok());
        assert!(lines.take(b"xx").is_err());
    }
}
