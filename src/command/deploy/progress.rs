//! Progress: on a terminal one line for each service, rewritten in place; elsewhere a line when something has changed.

use std::collections::BTreeMap;
use std::time::Instant;

use super::super::Terminal;
use super::super::terminal::without_secrets;
use super::lock;
use crate::deploy::{Book, Onlooker, progress, stall};
use crate::marathon::Deployment;
use crate::util::{escape, text};

/// This many services at most have a line on a terminal.
const MOST_LINES: usize = 20;

/// Shows progress.
pub(in super::super) struct ProgressLines<'t> {
    term: &'t mut Terminal,
    started: Instant,
    /// The widths of the lines on the terminal that the next ones replace.
    drawn: Vec<usize>,
    /// The last line of each service, elsewhere.
    told: BTreeMap<String, String>,
    /// Whom the lock was last said to be held by, and where they were.
    holders: Option<String>,
}

impl<'t> ProgressLines<'t> {
    pub(in super::super) fn new(term: &'t mut Terminal) -> Self {
        Self { term, started: Instant::now(), drawn: Vec::new(), told: BTreeMap::new(), holders: None }
    }

    /// Shows a line that stays.
    pub(super) fn line(&mut self, line: &str) {
        // A message that cannot be shown ends nothing.
        let _ = writeln!(self.term.err(), "{line}");
        self.drawn.clear();
    }

    fn columns(&self) -> usize {
        self.term.err_width().unwrap_or(80).max(2)
    }

    /// Rewrites the lines on the terminal.
    fn draw(&mut self, lines: &[String]) {
        let columns = self.columns();
        // A terminal that has become narrower since has broken the earlier lines.
        let rows: usize = self.drawn.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        let mut shown = if rows > 0 { format!("\x1b[{rows}A\x1b[J") } else { String::new() };
        self.drawn.clear();
        for line in lines {
            let (line, width) = cut(&escape::message(&without_secrets(line)), columns - 1);
            shown.push_str(&line);
            shown.push('\n');
            self.drawn.push(width);
        }
        // Progress that cannot be shown ends nothing.
        let _ = self.term.err().write_all(shown.as_bytes());
        let _ = self.term.err().flush();
    }
}

/// The beginning of a line that fits into this many columns, and how many it takes.
fn cut(line: &str, columns: usize) -> (String, usize) {
    let mut line = line.replace('\n', "");
    line.truncate(text::prefix(&line, columns));
    let taken = text::columns(&line);
    (line, taken)
}

/// The lines of many services, cut to those that fit: what is done goes first.
fn fitting(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() <= MOST_LINES {
        return lines;
    }
    let all = lines.len();
    lines.retain(|line| ![": done: ", ": runs: ", ": runs again: "].iter().any(|state| line.contains(state)));
    let done = all - lines.len();
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    let done = (done > 0).then(|| format!("{done} done"));
    let more = (more > 0).then(|| format!("{more} more to go"));
    lines.push(format!("… {}", done.into_iter().chain(more).collect::<Vec<_>>().join(", ")));
    lines
}

impl Onlooker for ProgressLines<'_> {
    fn look(&mut self, book: &Book) {
        if self.term.err_is_live() {
            let elapsed = text::time(self.started.elapsed());
            let columns = self.columns() - 1;
            let lines = book.services.values().map(|service| {
                let place = format!("[{elapsed}] {}: ", service.id);
                let room = columns.saturating_sub(text::columns(&place));
                place + &progress::fitted(service, book, room)
            });
            self.draw(&fitting(lines.collect()));
            return;
        }
        for service in book.services.values() {
            let (id, line) = (&service.id, progress::line(service, book));
            // That a second of the back-off has passed is no change.
            let told = stall::without_countdown(&line);
            if self.told.get(id) != Some(&told) {
                // A message that cannot be shown ends nothing.
                let _ = writeln!(self.term.err(), "{id}: {line}");
                self.told.insert(id.clone(), told);
            }
        }
    }

    fn locked(&mut self, holders: &[Deployment]) {
        // Their age is another one each time.
        let now: Vec<String> =
            holders.iter().map(|holder| format!("{} {}", holder.id, holder.step)).collect();
        let now = now.join(", ");
        if self.holders.as_ref() != Some(&now) {
            let _ = writeln!(self.term.err(), "waiting for the lock: {}", lock::holders(holders));
            self.holders = Some(now);
        }
    }

    fn note(&mut self, line: &str) {
        self.line(line);
    }

    fn too_many(&mut self, message: &str) {
        if self.holders.as_deref() != Some(message) {
            let _ = writeln!(
                self.term.err(),
                "waiting until fewer deployments run: the server answers: {message}"
            );
            self.holders = Some(message.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_the_terminal() {
        assert_eq!(cut("/web: 1 of 2", 6), ("/web: ".to_owned(), 6));
        assert_eq!(cut("/日本", 4), ("/日".to_owned(), 3));
        let lines = |done: usize, open: usize| -> Vec<String> {
            let done = (0..done).map(|number| format!("/{number}: done: 1 of 1 running"));
            done.chain((0..open).map(|number| format!("/open-{number}: 0 of 1 running"))).collect()
        };
        assert_eq!(fitting(lines(10, 10)).len(), 20);
        assert_eq!(fitting(lines(10, 15)).last().map(String::as_str), Some("… 10 done"));
        assert_eq!(fitting(lines(10, 25)).last().map(String::as_str), Some("… 10 done, 5 more to go"));
    }
}
