//! Passwords and keys in URIs, and in addresses without a scheme.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::name::{UriName, is_only_placeholder, is_open};

/// Whether a text has a URI with a password: `scheme://user:password@host`.
pub(crate) fn has_password(text: &str) -> bool {
    // Hardly any text has an `@`.
    memchr(b'@', text.as_bytes()).is_some() && passwords(text).next().is_some()
}

/// Where the passwords of URIs are in a text.
pub(crate) fn passwords(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    // Hardly any text has an `@`.
    let looked_at = if memchr(b'@', text.as_bytes()).is_some() { text } else { "" };
    memmem::find_iter(looked_at.as_bytes(), "://").filter_map(|at| {
        let start = at + 3;
        let rest = &text[start..];
        let end = rest
            .find(|c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | ',' | '`') || c.is_whitespace())
            .unwrap_or(rest.len());
        let (user, _) = rest[..end].rsplit_once('@')?;
        let (name, password) = user.split_once(':')?;
        let first = password.as_bytes().first().copied().unwrap_or(b'*');
        let is_masked = password.bytes().all(|b| b == first) && matches!(first, b'*' | b'x' | b'X' | b'.');
        // A variable of a shell or a template is not a password.
        let is_plain = !is_masked && !password.contains(['$', '{', '<', '%'].as_slice());
        let start = start + name.len() + 1;
        (is_plain || is_percent_encoded(password)).then_some(start..start + password.len())
    })
}

fn is_percent_encoded(password: &str) -> bool {
    let mut parts = password.split('%').skip(1).peekable();
    parts.peek().is_some()
        && !password.contains(['$', '{', '<'].as_slice())
        && parts.all(|part| part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit()))
}

/// Where secrets are in the user information of URIs: every password that is not a placeholder, and a user that is a
/// token. Takes more for a password than [`passwords`]: one with `/`, `$` or `%`.
pub(super) fn user_information(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let looked_at = if memchr(b'@', text.as_bytes()).is_some() { text } else { "" };
    memmem::find_iter(looked_at.as_bytes(), "://").filter_map(|at| {
        let start = at + 3;
        let (name_len, user) = user_of(&text[start..])?;
        let Some(name_len) = name_len else {
            return is_token(user).then_some(start..start + user.len());
        };
        let password = &user[name_len + 1..];
        let start = start + name_len + 1;
        (!is_masked(password) && !is_only_placeholder(password)).then_some(start..start + password.len())
    })
}

/// Where the password of a URI is with which a text ends before its `@`: somebody has cut a file off within a quoted text.
pub(super) fn cut_password(text: &str) -> Option<Range<usize>> {
    // A longer one is no address.
    const LONGEST: usize = 4096;
    let text = text.trim_end();
    let last = &text[text.ceil_char_boundary(text.len().saturating_sub(LONGEST))..];
    let start = text.len() - last.len() + last.rfind("://")? + "://".len();
    let rest = &text[start..];
    let is_end = |c: char| matches!(c, '/' | '?' | '#' | '@' | '"' | '\'' | '`' | '\\') || c.is_whitespace();
    let (name, password) = rest.split_once(':').filter(|_| !rest.contains(is_end))?;
    let is_port = password.bytes().all(|b| b.is_ascii_digit());
    // An IPv6 address has its own colons.
    let is_secret =
        !name.starts_with('[') && !is_port && !is_masked(password) && !is_only_placeholder(password);
    let line = &last[last.rfind('\n').map_or(0, |end| end + 1)..];
    let is_cut = line.bytes().filter(|b| *b == b'"').count() % 2 == 1;
    (is_secret && is_cut).then_some(start + name.len() + 1..text.len())
}

/// The user information at the start of a text, and the length of the user's name where a password follows it.
fn user_of(rest: &str) -> Option<(Option<usize>, &str)> {
    // Beyond this nothing is a password; the limit keeps a text of many `://` linear.
    const LONGEST: usize = 4096;
    let rest = &rest[..rest.floor_char_boundary(LONGEST)];
    // Behind most URIs a blank or the end of the line comes before any `@`.
    memchr3(b'@', b'\n', b' ', rest.as_bytes()).filter(|at| rest.as_bytes()[*at] == b'@')?;
    let mut ends = rest.match_indices(|c: char| matches!(c, '"' | '`' | '\\') || c.is_whitespace());
    // A quote within a word may be in a password, escaped or not.
    let goes_on = |at: usize| {
        let after = rest[at..].trim_start_matches('\\');
        after.strip_prefix('"').is_some_and(|after| after.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let end = ends.find(|(at, _)| !goes_on(*at)).map_or(rest.len(), |(at, _)| at);
    let rest = &rest[..end];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if let Some((user, _)) = authority.rsplit_once('@') {
        return Some((user.find(':'), user));
    }
    // A password with a slash; a number is a port.
    let (name, port) = authority.split_once(':')?;
    if port.is_empty() || port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (user, _) = rest.rsplit_once('@')?;
    Some((Some(name.len()), user))
}

fn is_masked(password: &str) -> bool {
    let first = password.as_bytes().first().copied().unwrap_or(b'*');
    password.bytes().all(|b| b == first) && matches!(first, b'*' | b'x' | b'X' | b'.')
}

fn is_token(user: &str) -> bool {
    let has = |is: fn(&u8) -> bool| user.as_bytes().iter().any(is);
    user.len() >= 16
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !user.contains(['$', '{', '.'])
}

/// Where passwords are in addresses without a scheme: `user:password@host/repository`, `user:password@tcp(host)/db`,
/// `jdbc:oracle:thin:user/password@host`.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr_iter(b'@', text.as_bytes()).filter_map(|at| address(text, at))
}

fn address(text: &str, at: usize) -> Option<Range<usize>> {
    // Longer texts are not addresses; the limit keeps a text of many `@` linear.
    const LONGEST: usize = 256;
    const ORACLE: &str = "jdbc:oracle:";
    let is_end = |c: char| c.is_whitespace() || "\"'`\\,()<>[]".contains(c);
    let before = &text[text.ceil_char_boundary(at.saturating_sub(LONGEST))..at];
    let mut chunk = &before[before
        .rfind(is_end)
        .map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8))..];
    if chunk.contains("://") || chunk.contains('@') || !is_host(&text[at + 1..]) {
        return None;
    }
    let password = if let Some(oracle) = memmem::find(chunk.as_bytes(), ORACLE.as_bytes()) {
        chunk[oracle..].split_once('/')?.1
    } else {
        let colon = chunk.find(':')?;
        // `BROKER=user:password@host`
        let start = chunk[..colon].rfind(['=', '{', ';', '|', '&']).map_or(0, |mark| mark + 1);
        chunk = &chunk[start..];
        let (user, password) = chunk.split_once(':')?;
        if !is_user(user) || password.contains('/') {
            return None;
        }
        password
    };
    let is_secret = !password.is_empty() && !is_masked(password) && !is_only_placeholder(password);
    is_secret.then_some(at - password.len()..at)
}

/// Whether the name before a colon may be a user's, and is not a scheme of addresses that have an `@`.
fn is_user(name: &str) -> bool {
    const SCHEMES: [&str; 9] = ["mailto", "sip", "sips", "xmpp", "acct", "npm", "git", "ssh", "file"];
    name.bytes().any(|b| b.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.$%+-~".contains(&b))
        && !SCHEMES.iter().any(|scheme| name.eq_ignore_ascii_case(scheme))
}

/// Whether what follows an `@` is a host, a database or a port, and no digest, version or kind of a file.
fn is_host(after: &str) -> bool {
    const FILES: [&str; 5] = ["jar", "aar", "pom", "zip", "war"];
    let len =
        after.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')).count();
    let (host, rest) = after.split_at(len);
    if host.is_empty() {
        return rest.starts_with(['/', '[']);
    }
    let hash =
        rest.strip_prefix(':').map_or(0, |hash| hash.bytes().take_while(u8::is_ascii_hexdigit).count());
    let is_version = host.starts_with(|c: char| c.is_ascii_digit())
        && host.split('.').count() != 4
        && !host.contains(char::is_alphabetic);
    hash < 32 && !is_version && !FILES.contains(&host)
}

/// The password of `user:password`. A number after a host is a port.
fn password_of_login(value: &str) -> Option<Range<usize>> {
    let (user, password) = value.split_once(':')?;
    let is_port = password.bytes().all(|b| b.is_ascii_digit()) && (user.contains('.') || user == "localhost");
    let is_secret = is_user(user)
        && password.len() > 1
        && !password.starts_with('/')
        && !password.contains(char::is_whitespace)
        && !is_port
        && !is_masked(password)
        && !is_only_placeholder(password);
    is_secret.then_some(user.len() + 1..value.len())
}

/// The part of a URI, or of a user with a password, that its name makes a secret.
pub(super) fn hidden_part(kind: UriName, value: &str) -> Option<Range<usize>> {
    if kind == UriName::Login {
        return password_of_login(value);
    }
    let Some((scheme, rest)) = value.split_once("://") else {
        return (kind == UriName::Webhook && value.contains('/') && !is_open("TOKEN", value))
            .then_some(0..value.len());
    };
    let start = scheme.len() + "://".len();
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match kind {
        UriName::Webhook => {
            let path = &rest[authority..];
            let is_plain = |part: &str| {
                part.len() < 16 && part.bytes().all(|b| b.is_ascii_lowercase() || b"-_v12{}$".contains(&b))
                    || is_only_placeholder(part)
            };
            let is_secret = !path.split(['/', '?', '#']).all(is_plain);
            is_secret.then_some((start + authority + 1).min(value.len())..value.len())
        }
        UriName::Dsn => {
            // Users of databases are no secrets.
            let (user, _) = rest[..authority].rsplit_once('@').filter(|_| scheme.starts_with("http"))?;
            let is_secret = user.split(':').any(|part| !is_masked(part) && !is_only_placeholder(part));
            is_secret.then_some(start..start + user.len())
        }
        UriName::Login => None,
    }
}

/// Where the secret paths of known services' webhooks are in a text.
pub(super) fn webhooks(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    /// Their hosts, or the ends of these, and what the paths begin with.
    const KNOWN: [(&str, &str); 14] = [
        ("hooks.slack.com", "/"),
        ("hooks.slack-gov.com", "/"),
        ("discord.com", "/api/webhooks/"),
        ("discordapp.com", "/api/webhooks/"),
        ("webhook.office.com", "/"),
        ("outlook.office.com", "/webhook/"),
        ("outlook.office365.com", "/webhook/"),
        ("chat.googleapis.com", "/v1/spaces/"),
        ("api.telegram.org", "/bot"),
        ("hooks.zapier.com", "/hooks/"),
        ("maker.ifttt.com", "/trigger/"),
        ("events.pagerduty.com", "/integration/"),
        ("alert.victorops.com", "/integrations/"),
        ("hooks.chime.aws", "/incomingwebhooks/"),
    ];
    memmem::find_iter(text.as_bytes(), "://").filter_map(|at| {
        let start = at + 3;
        let rest = &text[start..];
        let is_end = |c: char| c.is_whitespace() || "\"'`\\,<>)".contains(c);
        let host = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')).count();
        // Mattermost, Rocket.Chat and others, at any host.
        if let Some(id) = rest[host..].strip_prefix("/hooks/") {
            let len = id.bytes().take_while(u8::is_ascii_alphanumeric).count();
            let is_id = len >= 16 && id[..len].bytes().any(|b| b.is_ascii_digit());
            let end = id.find(is_end).unwrap_or(id.len());
            let start = start + host + "/hooks/".len();
            return is_id.then_some(start..start + end);
        }
        // Its end, because an organisation may have its own: `example.webhook.office.com`.
        let is_known =
            |(name, path): &&(&str, &str)| rest[host..].starts_with(path) && rest[..host].ends_with(name);
        let (_, path) = KNOWN.iter().find(is_known)?;
        let path = start + host + path.len();
        let end = text[path..].find(is_end).map_or(text.len(), |len| path + len);
        (!is_only_placeholder(&text[path..end])).then_some(path..end)
    })
}
