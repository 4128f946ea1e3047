//! The heads of requests, as the servers of tests read them.

use std::collections::BTreeMap;
use std::io::BufRead;

/// What comes before the body of a request.
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    /// By their names in lower case.
    headers: BTreeMap<String, String>,
}

impl Head {
    /// Reads one; nothing where the connection has ended.
    pub(crate) fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut first = String::new();
        reader.read_line(&mut first).ok()?;
        let mut words = first.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        Some(Self { method, target, headers })
    }

    /// The path and the query.
    pub(crate) fn parts(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    /// The value of a header, whose name is given in lower case; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// How long the body is.
    pub(crate) fn length(&self) -> usize {
        self.header("content-length").parse().unwrap_or(0)
    }
}
