//! What the Docker Engine and Mesos refuse of a text that has the parts of a reference (distribution/reference, its grammar).

use super::reference::ReferenceParts;

/// Why no registry can look up a text, as a sentence about the reference, "it": for the Docker Engine, or for Mesos itself.
pub(crate) fn grammar_fault(text: &str, is_docker: bool) -> Option<String> {
    let parts = match ReferenceParts::parse(text) {
        Ok(parts) => parts,
        Err(fault) => return Some(fault.to_string()),
    };
    if text.starts_with('-') {
        return Some("it begins with `-`, so it is an option to `docker`".into());
    }
    if let Some(host) = parts.host {
        let (name, port) = split_port(host);
        if port.is_some_and(|port| port.parse::<u32>().is_err()) {
            return Some(format!("`{}` is no port of a registry", port.unwrap_or_default()));
        }
        // Mesos itself asks whatever name there is.
        if is_docker && !name.starts_with('[') && !name.split('.').all(is_host_part) {
            return Some(format!("`{name}` is no name of a registry"));
        }
    }
    if parts.digest.is_some_and(|digest| !is_digest(digest)) {
        return Some("its digest is not `sha256:` and 64 hexadecimal digits in lower case".into());
    }
    if !parts.name.split('/').all(is_component) {
        return Some(
            "a part of its name begins or ends with `.`, `_` or `-`, or has two of them in a row".into(),
        );
    }
    if parts.name.len() > LONGEST_NAME {
        return Some(format!("its name has more than {LONGEST_NAME} characters"));
    }
    if is_docker && text.len() == 64 && is_lower_hex(text) {
        return Some("it is the id of an image, which `docker pull` does not take".into());
    }
    let tag = parts.tag.unwrap_or_default();
    (tag.starts_with(['.', '-']) || tag.len() > 128)
        .then(|| "its tag begins with `.` or `-`, or has more than 128 characters".into())
}

/// `NameTotalLengthMax` of distribution/reference.
const LONGEST_NAME: usize = 255;

/// A host and its port; an IPv6 address has brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    }
}

/// Whether a text is a part of the name of a host: letters and digits, with dashes between them.
fn is_host_part(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    part.starts_with(is_word) && part.ends_with(is_word) && part.chars().all(|c| is_word(c) || c == '-')
}

fn is_digest(digest: &str) -> bool {
    const LENGTHS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];
    digest
        .split_once(':')
        .is_some_and(|(algorithm, hex)| LENGTHS.contains(&(algorithm, hex.len())) && is_lower_hex(hex))
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a text is a part of a name: letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_component(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = part.split(is_word).filter(|between| !between.is_empty());
    part.starts_with(is_word)
        && part.ends_with(is_word)
        && separators
            .into_iter()
            .all(|between| matches!(between, "." | "_" | "__") || between.bytes().all(|byte| byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_grammar_refuses_is_told() {
        let digest = "0".repeat(64);
        for (text, by_docker, by_mesos) in [
            ("registry.example.com:5000/team/web:1.4.2", true, true),
            (&*format!("web@sha256:{digest}"), true, true),
            ("a__b/c-d.e", true, true),
            ("my_host.example/web", false, true),
            ("[::1]:5000/web", true, true),
            (&*digest, false, true),
            ("host:port/web", false, false),
            ("-web", false, false),
            ("web:-1", false, false),
            ("we_-b", false, false),
            ("web@sha256:12", false, false),
            ("https://host/web", false, false),
        ] {
            assert_eq!(grammar_fault(text, true).is_none(), by_docker, "Docker: {text}");
            assert_eq!(grammar_fault(text, false).is_none(), by_mesos, "Mesos: {text}");
        }
    }
}
