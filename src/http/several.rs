//! Several requests at once.

use std::collections::VecDeque;

use reqwest::Method;
use reqwest::header::ACCEPT;
use tokio::task::JoinSet;

use super::client::{Body, Client, JSON, Response, exchanged};
use super::endpoint::Endpoint;
use super::error::{ClientError, explain};

/// A request to a path below the base.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    /// The method.
    pub method: Method,
    /// The path, with its query.
    pub path: String,
    /// The body.
    pub json: Option<String>,
}

impl Client {
    /// Sends these requests, at most `at_once` at the same time, and returns the answers in their order. Once `goes_on` says
    /// no to an answer, no other request begins: those that did not have no answer.
    pub(crate) fn exchange_all(
        &self,
        endpoint: &Endpoint,
        requests: Vec<Outgoing>,
        at_once: usize,
        limit: u64,
        mut goes_on: impl FnMut(&Result<Response, ClientError>) -> bool,
    ) -> Vec<Option<Result<Response, ClientError>>> {
        if let Err(error) = self.prepare(endpoint) {
            let mut answers: Vec<_> = requests.iter().map(|_| None).collect();
            if let Some(first) = answers.first_mut() {
                *first = Some(Err(error));
            }
            return answers;
        }
        let timeout = self.timeout();
        let mut answers: Vec<Option<Result<Response, ClientError>>> = Vec::new();
        answers.resize_with(requests.len(), || None);
        let mut waiting: VecDeque<(usize, Outgoing)> = requests.into_iter().enumerate().collect();
        self.runtime().block_on(async {
            let mut running = JoinSet::new();
            loop {
                while running.len() < at_once.max(1) {
                    let Some((index, Outgoing { method, path, json })) = waiting.pop_front() else { break };
                    let url = endpoint.below(&path);
                    match self.request(endpoint, &url, method, json.map(Body::json)) {
                        Ok(request) => {
                            let request = request.header(ACCEPT, JSON);
                            running.spawn(async move { (index, url, exchanged(request, limit).await) });
                        }
                        Err(error) => answers[index] = Some(Err(error)),
                    }
                }
                // A task does not panic, and nothing aborts it.
                let Some(Ok((index, url, answer))) = running.join_next().await else { break };
                let answer = answer.map_err(|error| explain(&url, timeout, &error));
                if !goes_on(&answer) {
                    waiting.clear();
                }
                answers[index] = Some(answer);
            }
        });
        answers
    }
}
