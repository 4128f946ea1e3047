//! The errors of a real server as findings in the user's text, and advice on its other answers.

use crate::finding::{Answer, Effect, Finding, Stage};
use crate::http::Endpoint;
use crate::source::{Document, Type};

use super::{REFUSED_BY_MARATHON, RefusedRequest, Resource, ServerError, locate};

/// Describes a request whose answer says nothing, or did not come.
pub(crate) const MAY_BE_DONE: &str = "it may have been carried out: check before sending it again";

impl RefusedRequest {
    /// The errors as findings in the document that was sent, in the order of the text.
    #[must_use]
    pub(crate) fn findings(&self, document: &Document) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.errors.iter().map(|error| error.finding(document)).collect();
        findings.sort_by_key(|finding| finding.range.start);
        // Marathon reports a value of the wrong type once for each field that it misses in it.
        findings.dedup_by(|one, other| one.range == other.range && one.message == other.message);
        findings
    }

    /// Who answers, as far as the answer tells.
    #[must_use]
    pub(crate) fn who(&self) -> &'static str {
        if self.is_marathons {
            "Marathon"
        } else if self.is_uncertain() {
            "the server or a proxy before it"
        } else {
            "the server"
        }
    }

    /// What to do about the answer to the creation of `id`, where that is known.
    #[must_use]
    pub(crate) fn advice(&self, id: &str, endpoint: &Endpoint, resource: Resource) -> Option<String> {
        let text = match self.status {
            _ if self.is_locked() => "wait until that deployment is done, then send it again",
            409 => {
                let kind = resource.name();
                return Some(format!(
                    "`add` never changes what exists; `milepost {kind} update {id}` and `milepost deploy` do"
                ));
            }
            401 => return Some(endpoint.advice_on_401()),
            200..=299 => return Some(format!("check whether it was carried out; {}", wrong_place(endpoint))),
            404 | 405 => return Some(wrong_place(endpoint)),
            // The message names the address.
            300..=399 => "give that address if it is right",
            500 if self.message.starts_with("URI not found") => return Some(wrong_place(endpoint)),
            _ if self.is_uncertain() => MAY_BE_DONE,
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// What to do where no Marathon answers.
pub(super) fn wrong_place(endpoint: &Endpoint) -> String {
    if endpoint.is_behind_dcos() {
        return format!("is there a Marathon at {endpoint}? `dcos service` lists those that run");
    }
    format!("is {endpoint} Marathon's address? DC/OS has it at /service/marathon")
}

impl ServerError {
    /// The error as a finding in the document that was sent.
    #[must_use]
    pub(crate) fn finding(&self, document: &Document) -> Finding {
        // What has no address of its own is sent as an array of one.
        let is_object = document.root().kind() == Type::Object;
        let path = self.path.strip_prefix("(0)").filter(|_| is_object).unwrap_or(&self.path);
        let place = locate(document, path);
        let named = (!place.exact).then(|| format!("Marathon names {}", path.replace(char::is_control, "?")));
        let help = match (self.meaning(), named) {
            (Some(meaning), Some(named)) => Some(format!("{meaning}; {named}")),
            (Some(meaning), None) => Some(meaning.to_owned()),
            (None, named) => named,
        };
        Finding {
            rule: &REFUSED_BY_MARATHON,
            effect: Effect::Rejected,
            pointer: place.pointer,
            message: self.error.clone(),
            help: help.map(Into::into),
            range: place.range,
            answer: Some(Box::new(Answer {
                stage: Stage::Canonical,
                path: self.path.clone(),
                error: self.error.clone(),
                later: false,
                others: Vec::new(),
            })),
            refusal: None,
            fix: None,
        }
    }
}
