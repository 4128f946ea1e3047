//! Tables on standard output: columns with two spaces between them, a header, and a line for each row, the same for a script
//! as for a terminal, where lines are cut to its width. The cells hold what servers say: it is escaped, cut and stripped of
//! secrets here.

use std::io::{self, Write};

use tabwriter::TabWriter;

use super::Terminal;
use super::terminal::without_secrets;
use crate::util::escape::{quoted, without_commands};
use crate::util::text::{columns, prefix};

/// What stands in a cell: a text, or several, each on a line of its own.
pub(super) trait Cell {
    /// The texts.
    fn lines(&self) -> &[String];
}

impl Cell for String {
    fn lines(&self) -> &[String] {
        std::slice::from_ref(self)
    }
}

impl Cell for Vec<String> {
    fn lines(&self) -> &[String] {
        self
    }
}

/// Writes a table. A cell of several lines goes on in lines below, whose other cells are empty.
pub(super) fn write<C: Cell, const N: usize>(
    head: [&str; N],
    rows: impl Iterator<Item = [C; N]>,
    term: &mut Terminal,
) -> io::Result<()> {
    let width = if term.out_is_terminal() { term.width() } else { None };
    let lines = CutLines { out: term.out(), width, line: Vec::new() };
    let mut table = TabWriter::new(lines).minwidth(0).padding(2);
    line(&mut table, &head)?;
    for row in rows {
        let height = row.iter().map(|cell| cell.lines().len()).max().unwrap_or_default();
        for at in 0..height {
            let cells = row.each_ref().map(|cell| cell.lines().get(at).map_or("", String::as_str));
            line(&mut table, &cells)?;
        }
    }
    table.flush()
}

/// One line of a table. Every cell ends with a tab, as a column ends where a line has no cell in it.
fn line(table: &mut impl Write, cells: &[&str]) -> io::Result<()> {
    for cell in cells {
        write!(table, "{}\t", quoted(&without_secrets(cell)))?;
    }
    writeln!(table)
}

/// Writes lines without the spaces at their ends, and cut to a width.
struct CutLines<'t> {
    out: &'t mut dyn Write,
    width: Option<usize>,
    line: Vec<u8>,
}

impl CutLines<'_> {
    fn end_line(&mut self) -> io::Result<()> {
        let line = without_commands(String::from_utf8_lossy(&self.line));
        let line = line.trim_end();
        match self.width {
            Some(width) if columns(line) > width => {
                writeln!(self.out, "{}…", &line[..prefix(line, width.saturating_sub(1))])?;
            }
            _ => writeln!(self.out, "{line}")?,
        }
        self.line.clear();
        Ok(())
    }
}

impl Write for CutLines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        self.line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
        let Some(end) = end else { return Ok(bytes.len()) };
        self.end_line()?;
        Ok(end + 1)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: Option<usize>, rows: &[[&str; 3]]) -> String {
        let mut out = Vec::new();
        let mut table = TabWriter::new(CutLines { out: &mut out, width, line: Vec::new() });
        table = table.minwidth(0).padding(2);
        for row in rows {
            line(&mut table, row).expect("written");
        }
        table.flush().expect("written");
        drop(table);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn columns_are_aligned_whatever_is_in_them() {
        let rows = [["ID", "CMD", "ROLE"], ["/日本", "a\tb\u{1b}[2J", ""], ["/x", "", "slave_public"]];
        assert_eq!(
            shown(None, &rows),
            "ID     CMD            ROLE\n/日本  a\\tb\\u{1b}[2J\n/x                    slave_public\n"
        );
    }

    #[test]
    fn what_servers_say_is_one_line_without_secrets() {
        let long = "x".repeat(2_000);
        let said = shown(None, &[["::error::a\n::error::b", "password=letmein1", &long]]);
        let cut = "x".repeat(500);
        assert_eq!(said, format!("\\u{{3a}}:error::a\\n::error::b  password=***  {cut}…\n"));
    }

    #[test]
    fn lines_are_cut_to_the_terminal() {
        let rows = [["/日本語", "sleep 100", "x"]];
        assert_eq!(shown(Some(8), &rows), "/日本語…\n");
        assert_eq!(shown(Some(7), &rows), "/日本…\n");
    }
}
