//! Requests that change what a Marathon runs.

use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER, Method, Outgoing, Response, Url, location};
use crate::source::Kind;

use super::address::as_array;
use super::response::ResponseParts;
use super::{Reply, Resource, has_address, path_of_id, why_no_address};

/// A change of one app, pod or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// What is sent, and to which address below `v2`.
    pub verb: Verb,
    /// [`Kind::App`], [`Kind::Pod`] or [`Kind::Group`].
    pub kind: Kind,
    /// The absolute id.
    pub id: String,
    /// The definition, as JSON.
    pub body: Option<String>,
}

/// What is done with a service or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `POST`: never changes what exists.
    Create,
    /// `PUT` of the whole definition: fields that it leaves out get their defaults.
    Replace,
    /// `PUT` of some fields; the others stay.
    Update,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// Its name in saved plans.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The verb of a name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Create, Self::Replace, Self::Update, Self::Delete].into_iter().find(|verb| verb.name() == name)
    }
}

impl Change {
    /// Why Marathon has no address for this change.
    pub(crate) fn why_impossible(&self) -> Option<String> {
        let is_sent = self.verb != Verb::Delete
            || !matches!(self.kind, Kind::App | Kind::Apps)
            || has_address(Resource::App, &self.id);
        (!is_sent).then(|| {
            let group = self.id.rsplit_once('/').map_or("/", |(group, _)| group);
            let why = why_no_address(&self.id);
            format!("{why}: `milepost group remove {group}` removes it with its group")
        })
    }

    /// The request. With `force` it cancels deployments that hold the lock; `DELETE` of an app would do so by itself.
    pub(crate) fn request(&self, force: bool) -> Outgoing {
        let words = match self.kind {
            Kind::Pod => "v2/pods",
            Kind::Group => "v2/groups",
            Kind::App | Kind::Apps => "v2/apps",
        };
        let (method, path) = match self.verb {
            // A group's own address takes its new members, and the id in the body may be absolute.
            Verb::Create => (Method::POST, words.to_owned()),
            Verb::Replace | Verb::Update => (Method::PUT, path_of_id(words, &self.id)),
            Verb::Delete => (Method::DELETE, path_of_id(words, &self.id)),
        };
        let partial = match (self.verb, self.kind) {
            (Verb::Replace, Kind::App) => "&partialUpdate=false",
            (Verb::Update, Kind::App) => "&partialUpdate=true",
            _ => "",
        };
        let is_put_of_app = matches!(self.verb, Verb::Replace | Verb::Update) && self.kind == Kind::App;
        if is_put_of_app
            && !has_address(Resource::App, &self.id)
            && let Some(body) = self.body.as_deref().and_then(|body| as_array(body, &self.id))
        {
            let path = format!("{words}?force={force}{partial}");
            return Outgoing { method, path, json: Some(body) };
        }
        let path = format!("{path}?force={force}{partial}");
        Outgoing { method, path, json: self.body.clone() }
    }
}

impl Client {
    /// Sends changes, at most `at_once` at the same time: the answers in their order. Once one is not accepted, or `goes_on`
    /// says no, no other change is sent: those that were not have no answer.
    pub(crate) fn change_all(
        &self,
        endpoint: &Endpoint,
        changes: &[(&Change, bool)],
        at_once: usize,
        mut goes_on: impl FnMut() -> bool,
    ) -> Vec<Option<Result<Reply, ClientError>>> {
        let requests: Vec<Outgoing> = changes.iter().map(|(change, force)| change.request(*force)).collect();
        let urls: Vec<Url> = requests.iter().map(|request| endpoint.below(&request.path)).collect();
        let is_accepted = |answer: &Result<Response, ClientError>| {
            answer.as_ref().is_ok_and(|(status, ..)| (200..300).contains(status))
        };
        let answers = self
            .exchange_all(endpoint, requests, at_once, MAX_ANSWER, |answer| goes_on() && is_accepted(answer));
        let sent = urls.iter().zip(changes);
        let replies = answers.into_iter().zip(sent).map(|(answer, (url, (change, _)))| {
            answer.map(|answer| answer.map(|answer| reply(url, &answer, change.body.as_deref())))
        });
        replies.collect()
    }

    /// Sends one change.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn change(
        &self,
        endpoint: &Endpoint,
        change: &Change,
        force: bool,
    ) -> Result<Reply, ClientError> {
        let Outgoing { method, path, json } = change.request(force);
        let answer = self.exchange(endpoint, method, &path, json, MAX_ANSWER)?;
        Ok(reply(&endpoint.below(&path), &answer, change.body.as_deref()))
    }
}

/// The meaning of an answer to a change that was sent with this body.
pub(super) fn reply(url: &Url, (status, headers, body): &Response, sent: Option<&str>) -> Reply {
    let location = location(url, headers);
    Reply::to_change(ResponseParts::of(*status, headers, location.as_deref(), body), sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_verb() {
        let shown = |verb, kind, id: &str| {
            let change = Change { verb, kind, id: id.to_owned(), body: None };
            let request = change.request(false);
            format!("{} {}", request.method, request.path)
        };
        assert_eq!(shown(Verb::Create, Kind::App, "/a/b"), "POST v2/apps?force=false");
        assert_eq!(
            shown(Verb::Replace, Kind::App, "/a/b"),
            "PUT v2/apps/a/b?force=false&partialUpdate=false"
        );
        assert_eq!(shown(Verb::Update, Kind::App, "/a"), "PUT v2/apps/a?force=false&partialUpdate=true");
        assert_eq!(shown(Verb::Replace, Kind::Pod, "/p"), "PUT v2/pods/p?force=false");
        assert_eq!(shown(Verb::Update, Kind::Group, "/g"), "PUT v2/groups/g?force=false");
        assert_eq!(shown(Verb::Delete, Kind::App, "/a"), "DELETE v2/apps/a?force=false");
        let hidden = |verb, kind, id: &str| {
            let body = (verb != Verb::Delete).then(|| r#"{"cpus": 1}"#.to_owned());
            Change { verb, kind, id: id.to_owned(), body }
        };
        let update = hidden(Verb::Update, Kind::App, "/a/tasks/b").request(true);
        assert_eq!(update.path, "v2/apps?force=true&partialUpdate=true");
        assert_eq!(update.json.as_deref(), Some(r#"[{"id": "/a/tasks/b", "cpus": 1}]"#));
        assert!(hidden(Verb::Delete, Kind::App, "/a/tasks/b").why_impossible().is_some());
        assert!(hidden(Verb::Delete, Kind::App, "/a/b").why_impossible().is_none());
        assert!(hidden(Verb::Delete, Kind::Group, "/a/tasks").why_impossible().is_none());
        assert_eq!(
            hidden(Verb::Update, Kind::Group, "/a/apps").request(false).path,
            "v2/groups/a/apps?force=false"
        );
    }
}
