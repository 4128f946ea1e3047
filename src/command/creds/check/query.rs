//! Asking registries, several questions at a time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::credential::Login;
use crate::credential::check::Puller;
use crate::http::{Client, ClientError};
use crate::image::Reference;
use crate::registry_client::Pulled;

use super::{ClientArgs, Terminal};

/// So many registries, or images of one, are asked at a time.
const AT_A_TIME: usize = 8;

/// What is asked for, by whom.
pub(super) struct Question<'a> {
    pub(super) image: &'a Reference,
    pub(super) reader: Puller,
    pub(super) login: Option<&'a Login>,
}

impl Question<'_> {
    /// What questions with the same answer have in common.
    fn key(&self) -> (&Reference, bool, usize) {
        let login = self.login.map_or(0, |login| std::ptr::from_ref(login).addr());
        (self.image, self.reader == Puller::Mesos, login)
    }
}

/// What came of a list of questions.
pub(super) struct Answers {
    /// Which answer is that to each question.
    numbers: Vec<usize>,
    answers: Vec<Result<Pulled, ClientError>>,
}

impl Answers {
    /// The answers in the order of the questions.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Result<Pulled, ClientError>> {
        self.numbers.iter().map(|number| &self.answers[*number])
    }
}

/// Asks; what several questions have in common only once. Counts on a terminal.
pub(super) fn ask(
    questions: &[Question<'_>],
    client: &ClientArgs,
    term: &mut Terminal,
) -> anyhow::Result<Answers> {
    let mut distinct: BTreeMap<_, usize> = BTreeMap::new();
    let mut asked = Vec::new();
    let numbers: Vec<usize> = questions
        .iter()
        .map(|question| {
            *distinct.entry(question.key()).or_insert_with(|| {
                asked.push(question);
                asked.len() - 1
            })
        })
        .collect();
    let clients = (0..AT_A_TIME.min(asked.len())).map(|_| client.open());
    let clients: Vec<Client> = clients.collect::<Result<_, _>>()?;
    let (next, (sender, answers)) = (AtomicUsize::new(0), mpsc::channel());
    let mut found: Vec<Option<Result<Pulled, ClientError>>> = asked.iter().map(|_| None).collect();
    let shows = term.err_is_terminal();
    thread::scope(|scope| -> anyhow::Result<()> {
        for client in clients {
            let (sender, next, asked) = (sender.clone(), &next, &asked);
            scope.spawn(move || {
                while let Some(question) = asked.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = client.manifest(question.image, question.reader, question.login);
                    // Nobody listens any more when the terminal is gone.
                    let _ = sender.send((question.key(), answer));
                }
            });
        }
        drop(sender);
        for (count, (key, answer)) in answers.iter().enumerate() {
            if let Some(place) = distinct.get(&key).and_then(|number| found.get_mut(*number)) {
                *place = Some(answer);
            }
            if shows {
                write!(term.err(), "\rasked for {} of {} images", count + 1, asked.len())?;
                term.err().flush()?;
            }
        }
        Ok(())
    })?;
    if shows && !asked.is_empty() {
        write!(term.err(), "\r\x1b[K")?;
    }
    let answers = found
        .into_iter()
        .map(|answer| answer.expect("internal error: every thread sends an answer to what it takes"));
    Ok(Answers { numbers, answers: answers.collect() })
}
