//! The two output streams of a command: stdout for data, stderr for messages.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice, StripStream};

/// The size of the buffer for stdout, in bytes.
const BUFFER: usize = 32 << 10;

/// The output streams of a command, and what is known about their readers.
pub(crate) struct Terminal {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    out_is_tty: bool,
    #[cfg(feature = "net")]
    err_is_tty: bool,
    out_shows_colours: bool,
}

impl Terminal {
    /// The process's own streams. stdout is buffered; colours are stripped where the reader cannot show them
    /// (not a terminal, `NO_COLOR`, `TERM=dumb`).
    #[must_use]
    pub(crate) fn of_process() -> Self {
        let out = io::stdout();
        let shows_colours = AutoStream::choice(&out) != ColorChoice::Never;
        let out: Box<dyn Write> = if shows_colours {
            Box::new(BufWriter::with_capacity(BUFFER, AutoStream::auto(out)))
        } else {
            // The buffer is behind the stream that strips, which writes each piece between two colours by itself.
            let buffer: Box<dyn Write> = Box::new(BufWriter::with_capacity(BUFFER, out));
            Box::new(StripStream::new(buffer))
        };
        Self {
            out,
            err: Box::new(AutoStream::auto(io::stderr())),
            out_is_tty: io::stdout().is_terminal(),
            #[cfg(feature = "net")]
            err_is_tty: io::stderr().is_terminal(),
            out_shows_colours: shows_colours,
        }
    }

    /// For data, which the next program in a pipe reads.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        &mut *self.out
    }

    /// For messages: warnings, progress, errors.
    pub(crate) fn err(&mut self) -> &mut dyn Write {
        &mut *self.err
    }

    /// Whether stdout is a terminal.
    #[must_use]
    pub(crate) fn out_is_terminal(&self) -> bool {
        self.out_is_tty
    }

    /// The width of the terminal that stdout is, in columns; nothing where it is none.
    #[must_use]
    pub(crate) fn width(&self) -> Option<usize> {
        let (width, _) = self.out_is_tty.then(|| terminal_size::terminal_size_of(io::stdout())).flatten()?;
        Some(width.0.into())
    }

    /// Whether stdout shows colours: not writing them costs less than stripping them.
    #[must_use]
    pub(crate) fn out_shows_colours(&self) -> bool {
        self.out_shows_colours
    }

    /// Whether stderr is a terminal; progress is shown only then.
    #[cfg(feature = "net")]
    #[must_use]
    pub(crate) fn err_is_terminal(&self) -> bool {
        self.err_is_tty
    }
}
