//! The two streams a command talks through: stdout carries data, stderr carries talk.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};

use super::strip::Strip;

/// Bytes of output that are gathered before they are written.
const BUFFER: usize = 32 << 10;

/// Where a command writes, and what it may assume about the reader.
pub struct Terminal {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    person_reads_out: bool,
    person_reads_err: bool,
    shows_colours: bool,
}

impl Terminal {
    /// The process's own streams. stdout is buffered; colours are stripped where the reader cannot show them
    /// (not a terminal, `NO_COLOR`, `TERM=dumb`).
    #[must_use]
    pub fn of_process() -> Self {
        let out = io::stdout();
        let shows_colours = AutoStream::choice(&out) != ColorChoice::Never;
        // What strips colours passes on every piece between two of them: the buffer has to come after it.
        let out: Box<dyn Write> = if shows_colours {
            Box::new(BufWriter::with_capacity(BUFFER, AutoStream::auto(out)))
        } else {
            Box::new(Strip::new(BufWriter::with_capacity(BUFFER, out)))
        };
        Self {
            out,
            err: Box::new(AutoStream::auto(io::stderr())),
            person_reads_out: io::stdout().is_terminal(),
            person_reads_err: io::stderr().is_terminal(),
            shows_colours,
        }
    }

    /// For data: what the next program in a pipe reads.
    pub fn out(&mut self) -> &mut dyn Write {
        &mut *self.out
    }

    /// For talk: warnings, progress, errors.
    pub fn err(&mut self) -> &mut dyn Write {
        &mut *self.err
    }

    /// Both streams at once: data, talk.
    pub fn both(&mut self) -> (&mut dyn Write, &mut dyn Write) {
        (&mut *self.out, &mut *self.err)
    }

    /// Whether a person reads stdout.
    #[must_use]
    pub fn out_is_terminal(&self) -> bool {
        self.person_reads_out
    }

    /// Whether colours that are written to stdout are shown: it is cheaper not to write them than to strip them.
    #[must_use]
    pub fn out_shows_colours(&self) -> bool {
        self.shows_colours
    }

    /// Whether a person reads stderr; progress is shown only then.
    #[must_use]
    pub fn err_is_terminal(&self) -> bool {
        self.person_reads_err
    }
}
