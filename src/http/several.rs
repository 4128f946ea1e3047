//! Several requests at once.

use std::collections::VecDeque;

use reqwest::Method;
use reqwest::header::ACCEPT;
use tokio::task::JoinSet;

use super::client::{Body, Client, Exchange, JSON, Response, exchanged};
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

/// An answer, or why there is none.
type HttpAnswer = Result<Response, ClientError>;

/// Requests that run side by side.
struct Batch<G> {
    requests: Vec<Outgoing>,
    answers: Vec<Option<HttpAnswer>>,
    /// Those that have not begun.
    waiting: VecDeque<usize>,
    /// Those whose answers say that they were not carried out, and may be somewhere else, or with another token.
    held: Vec<(usize, HttpAnswer)>,
    goes_on: G,
}

impl<G: FnMut(&HttpAnswer) -> bool> Batch<G> {
    fn new(requests: Vec<Outgoing>, goes_on: G) -> Self {
        let mut answers = Vec::new();
        answers.resize_with(requests.len(), || None);
        let waiting = (0..requests.len()).collect();
        Self { requests, answers, waiting, held: Vec::new(), goes_on }
    }

    fn take(&mut self, index: usize, answer: HttpAnswer) {
        if !(self.goes_on)(&answer) {
            self.waiting.clear();
        }
        self.answers[index] = Some(answer);
    }
}

impl Client {
    /// Sends these requests, at most `at_once` at the same time, and returns the answers in their order. Once `goes_on` says
    /// no to an answer, no other request begins: those that did not have no answer. As single requests they go on to the
    /// server's next address, and once more with a new token, which is had once for all.
    pub(crate) fn exchange_all(
        &self,
        endpoint: &Endpoint,
        requests: Vec<Outgoing>,
        at_once: usize,
        limit: u64,
        goes_on: impl FnMut(&HttpAnswer) -> bool,
    ) -> Vec<Option<HttpAnswer>> {
        let mut batch = Batch::new(requests, goes_on);
        if let Err(error) = self.prepare(endpoint) {
            if let Some(first) = batch.answers.first_mut() {
                *first = Some(Err(error));
            }
            return batch.answers;
        }
        while !batch.waiting.is_empty() {
            self.run_batch(endpoint, &mut batch, at_once, limit);
            self.repeat_held(endpoint, &mut batch, limit);
        }
        batch.answers
    }

    /// Runs what waits, until all of it is done or some of it is held.
    fn run_batch<G: FnMut(&HttpAnswer) -> bool>(
        &self,
        endpoint: &Endpoint,
        batch: &mut Batch<G>,
        at_once: usize,
        limit: u64,
    ) {
        let timeout = self.patience();
        self.runtime().block_on(async {
            let mut running = JoinSet::new();
            loop {
                while batch.held.is_empty() && running.len() < at_once.max(1) {
                    let Some(index) = batch.waiting.pop_front() else { break };
                    let Outgoing { method, path, json } = &batch.requests[index];
                    let url = endpoint.below(path);
                    match self.request(endpoint, &url, method.clone(), json.clone().map(Body::json)) {
                        Ok(request) => {
                            let request = request.header(ACCEPT, JSON);
                            running.spawn(async move { (index, url, exchanged(request, limit).await) });
                        }
                        Err(error) => batch.answers[index] = Some(Err(error)),
                    }
                }
                // A task does not panic, and nothing aborts it.
                let Some(Ok((index, url, answer))) = running.join_next().await else { break };
                let answer = answer.map_err(|error| explain(&url, timeout, &error));
                self.note(&answer);
                let may_be_repeated = match &answer {
                    Ok((307 | 308 | 401, ..)) => true,
                    Err(error) if error.was_not_sent() && endpoint.len() > 1 => true,
                    answer => self.insists(&batch.requests[index].method, answer),
                };
                if may_be_repeated {
                    batch.held.push((index, answer));
                } else {
                    batch.take(index, answer);
                }
            }
        });
    }

    /// Sends again what is held, one request after another. Where the token was refused and no other can be had, the reason
    /// is the answer to the first of those requests, and none of them is sent again.
    fn repeat_held<G: FnMut(&HttpAnswer) -> bool>(
        &self,
        endpoint: &Endpoint,
        batch: &mut Batch<G>,
        limit: u64,
    ) {
        let is_refused = |answer: &HttpAnswer| matches!(answer, Ok((401, ..)));
        let mut held = std::mem::take(&mut batch.held);
        held.sort_by_key(|(index, _)| *index);
        let renewal = held.iter().any(|(_, answer)| is_refused(answer)).then(|| self.renew(endpoint));
        let is_renewed = matches!(renewal, Some(Ok(true)));
        let mut fault = renewal.and_then(Result::err);
        for (index, answer) in held {
            let Outgoing { method, path, json } = batch.requests[index].clone();
            let is_final = match &answer {
                Ok((401, ..)) => !is_renewed,
                Ok(_) => false,
                Err(error) => !error.was_not_sent() && !self.insists(&method, &answer),
            };
            if is_final {
                let fault = if is_refused(&answer) { fault.take() } else { None };
                batch.take(index, fault.map_or(answer, Err));
                continue;
            }
            let exchange = Exchange { body: json.map(Body::json), ..Exchange::new(method, &path, limit) };
            let send = || self.answer(endpoint, &exchange);
            // After some answers it is not sent again at once.
            let first = if self.insists(&exchange.method, &answer) { answer } else { send() };
            let answer = self.insistently_after(first, &exchange.method, send);
            batch.take(index, answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::super::token::{Renew, Token, TokenHolder};
    use super::super::{MAX_ANSWER, Url};
    use super::*;

    /// A server that takes one token, or sends all to another address: the address, and the tokens that it saw.
    fn server(token: &'static str, leader: Option<String>) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let of_thread = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = answer(&stream, token, leader.as_deref(), &of_thread);
            }
        });
        (url, seen)
    }

    fn answer(
        mut stream: &TcpStream,
        token: &str,
        leader: Option<&str>,
        seen: &Mutex<Vec<String>>,
    ) -> std::io::Result<()> {
        let head: Vec<String> = BufReader::new(stream)
            .lines()
            .map_while(Result::ok)
            .take_while(|line| !line.is_empty())
            .collect();
        let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let sent =
            head.iter().find_map(|line| line.strip_prefix("authorization: token=")).unwrap_or_default();
        seen.lock().expect("no test has failed within").push(sent.to_owned());
        let (status, more) = match leader {
            Some(leader) => (307, format!("Location: {leader}{path}\r\n")),
            None => (if sent == token { 200 } else { 401 }, String::new()),
        };
        let body = path.as_bytes();
        write!(
            stream,
            "HTTP/1.1 {status} X\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        stream.write_all(body)
    }

    /// Gives these tokens, one after another, and counts.
    struct Tokens(&'static [&'static str], Arc<AtomicUsize>);

    impl Renew for Tokens {
        fn renew(&self, _: &Client) -> Result<Token, ClientError> {
            let given = self.1.fetch_add(1, Ordering::Relaxed);
            let refused = || ClientError::SignIn { message: "wrong".to_owned(), is_refusal: true };
            Token::new(self.0.get(given).ok_or_else(refused)?, "a test").map_err(|_| refused())
        }
    }

    /// Signs in at a server that nothing can be connected to.
    struct NoServer;

    impl Renew for NoServer {
        fn renew(&self, client: &Client) -> Result<Token, ClientError> {
            let login = Url::parse("http://127.0.0.1:1/acs/api/v1/auth/login").expect("an address");
            Err(client.fetch(&login).expect_err("nothing listens there"))
        }
    }

    #[test]
    fn a_login_server_that_cannot_be_reached_is_the_reason_and_nothing_is_sent_again() {
        let (url, seen) = server("new", None);
        let endpoint = Endpoint::new(vec![Url::parse(&url).expect("an address")]);
        let holder = TokenHolder::new(Token::new("old", "a test").ok(), Some(Arc::new(NoServer)));
        let endpoint = endpoint.with_token(Some(holder)).expect("this machine");
        let client = Client::new(Duration::from_secs(30), None).expect("a client");
        let request = || Outgoing { method: Method::PUT, path: "v2/apps/a".to_owned(), json: None };
        let goes_on = |answer: &HttpAnswer| matches!(answer, Ok((200, ..)));
        let answers =
            client.exchange_all(&endpoint, vec![request(), request(), request()], 2, MAX_ANSWER, goes_on);
        let first = answers[0].as_ref().expect("an answer").as_ref().expect_err("no token");
        assert!(first.to_string().starts_with("cannot connect to http://127.0.0.1:1/acs"), "{first}");
        assert!(matches!(answers[1], Some(Ok((401, ..)))) && answers[2].is_none());
        assert_eq!(seen.lock().expect("no test has failed within").len(), 2);
    }

    /// The statuses of seven requests, two at once, with the token `old` first.
    fn statuses(
        urls: &[&str],
        tokens: Option<(&'static [&'static str], Arc<AtomicUsize>)>,
        goes_on: impl FnMut(&HttpAnswer) -> bool,
    ) -> Vec<Option<u16>> {
        let urls = urls.iter().map(|url| Url::parse(url).expect("an address")).collect();
        let renewal = tokens.map(|(tokens, count)| Arc::new(Tokens(tokens, count)) as Arc<dyn Renew>);
        let holder = TokenHolder::new(Token::new("old", "a test").ok(), renewal);
        let endpoint = Endpoint::new(urls).with_token(Some(holder)).expect("this machine");
        let client = Client::new(Duration::from_secs(30), None).expect("a client");
        let request = |number| Outgoing { method: Method::GET, path: format!("v2/{number}"), json: None };
        let answers = client.exchange_all(&endpoint, (0..7).map(request).collect(), 2, MAX_ANSWER, goes_on);
        let of = |(number, answer): (usize, Option<HttpAnswer>)| match answer? {
            Ok((status, _, body)) => {
                assert_eq!(String::from_utf8_lossy(&body), format!("/v2/{number}"));
                Some(status)
            }
            Err(_) => Some(0),
        };
        answers.into_iter().enumerate().map(of).collect()
    }

    #[test]
    fn a_refused_token_is_renewed_once_for_all() {
        let (url, seen) = server("new", None);
        let count = Arc::new(AtomicUsize::new(0));
        assert_eq!(statuses(&[&url], Some((&["new"], count.clone())), |_| true), [Some(200); 7]);
        assert_eq!(count.load(Ordering::Relaxed), 1);
        let seen = seen.lock().expect("no test has failed within").clone();
        assert_eq!(seen.iter().filter(|token| *token == "old").count(), 2, "{seen:?}");
        assert_eq!(seen.len(), 9, "{seen:?}");
    }

    #[test]
    fn a_token_that_stays_refused_ends_it() {
        let is_fine = |answer: &HttpAnswer| matches!(answer, Ok((200, ..)));
        let (url, _) = server("new", None);
        let none = [None; 5];
        assert_eq!(statuses(&[&url], None, is_fine), [&[Some(401); 2][..], &none].concat());
        let count = Arc::new(AtomicUsize::new(0));
        let wrong = statuses(&[&url], Some((&["wrong"], count.clone())), is_fine);
        assert_eq!((wrong, count.load(Ordering::Relaxed)), ([&[Some(401); 2][..], &none].concat(), 1));
        // Nor is there any other token.
        let count = Arc::new(AtomicUsize::new(0));
        let no_login = statuses(&[&url], Some((&[], count)), is_fine);
        assert_eq!(no_login, [&[Some(0), Some(401)][..], &none].concat());
    }

    #[test]
    fn all_go_to_the_leader() {
        let (leader, _) = server("old", None);
        let (standby, seen) = server("old", Some(leader.clone()));
        assert_eq!(statuses(&[&standby, &leader], None, |_| true), [Some(200); 7]);
        // The first ones only: the others go to the leader at once.
        assert!((1..7).contains(&seen.lock().expect("no test has failed within").len()));
        assert_eq!(statuses(&["http://127.0.0.1:1", &leader], None, |_| true), [Some(200); 7]);
    }
}
