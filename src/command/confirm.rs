//! Asks before something is done that cannot be undone.

use std::io::{self, BufRead as _, IsTerminal as _};

use super::Terminal;

/// Asks a question at the terminal: whether the answer is yes. Nothing where there is no terminal, which is reported:
/// `undone` is what was not done, `does` what `--yes` does without asking.
///
/// # Errors
/// When the terminal cannot be read from or written to.
pub(super) fn confirm(
    question: &str,
    (undone, does): (&str, &str),
    term: &mut Terminal,
) -> io::Result<Option<bool>> {
    if !can_ask(term) {
        writeln!(
            term.err(),
            "error: {undone}: it cannot be confirmed without a terminal; --yes {does} without asking"
        )?;
        return Ok(None);
    }
    ask(question, term).map(Some)
}

/// Whether there is a terminal to ask on.
pub(super) fn can_ask(term: &Terminal) -> bool {
    io::stdin().is_terminal() && term.err_is_terminal()
}

fn ask(question: &str, term: &mut Terminal) -> io::Result<bool> {
    write!(term.err(), "{question} [y/N] ")?;
    term.err().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Asks before something is done that cannot be undone, on a terminal only: whether it is to be done. `undone` is said where
/// it is not.
///
/// # Errors
/// When the terminal cannot be read from or written to.
pub(super) fn agreed(question: &str, undone: &str, yes: bool, term: &mut Terminal) -> io::Result<bool> {
    if yes || !can_ask(term) {
        return Ok(true);
    }
    let is_agreed = ask(question, term)?;
    if !is_agreed {
        writeln!(term.err(), "{undone}")?;
    }
    Ok(is_agreed)
}
