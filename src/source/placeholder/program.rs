//! What looks like a placeholder and is read by a program: Docker's own templates, curl's and log formats, and what `sed`
//! replaces.

use super::{TextReader, ceiling, first_word, is_of_a_word};

/// What Docker's templates begin with: tags of logs, and what services are given (`docker service create --hostname`).
const OF_DOCKER: &[&str] = &[
    "Command",
    "Config",
    "ContainerArgs",
    "ContainerCreated",
    "ContainerEntrypoint",
    "ContainerEnv",
    "ContainerID",
    "ContainerImageID",
    "ContainerImageName",
    "ContainerLabels",
    "ContainerName",
    "DaemonName",
    "ExtraAttributes",
    "FullID",
    "ID",
    "ImageFullID",
    "ImageID",
    "ImageName",
    "Name",
    "Node",
    "Service",
    "Task",
];

/// Variables of `curl --write-out`, by their beginnings.
const OF_CURL: &[&str] = &[
    "certs",
    "conn_id",
    "content_type",
    "errormsg",
    "exitcode",
    "filename_effective",
    "ftp_entry_path",
    "header_json",
    "http_code",
    "http_connect",
    "http_version",
    "local_ip",
    "local_port",
    "num_",
    "proxy_ssl_verify_result",
    "proxy_used",
    "redirect_url",
    "remote_ip",
    "remote_port",
    "response_code",
    "size_",
    "speed_",
    "ssl_verify_result",
    "time_",
    "tls_earlydata",
    "url_effective",
    "urle.",
    "urlnum",
    "xfer_id",
];

/// Programs that replace or look for the words in their arguments.
const REPLACERS: &[&str] =
    &["sed", "gsed", "perl", "awk", "gawk", "mawk", "grep", "egrep", "fgrep", "zgrep", "rpl", "replace"];

/// How far back the program of an argument is looked for, in bytes.
const FARTHEST: usize = 4096;

/// Whether a program reads these brackets. `inner` is what is in them, `before` and `after` what is around them.
pub(super) fn reads(open: &str, before: &str, inner: &str, after: &str, reader: TextReader) -> bool {
    match (open, reader) {
        ("%{", _) => is_format(inner, after),
        ("{{", TextReader::Docker) => is_dockers(inner, before),
        ("{{", TextReader::Shell) => is_of_go(inner) && takes_format(before) || is_replaced(before),
        (_, TextReader::Shell) => is_replaced(before),
        _ => false,
    }
}

/// Whether `%{…}` is of a format: of curl, of a log of Apache or HAProxy (`%{Referer}i`, `%{+Q}r`), of grok or Logstash
/// (`%{IP:client}`, `%{+YYYY.MM.dd}`).
fn is_format(inner: &str, after: &str) -> bool {
    let is_curls = OF_CURL.iter().any(|start| {
        inner.strip_prefix(start).is_some_and(|rest| rest.is_empty() || start.ends_with(['_', '.']))
    });
    let after = after.as_bytes();
    let is_logs = after.first().is_some_and(u8::is_ascii_alphabetic)
        && !after.get(1).is_some_and(|next| is_of_a_word(*next) || matches!(next, b'-' | b'.'))
        && (inner.contains('-')
            || inner.starts_with(|first: char| first.is_ascii_uppercase() || first == '+'));
    let is_groks = inner.split_once(':').is_some_and(|(pattern, name)| {
        !name.is_empty()
            && pattern.len() > 1
            && pattern.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    });
    is_curls || is_logs || is_groks || inner.starts_with('+')
}

/// The fields that a template of Go names: `.Name` of `{{ .Name }}`.
fn fields(inner: &str) -> impl Iterator<Item = &str> {
    inner.match_indices('.').filter_map(|(at, _)| {
        let is_first =
            !inner[..at].ends_with(|last: char| last.is_ascii_alphanumeric() || "_)]".contains(last));
        let name = &inner[at + 1..];
        (is_first && name.starts_with(|first: char| first.is_ascii_uppercase())).then(|| first_word(name))
    })
}

/// Whether it is a template of Go that the Docker Engine fills in. `{{ .Values.name }}` is not.
fn is_dockers(inner: &str, before: &str) -> bool {
    let mut names = fields(inner).peekable();
    let is_rest = || matches!(inner.trim_matches(['-', ' ']), "end" | "else") && before.contains("{{");
    match names.peek() {
        Some(_) => names.all(|name| OF_DOCKER.contains(&name)),
        None => is_rest() || inner.trim() == "json .",
    }
}

/// Whether it is a template of Go, as `docker inspect --format` takes it.
fn is_of_go(inner: &str) -> bool {
    fields(inner).next().is_some_and(|name| !matches!(name, "Values" | "Release" | "Chart" | "Env"))
        || matches!(inner.trim_matches(['-', ' ']), "end" | "else" | "json ." | ".")
}

/// Whether the command before it takes a template.
fn takes_format(before: &str) -> bool {
    const OPTIONS: [&str; 5] = ["--format", "-f", "--template", "-t", "-o"];
    let is_option = |word: &str| {
        let word = word.split(['=', '\'', '"']).next().unwrap_or_default();
        OPTIONS.contains(&word)
    };
    words_before(before).any(is_option) || words_before(before).any(|word| word.contains("go-template"))
}

/// Whether it is in an argument of a program that replaces or looks for it, such as `sed s/@@A@@/b/`.
pub(super) fn is_replaced(before: &str) -> bool {
    words_before(before).any(is_replacer)
}

/// Whether a word names a program that replaces or looks for words of its arguments.
pub(crate) fn is_replacer(word: &str) -> bool {
    REPLACERS.contains(&word.rsplit('/').next().unwrap_or(word))
}

/// The words of a shell's command before the end of a text.
fn words_before(before: &str) -> impl Iterator<Item = &str> {
    let before = &before[ceiling(before, before.len().saturating_sub(FARTHEST))..];
    let (mut start, mut quote, mut last) = (0, None, ' ');
    for (at, c) in before.char_indices() {
        match quote {
            Some(open) if c == open && (open == '\'' || last != '\\') => quote = None,
            None if matches!(c, '\'' | '"') && last != '\\' => quote = Some(c),
            None if matches!(c, ';' | '|' | '&' | '\n' | '(' | '`') && last != '\\' => start = at + 1,
            _ => {}
        }
        last = c;
    }
    before[start..].split_ascii_whitespace()
}
