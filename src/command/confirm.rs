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
    if !io::stdin().is_terminal() || !term.err_is_terminal() {
        writeln!(
            term.err(),
            "error: {undone}: it cannot be confirmed without a terminal; --yes {does} without asking"
        )?;
        return Ok(None);
    }
    write!(term.err(), "{question} [y/N] ")?;
    term.err().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(Some(matches!(answer.trim(), "y" | "Y" | "yes")))
}
