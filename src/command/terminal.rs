//! The two output streams of a command: stdout for data, stderr for messages.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::LazyLock;

use anstream::{AutoStream, ColorChoice};

use crate::finding::Finding;
use crate::report::{self, FileFault};
use crate::secret_scan::Secrets;
use crate::source::{self, json_text};
use crate::util::escape;

use super::format::FindingsFormat;

/// The size of the buffer for stdout, in bytes.
const BUFFER: usize = 32 << 10;

/// The output streams of a command, and what is known about their readers.
#[cfg_attr(
    feature = "net",
    expect(clippy::struct_excessive_bools, reason = "each is about a stream of its own")
)]
pub(crate) struct Terminal {
    out: BufWriter<Pipe<Box<dyn Write>>>,
    err: Messages,
    out_is_tty: bool,
    #[cfg(any(feature = "net", feature = "serve"))]
    err_is_tty: bool,
    #[cfg(feature = "net")]
    err_is_live: bool,
    out_shows_colours: bool,
    findings_as: FindingsFormat,
    /// The old command's words were used, and scripts read its lines.
    #[cfg(feature = "net")]
    says_as_dcos: bool,
}

impl Terminal {
    /// The process's own streams. stdout is buffered, and nothing that is written to it is changed; stderr escapes what is
    /// not for terminals, and hides secrets.
    #[must_use]
    pub(crate) fn of_process() -> Self {
        let out_shows_colours = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        Self {
            out: BufWriter::with_capacity(BUFFER, Pipe::new(Box::new(io::stdout()))),
            err: Messages(Pipe::new(Box::new(AutoStream::auto(io::stderr())))),
            out_is_tty: io::stdout().is_terminal(),
            #[cfg(any(feature = "net", feature = "serve"))]
            err_is_tty: io::stderr().is_terminal(),
            #[cfg(feature = "net")]
            err_is_live: io::stderr().is_terminal()
                && AutoStream::choice(&io::stderr()) != ColorChoice::Never
                && std::env::var_os("TERM").is_some_and(|term| term != "dumb"),
            out_shows_colours,
            findings_as: FindingsFormat::default(),
            #[cfg(feature = "net")]
            says_as_dcos: false,
        }
    }

    /// Keeps what `work` writes to stdout, in place of writing it; with `and_err` what it writes to stderr as well.
    #[cfg(all(feature = "net", feature = "cert"))]
    pub(crate) fn captured<T>(&mut self, and_err: bool, work: impl FnOnce(&mut Self) -> T) -> (T, Vec<u8>) {
        let kept = KeptStream::default();
        let stream = || Pipe::new(Box::new(kept.clone()) as Box<dyn Write>);
        let captured = Self {
            out: BufWriter::new(stream()),
            err: if and_err {
                Messages(stream())
            } else {
                std::mem::replace(&mut self.err, Messages(stream()))
            },
            out_is_tty: false,
            err_is_tty: self.err_is_tty && !and_err,
            err_is_live: self.err_is_live && !and_err,
            out_shows_colours: false,
            findings_as: self.findings_as,
            says_as_dcos: self.says_as_dcos,
        };
        let before = std::mem::replace(self, captured);
        let done = work(self);
        // What is kept takes everything.
        let _ = self.out.flush();
        let captured = std::mem::replace(self, before);
        if !and_err {
            self.err = captured.err;
        }
        (done, kept.0.take())
    }

    /// From now on results are written in the lines of `dcos marathon`.
    #[cfg(feature = "net")]
    pub(crate) fn say_as_dcos(&mut self) {
        self.says_as_dcos = true;
    }

    /// Whether results are written in the lines of `dcos marathon`.
    #[cfg(feature = "net")]
    #[must_use]
    pub(crate) fn says_as_dcos(&self) -> bool {
        self.says_as_dcos
    }

    /// For data, which the next program in a pipe reads. Nothing is stripped or escaped: colours are written only where
    /// [`Terminal::out_shows_colours`].
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Writes to stdout JSON, or a text that has been escaped for its format, without secrets, and a line break.
    ///
    /// # Errors
    /// When stdout cannot be written to.
    #[cfg(feature = "net")]
    pub(crate) fn out_masked(&mut self, text: &str) -> io::Result<()> {
        self.out_json(&without_secrets(text))
    }

    /// Writes a value to stdout as JSON in lines. Characters that a terminal acts on are escaped in it.
    ///
    /// # Errors
    /// When stdout cannot be written to.
    pub(crate) fn out_value(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        writeln!(self.out, "{}", json_text::of_serialized(value)?)
    }

    /// Writes JSON to stdout as data, and a line break. Characters that a terminal acts on are escaped in it.
    ///
    /// # Errors
    /// When stdout cannot be written to.
    #[cfg(feature = "net")]
    pub(crate) fn out_json(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", escape::json(text))
    }

    /// Writes to stdout what a server says, such as an id, as one line.
    ///
    /// # Errors
    /// When stdout cannot be written to.
    #[cfg(feature = "net")]
    pub(crate) fn out_line(&mut self, text: &str) -> io::Result<()> {
        let line = without_secrets(text);
        writeln!(self.out, "{}", escape::without_commands(escape::on_one_line(&line)))
    }

    /// For sentences about the input, where they are what was asked for: as stdout, but what is formatted is escaped and
    /// without secrets.
    pub(crate) fn report(&mut self) -> Sentences<'_> {
        Sentences(&mut self.out)
    }

    /// For messages: warnings, progress, errors. What is formatted (`writeln!`) is escaped and without secrets; what is
    /// written as bytes has been made safe before.
    pub(crate) fn err(&mut self) -> &mut dyn Write {
        &mut self.err
    }

    /// Writes a text with colours to stdout, without them where it shows none.
    ///
    /// # Errors
    /// When stdout cannot be written to.
    pub(crate) fn out_styled(&mut self, styled: &[u8]) -> io::Result<()> {
        if self.out_shows_colours {
            return self.out.write_all(styled);
        }
        anstream::adapter::strip_bytes(styled).try_for_each(|plain| self.out.write_all(plain))
    }

    /// Whether stdout is a terminal.
    #[must_use]
    pub(crate) fn out_is_terminal(&self) -> bool {
        self.out_is_tty
    }

    /// The width of stdout's reader, in columns: what `COLUMNS` says, otherwise that of the terminal that stdout is; nothing
    /// where neither says it.
    #[must_use]
    pub(crate) fn width(&self) -> Option<usize> {
        columns().or_else(|| self.out_is_tty.then(|| width_of(io::stdout())).flatten())
    }

    /// From now on findings are shown in this form.
    pub(crate) fn show_findings_as(&mut self, format: FindingsFormat) {
        self.findings_as = format;
    }

    /// Shows findings in a text on stderr, each with its line, or in the form that was asked for.
    ///
    /// # Errors
    /// Never: that stderr cannot be written to ends no work.
    pub(crate) fn findings(&mut self, name: &str, text: &str, findings: &[Finding]) -> io::Result<()> {
        if self.findings_as != FindingsFormat::Text {
            return report::beside(self.findings_as.name(), &mut self.err, name, text, findings);
        }
        let width = columns().or_else(|| width_of(io::stderr()));
        report::text::write(&mut self.err, width, name, text, findings)
    }

    /// Shows on stderr what is wrong with a file that is no definition.
    ///
    /// # Errors
    /// Never: that stderr cannot be written to ends no work.
    pub(crate) fn fault(&mut self, fault: &FileFault) -> io::Result<()> {
        fault.write(&mut self.err, columns().or_else(|| width_of(io::stderr())))
    }

    /// Whether stdout shows colours.
    #[must_use]
    pub(crate) fn out_shows_colours(&self) -> bool {
        self.out_shows_colours
    }

    /// Whether lines on stderr can be written over.
    #[cfg(feature = "net")]
    #[must_use]
    pub(crate) fn err_is_live(&self) -> bool {
        self.err_is_live
    }

    /// The width of the terminal that stderr is, in columns, at this moment; nothing where it is none.
    #[cfg(feature = "net")]
    #[must_use]
    pub(crate) fn err_width(&self) -> Option<usize> {
        let (width, _) = self.err_is_tty.then(|| terminal_size::terminal_size_of(io::stderr())).flatten()?;
        Some(width.0.into())
    }

    /// Whether stderr is a terminal; progress is shown only then.
    #[cfg(any(feature = "net", feature = "serve"))]
    #[must_use]
    pub(crate) fn err_is_terminal(&self) -> bool {
        self.err_is_tty
    }
}

/// The width that the environment gives, as shells and CI systems set it.
fn columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.trim().parse().ok().filter(|columns| *columns > 0)
}

/// The width of a terminal; nothing for another stream.
fn width_of(stream: impl AsFd) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| width.0.into())
}

/// A stream that is kept.
#[cfg(all(feature = "net", feature = "cert"))]
#[derive(Clone, Default)]
struct KeptStream(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

#[cfg(all(feature = "net", feature = "cert"))]
impl Write for KeptStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream whose reader may leave early, such as `head`. What it does not read is dropped, so that the command does all
/// of its work, and its exit code is that of the work.
struct Pipe<W> {
    stream: W,
    is_closed: bool,
}

impl<W> Pipe<W> {
    fn new(stream: W) -> Self {
        Self { stream, is_closed: false }
    }

    fn unless_closed<T>(&mut self, dropped: T, write: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.is_closed {
            return Ok(dropped);
        }
        match write(&mut self.stream) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(dropped)
            }
            outcome => outcome,
        }
    }
}

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |stream| stream.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), Write::flush)
    }
}

/// The secrets among the arguments of the process: a message may quote a part of one, which alone does not look like a
/// secret.
static ARGUMENTS: LazyLock<Secrets> = LazyLock::new(|| {
    let arguments = std::env::args_os().skip(1).filter_map(|argument| {
        let argument = argument.to_string_lossy().into_owned();
        // Without the names of options: `--storage-secret` has the name of a secret.
        if argument.starts_with('-') { Some(argument.split_once('=')?.1.to_owned()) } else { Some(argument) }
    });
    Secrets::of(&arguments.collect::<Vec<_>>().join("\n"))
});

/// Warns of a file with a token or password where others can read it, too.
pub(crate) fn warn_where_open(file: &Path) {
    if let Some(warning) = source::too_open(file) {
        warn_of_open_file(&warning);
    }
}

/// The same where the warning was made earlier.
pub(crate) fn warn_of_open_file(warning: &str) {
    // That the warning cannot be written keeps nothing from being done.
    let _ = writeln!(Terminal::of_process().err(), "warning: {warning}");
}

/// A sentence without secrets, neither those that show by their names or forms nor those of the arguments.
pub(crate) fn without_secrets(sentence: &str) -> Cow<'_, str> {
    ARGUMENTS.hide(sentence)
}

/// What is formatted is escaped and without secrets.
pub(crate) struct Sentences<'o>(&'o mut dyn Write);

impl Sentences<'_> {
    /// A whole sentence, in one piece: what is from a name, an answer or a value in it is escaped.
    pub(crate) fn write_fmt(&mut self, sentence: fmt::Arguments<'_>) -> io::Result<()> {
        let sentence = sentence.to_string();
        let sentence = without_secrets(&sentence);
        self.0.write_all(escape::message(&sentence).as_bytes())
    }
}

/// The stream of messages. That it cannot be written to can be told nowhere, and does not end the work.
struct Messages(Pipe<Box<dyn Write>>);

impl Write for Messages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn write_fmt(&mut self, message: fmt::Arguments<'_>) -> io::Result<()> {
        let _ = Sentences(&mut self.0).write_fmt(message);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that leaves after this many bytes, with this error.
    struct Leaves(usize, io::ErrorKind);

    impl Write for Leaves {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(self.1)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_leaves_does_not_end_the_work() {
        let mut pipe = Pipe::new(Leaves(3, io::ErrorKind::BrokenPipe));
        for _ in 0..3 {
            pipe.write_all(b"ab").expect("dropped");
        }
        assert!(pipe.is_closed);
        let mut full = Pipe::new(Leaves(3, io::ErrorKind::StorageFull));
        full.write_all(b"ab").expect("there is room");
        assert_eq!(full.write_all(b"ab").map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
    }

    #[test]
    fn messages_are_safe_to_show() {
        let message = without_secrets("a\u{1b}]0;x: DB_PASSWORD=letmein1 at postgres://u:secret@db");
        assert_eq!(escape::message(&message), "a\\u{1b}]0;x: DB_PASSWORD=*** at postgres://u:***@db");
    }
}
