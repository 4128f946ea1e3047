//! Placeholders that a template engine or a script fills in: `{{ name }}`, `${NAME}`, `__NAME__` and the like.

use std::ops::Range;

mod program;

pub(crate) use program::is_replacer;

/// Who reads a text after Marathon has taken it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextReader {
    /// Marathon or an agent takes it as it is: no variable of the task is replaced (ids, images, URIs).
    Literal,
    /// It is passed on as it is, to what may know the task's variables.
    Plain,
    /// A program that may know `$NAME` and `<` itself, such as a shell.
    Shell,
    /// A program that gets it as a variable, and may give it to a shell: `$PATH:/opt/bin`.
    Program,
    /// The Docker Engine, which has templates of its own: `{{.Name}}`.
    Docker,
}

/// What begins a placeholder, and what ends it; between them anything but a line break.
const BRACKETS: &[(&str, &str, TextReader)] = &[
    ("${{", "}}", TextReader::Shell),
    ("{{", "}}", TextReader::Shell),
    ("{%", "%}", TextReader::Shell),
    ("<%", "%>", TextReader::Shell),
    ("@@", "@@", TextReader::Shell),
    ("#{", "}#", TextReader::Plain),
    ("#{", "}", TextReader::Plain),
    ("${", "}", TextReader::Plain),
    ("%{", "}", TextReader::Plain),
];

/// The longest inside of a placeholder in brackets that is looked for, in bytes: the search for its end is repeated.
const MOST: usize = 1_000;

/// Words that stand for a value that is still missing, alone or at the start of a longer one (`REPLACE_ME_TOO`).
const WORDS: &[&str] = &["REPLACE_ME", "REPLACEME", "CHANGE_ME", "CHANGEME"];

/// What Marathon and Mesos give a task in its environment: a name of these is a variable, and no placeholder.
const OF_THE_TASK: &[&str] = &["PORT_", "MESOS_", "MARATHON_", "ENDPOINT_", "EP_", "LIBPROCESS_"];

/// Variables that every shell has. In a variable of a task they are meant for one, whoever reads it.
const OF_THE_SHELL: &[&str] = &[
    "CLASSPATH",
    "HOME",
    "HOSTNAME",
    "IFS",
    "JAVA_HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "LOGNAME",
    "MANPATH",
    "NODE_PATH",
    "OLDPWD",
    "PATH",
    "PPID",
    "PWD",
    "PYTHONPATH",
    "RANDOM",
    "SHELL",
    "SHLVL",
    "TERM",
    "TMPDIR",
    "UID",
    "USER",
];

/// Elements of HTML that stand for nothing else.
const OF_HTML: &[&str] = &[
    "blockquote",
    "br",
    "center",
    "div",
    "em",
    "head",
    "hr",
    "html",
    "iframe",
    "img",
    "li",
    "ol",
    "pre",
    "script",
    "span",
    "strong",
    "style",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "xml",
];

/// The first placeholder in a text, if there is one. In a text for a shell those that it would read itself do not count.
#[must_use]
pub(crate) fn find(text: &str, reader: TextReader) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|start| {
        let length = match bytes[start] {
            b'{' | b'<' | b'@' | b'#' | b'$' | b'%' => at_sign(text, start, reader),
            // Inside of a longer word they are a part of it.
            b'_' | b'R' | b'C' if start == 0 || !is_of_a_word(bytes[start - 1]) => at_word(&text[start..])
                .filter(|_| reader != TextReader::Shell || !program::is_replaced(&text[..start])),
            _ => None,
        };
        length.map(|length| start..start + length)
    })
}

/// The length of the placeholder at the start of a text that is not in quotes, where no shell reads it.
#[must_use]
pub(super) fn at_start(text: &str) -> Option<usize> {
    match text.as_bytes().first()? {
        b'{' | b'#' | b'%' => at_sign(text, 0, TextReader::Plain),
        b'<' => at_sign(text, 0, TextReader::Plain).or_else(|| name_up_to(text, b'>')),
        b'@' => at_sign(text, 0, TextReader::Plain).or_else(|| name_up_to(text, b'@')),
        b'$' => at_sign(text, 0, TextReader::Plain).or_else(|| variable_length(text)),
        b'_' | b'R' | b'C' => at_word(text),
        _ => None,
    }
}

/// The length of a sign, a name in any letters, and what closes it.
#[must_use]
pub(crate) fn name_up_to(text: &str, close: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_of_a_name = |byte: &&u8| is_of_a_word(**byte) || matches!(byte, b'-' | b'.');
    let length = bytes[1..].iter().take_while(is_of_a_name).count();
    (length > 0 && bytes.get(1 + length) == Some(&close)).then_some(length + 2)
}

/// Whether a placeholder chooses among texts, as `{% if … %}`, `{{ else }}`, `{{#list}}` and `<% end %>` do: what is between
/// it and the next one may not be all that is there.
#[must_use]
pub(crate) fn is_of_a_block(placeholder: &str) -> bool {
    /// Of Go's templates; those of Mustache have a sign.
    const WORDS: [&str; 6] = ["if", "else", "end", "range", "with", "block"];
    if let Some(inner) = placeholder.strip_prefix("{{") {
        let inner = inner.trim_start_matches('-').trim_start();
        return inner.starts_with(['#', '/', '^']) || WORDS.contains(&first_word(inner));
    }
    placeholder.starts_with("{%") || placeholder.starts_with("<%") && !placeholder.starts_with("<%=")
}

/// Whether a text is one variable and nothing else: `$PORT0`, `${HOST}`.
#[must_use]
pub(crate) fn is_variable(text: &str) -> bool {
    variable_length(text) == Some(text.len())
}

fn variable_length(text: &str) -> Option<usize> {
    let name = text.strip_prefix('$')?;
    let (name, braces) = name.strip_prefix('{').map_or((name, 0), |inner| (inner, 2));
    let length = first_word(name).len();
    let is_closed = braces == 0 || name[length..].starts_with('}');
    (length > 0 && is_closed && !name.as_bytes()[0].is_ascii_digit()).then_some(1 + length + braces)
}

/// The length of the placeholder at a byte of a text that is a sign.
fn at_sign(whole: &str, start: usize, reader: TextReader) -> Option<usize> {
    let text = &whole[start..];
    let is_read = |of: TextReader| reader != TextReader::Shell || of == TextReader::Shell;
    for (open, close, of) in BRACKETS.iter().filter(|(open, ..)| text.starts_with(open)) {
        let rest = &text[open.len()..];
        let line = rest[..floor(rest, MOST.min(rest.len()))].lines().next().unwrap_or_default();
        let inner = line.find(close);
        let is_task_variable =
            *open == "${" && reader != TextReader::Literal && is_of_a_shell_or_task(line, reader);
        // `@@` and `#{` alone are text; an opening brace that nothing closes is a placeholder of several lines.
        let is_whole = inner.is_some_and(|length| length > 0) || matches!(*open, "{{" | "{%" | "<%");
        let is_read_by_program = inner.is_some_and(|length| {
            let after = &rest[length + close.len()..];
            program::reads(open, &whole[..start], &line[..length], after, reader)
        });
        if is_read(*of) && is_whole && !is_task_variable && !is_read_by_program {
            return Some(open.len() + inner.map_or(line.len(), |length| length + close.len()));
        }
    }
    if reader == TextReader::Shell {
        return None;
    }
    let (first, rest) = text.split_at(1);
    let length = match first {
        "$" => name_length(rest).filter(|_| !is_of_a_shell_or_task(rest, reader)),
        "<" => closed_name(rest, '>'),
        "@" => closed_name(rest, '@'),
        _ => None,
    };
    length
        .map(|length| length + 1)
        .or_else(|| at_lower(&whole[..start], text))
        .or_else(|| (start == 0 && is_in_angles(text)).then_some(text.len()))
}

/// Whether a whole value is words in angle brackets, which say what to write there: `<your/private/image>`.
fn is_in_angles(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) else { return false };
    let is_of_words = |byte: u8| byte.is_ascii_alphanumeric() || b" _-./:".contains(&byte);
    let element = inner.trim_end_matches([' ', '/']).to_ascii_lowercase();
    element.len() > 1
        && inner.starts_with(|first: char| first.is_ascii_alphabetic())
        && inner.bytes().all(is_of_words)
        && !OF_HTML.contains(&&*element)
}

/// The length of a placeholder in small letters, or of one capital, which counts only where it is a part by itself: `$mem`,
/// `web:<tag>`, `$N`.
fn at_lower(before: &str, text: &str) -> Option<usize> {
    let is_apart = |near: Option<char>| near.is_none_or(|near| "/:.-=@,".contains(near));
    let close = match text.as_bytes()[0] {
        b'$' => "",
        b'<' => ">",
        b'@' => "@",
        _ => return None,
    };
    let name = &text[1..];
    let is_of_a_name =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let is_of_a_variable = |byte: &u8| *byte != b'-' && is_of_a_name(byte);
    let length = match close {
        "" => name.bytes().take_while(is_of_a_variable).count(),
        _ => name.bytes().take_while(is_of_a_name).count(),
    };
    let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    // One letter counts only as a capital.
    let is_capital = length == 0 && name.starts_with(|first: char| first.is_ascii_uppercase());
    let length = if is_capital { 1 } else { length };
    let after = name[length..].strip_prefix(close)?;
    let is_element = close == ">" && OF_HTML.contains(&&name[..length]);
    let is_name = is_capital || length > 1 && begins_well && !is_element;
    (is_name && is_apart(before.chars().next_back()) && is_apart(after.chars().next()))
        .then_some(1 + length + close.len())
}

/// The length of a placeholder that is a word: `__NAME__`, `REPLACE_ME`.
fn at_word(text: &str) -> Option<usize> {
    let word = first_word(text);
    let inner = word.strip_prefix("__").and_then(|word| word.strip_suffix("__"));
    let is_name = |inner: &str| {
        let is_letter = inner.len() == 1 && inner.as_bytes()[0].is_ascii_uppercase();
        is_letter || name_length(inner) == Some(inner.len()) && !inner.starts_with('_')
    };
    (is_word_of_one(word) || inner.is_some_and(is_name)).then_some(word.len())
}

/// Whether a text begins with a word that stands for a missing value: `REPLACE_ME`.
#[must_use]
pub(crate) fn is_word_of_one(text: &str) -> bool {
    WORDS.iter().any(|start| {
        let rest = text.strip_prefix(start);
        rest.is_some_and(|rest| rest.bytes().next().is_none_or(|next| next == b'_' || !is_of_a_word(next)))
    })
}

/// The length of a name in capitals, of two letters at least.
fn name_length(text: &str) -> Option<usize> {
    let is_of_a_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let length = text.bytes().take_while(is_of_a_name).count();
    let begins_well = text.starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
    (length > 1 && begins_well && !text[length..].starts_with(|next: char| next.is_ascii_lowercase()))
        .then_some(length)
}

/// The length of a name in capitals, which may have dashes, and of the sign that closes it.
fn closed_name(text: &str, close: char) -> Option<usize> {
    let is_of_a_name =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
    let length = text.bytes().take_while(is_of_a_name).count();
    (length > 1 && text.as_bytes()[0].is_ascii_uppercase() && text[length..].starts_with(close))
        .then_some(length + 1)
}

/// Whether a byte is of a word: a letter, a digit or `_`.
#[must_use]
pub(crate) fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The word that a text begins with; empty where it begins with none.
fn first_word(text: &str) -> &str {
    &text[..text.bytes().take_while(|byte| is_of_a_word(*byte)).count()]
}

/// Whether a text begins with the name of a variable that Marathon or Mesos gives a task.
#[must_use]
pub(crate) fn is_of_the_task(text: &str) -> bool {
    let name = first_word(text);
    let is_port =
        name.strip_prefix("PORT").is_some_and(|rest| rest == "S" || rest.bytes().all(|b| b.is_ascii_digit()));
    name == "HOST" || is_port || OF_THE_TASK.iter().any(|start| name.starts_with(start))
}

/// Whether a text begins with the name of a variable that the task has, or that a shell has which may read it.
fn is_of_a_shell_or_task(text: &str, reader: TextReader) -> bool {
    is_of_the_task(text) || reader == TextReader::Program && OF_THE_SHELL.contains(&first_word(text))
}

/// The placeholder at a byte of a text that cannot be parsed, or on its line.
#[must_use]
pub(crate) fn near(text: &str, offset: usize) -> Option<&str> {
    let offset = offset.min(text.len());
    let start = text[..floor(text, offset)].rfind('\n').map_or(0, |end| end + 1);
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    let line = &text[start..end];
    let mut from = 0;
    // The one that is met first, but no text before the error that could be parsed.
    while let Some(found) = find(&line[from..], TextReader::Plain) {
        let (first, last) = (start + from + found.start, start + from + found.end);
        if last + 1 >= offset {
            return Some(&text[first..last]).filter(|_| first <= offset + 2);
        }
        from += found.end;
    }
    None
}

/// The first boundary of a character at or after an offset.
pub(super) fn ceiling(text: &str, offset: usize) -> usize {
    (offset..text.len()).find(|offset| text.is_char_boundary(*offset)).unwrap_or(text.len())
}

/// The last boundary of a character at or before an offset.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        find(text, TextReader::Plain).map(|range| &text[range])
    }

    #[test]
    fn placeholders_of_many_engines_are_found() {
        let cases = [
            ("web:${V}x", "${V}"),
            ("%{r}/web:{{ v }}", "%{r}"),
            ("{{ v", "{{ v"),
            ("a {% if b %}", "{% if b %}"),
            ("/shop/janitor-__NAME__", "__NAME__"),
            ("shop/web:@TAG@", "@TAG@"),
            ("shop/web:@@tag@@", "@@tag@@"),
            ("<TAG>", "<TAG>"),
            ("<%= tag %>", "<%= tag %>"),
            ("#{TAG}#", "#{TAG}#"),
            ("$VERSION", "$VERSION"),
            ("https://${HOST_NAME}/", "${HOST_NAME}"),
            ("$PORTAL", "$PORTAL"),
            ("REPLACE_ME", "REPLACE_ME"),
            ("x-REPLACE_ME_NAME", "REPLACE_ME_NAME"),
            ("CHANGEME_2", "CHANGEME_2"),
            ("/shop/__N__", "__N__"),
            ("$mem", "$mem"),
            ("shop/web:$tag", "$tag"),
            ("http://<db-host>:80/", "<db-host>"),
            ("@mem@", "@mem@"),
            ("A=$N", "$N"),
            ("<N>", "<N>"),
        ];
        for (text, placeholder) in cases {
            assert_eq!(found(text), Some(placeholder), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_placeholders() {
        let texts = [
            "web:1{2}",
            "a__b__c",
            "__init__",
            "__",
            "user@example.com",
            "a < b > c",
            "<b>",
            "$1",
            "cost: 5$",
            "100%",
            "$PORT0",
            "${HOST}",
            "$MESOS_SANDBOX/x",
            "DO_NOT_REPLACE_ME_X",
            "@a@",
            "pa$word",
            "Host $host;",
            "<p>text</p>",
            "a <br> b",
            "me@there.example@",
            "NOT_REPLACE_ME",
            "REPLACE_MENT",
            "CHANGE_MESSAGE",
            "$2a$10$ab",
            "#",
            "{}",
            "ä€",
            "$Name",
        ];
        for text in texts {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn no_variable_of_the_task_is_replaced_outside_of_it() {
        let found = |text: &'static str| find(text, TextReader::Literal).map(|range| &text[range]);
        assert_eq!(found("/${MARATHON_INSTANCE_NAME}"), Some("${MARATHON_INSTANCE_NAME}"));
        assert_eq!(found("http://files/${HOST}.tgz"), Some("${HOST}"));
        assert_eq!(super::tests::found("/${MARATHON_INSTANCE_NAME}"), None);
    }

    #[test]
    fn a_shell_reads_its_own_variables() {
        let found = |text: &'static str| find(text, TextReader::Shell).map(|range| &text[range]);
        assert_eq!(found("echo $NAME ${NAME} < IN > OUT %{http_code}"), None);
        assert_eq!(found("echo $NAME {{ name }}"), Some("{{ name }}"));
        assert_eq!(found("sed s/@@A@@/b/ f && run __A__"), Some("__A__"));
        assert_eq!(found("sed -e 's|{{a}}|b|; s/__B__/c/' f; grep REPLACE_ME f"), None);
        assert_eq!(found("docker inspect -f '{{.State.Pid}}' web"), None);
        assert_eq!(found("docker run {{.image}} -f x"), Some("{{.image}}"));
    }

    #[test]
    fn variables_of_a_shell_are_for_one() {
        let found = |text: &'static str| find(text, TextReader::Program).map(|range| &text[range]);
        for text in ["$PATH:/opt/bin", "$HOME", "${HOME}/x", "/a:${PATH}", "<html>", "<br>", "a<br>b"] {
            assert_eq!(found(text), None, "{text}");
        }
        for (text, placeholder) in [("$PATHS", "$PATHS"), ("${HOME_OF}", "${HOME_OF}"), ("<host>", "<host>")]
        {
            assert_eq!(found(text), Some(placeholder), "{text}");
        }
        assert_eq!(super::tests::found("$HOME/web"), Some("$HOME"));
    }

    #[test]
    fn programs_have_placeholders_of_their_own() {
        let docker = |text: &'static str| find(text, TextReader::Docker).map(|range| &text[range]);
        for text in [
            "tag={{.Name}}/{{ .ImageName }}",
            "{{.Node.Hostname}}-{{.Task.Slot}}",
            "{{if .ID}}a{{else}}b{{end}}",
        ] {
            assert_eq!(docker(text), None, "{text}");
            assert!(found(text).is_some(), "{text}");
        }
        for text in ["{{ .Values.tag }}", "{{ name }}", "{{.Name}} {{ x }}", "{{ end }}"] {
            assert!(docker(text).is_some(), "{text}");
        }
        for text in [
            "%{http_code} %{time_total}",
            "%{Referer}i \"%{User-Agent}i\"",
            "%{+Q}r",
            "%{IP:client}",
            "%{+YYYY.MM}",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        for text in ["%{name}", "%{name}s-host", "%{env.DB}", "%{rabbitmq.host}:5672", "%{NAME}"] {
            assert!(found(text).is_some(), "{text}");
        }
    }

    #[test]
    fn one_near_an_error_is_found() {
        assert_eq!(near("{\n \"cpus\": {{ cpus }},\n}", 12), Some("{{ cpus }}"));
        assert_eq!(near("{\"cpus\": $CPUS}", 9), Some("$CPUS"));
        assert_eq!(near("a: {{b}}\nc: d", 4), Some("{{b}}"));
        assert_eq!(near("a: {{b}}\nc: d", 11), None);
        assert_eq!(near("{\"a\": \"${B}\", \"c\": }", 19), None);
    }
}
