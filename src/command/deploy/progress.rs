//! Progress: on a terminal one line for each service, rewritten in place; elsewhere a line when something has changed.

use std::collections::BTreeMap;
use std::time::Instant;

use super::super::Terminal;
use super::super::terminal::without_secrets;
use super::duration;
use super::lock;
use crate::deploy::{Book, Onlooker, progress};
use crate::marathon::Deployment;
use crate::util::escape;

/// So many services at most have a line on a terminal.
const MOST_LINES: usize = 20;

/// Shows progress.
pub(in super::super) struct ProgressLines<'t> {
    term: &'t mut Terminal,
    started: Instant,
    /// The lines that stand on the terminal, to be written over.
    drawn: usize,
    told: BTreeMap<String, String>,
    holders: Option<String>,
}

impl<'t> ProgressLines<'t> {
    pub(in super::super) fn new(term: &'t mut Terminal) -> Self {
        Self { term, started: Instant::now(), drawn: 0, told: BTreeMap::new(), holders: None }
    }

    /// Rewrites the lines on the terminal.
    fn draw(&mut self, lines: &[String]) {
        let width = self.term.err_width().unwrap_or(80).saturating_sub(1);
        let over = format!("\x1b[{}A\x1b[J", self.drawn);
        let mut text = if self.drawn > 0 { over } else { String::new() };
        for line in lines {
            let line = without_secrets(line);
            let line = escape::message(&line);
            text.extend(line.chars().filter(|letter| *letter != '\n').take(width));
            text.push('\n');
        }
        self.drawn = lines.len();
        // Progress that cannot be shown ends nothing.
        let _ = self.term.err().write_all(text.as_bytes());
        let _ = self.term.err().flush();
    }
}

impl Onlooker for ProgressLines<'_> {
    fn look(&mut self, book: &Book) {
        let lines = book.services.values().map(|service| (&service.id, progress::line(service, book)));
        if self.term.err_is_live() {
            let elapsed = duration::words(self.started.elapsed());
            let mut lines: Vec<String> =
                lines.map(|(id, line)| format!("{id}: {line} [{elapsed}]")).collect();
            if lines.len() > MOST_LINES {
                let more = lines.len() - MOST_LINES;
                lines.retain(|line| !line.contains(": done: "));
                lines.truncate(MOST_LINES);
                lines.push(format!("… and {more} more services"));
            }
            self.draw(&lines);
            return;
        }
        for (id, line) in lines {
            if self.told.get(id) != Some(&line) {
                // A message that cannot be shown ends nothing.
                let _ = writeln!(self.term.err(), "{id}: {line}");
                self.told.insert(id.clone(), line);
            }
        }
    }

    fn locked(&mut self, holders: &[Deployment]) {
        let line = lock::holders(holders);
        if self.holders.as_ref() != Some(&line) {
            let _ = writeln!(self.term.err(), "waiting for the lock: {line}");
            self.holders = Some(line);
        }
    }
}
