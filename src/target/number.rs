//! The numbers and the white space in what names a release, ports or a role: how they are read, and the regular
//! expressions that take the same texts, for the schema of `milepost.toml`. They are in the syntax that Rust's and
//! ECMAScript's expressions share.

/// What [`number`] reads.
pub(super) const NUMBER: &str =
    "0*([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

/// What `str::trim_ascii` takes away.
pub(super) const SPACE: &str = "[ \\t\\n\\f\\r]*";

/// Reads a number that is nothing but digits: `u16::from_str` takes a plus sign, too.
pub(super) fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::super::aim::{ROLE_PATTERN, check_role};
    use super::super::{DockerRelease, Ports, Target};

    /// All texts that have one of each list, in their order.
    fn texts(parts: &[&[&str]]) -> Vec<String> {
        let append = |texts: Vec<String>, part: &&[&str]| {
            texts.iter().flat_map(|text| part.iter().map(move |end| format!("{text}{end}"))).collect()
        };
        parts.iter().fold(vec![String::new()], append)
    }

    /// The texts of which the expression and the parser think differently; some are taken, and some are refused.
    fn differing(pattern: &str, texts: Vec<String>, is_read: impl Fn(&str) -> bool) -> Vec<String> {
        let pattern = Regex::new(pattern).expect("an expression");
        let taken = texts.iter().filter(|text| is_read(text)).count();
        assert!((1..texts.len()).contains(&taken), "{taken} of {}", texts.len());
        texts.into_iter().filter(|text| pattern.is_match(text) != is_read(text)).collect()
    }

    const NUMBERS: [&str; 13] =
        ["", "0", "7", "007", "+1", "-1", " 1", "9999", "59999", "65535", "065535", "65536", "99999999999"];

    #[test]
    fn names_of_targets() {
        let prefixes = ["", "v", "V", "marathon-", "marathon-v", "vmarathon-", "dcos-", "standalone"];
        let minors: Vec<String> = (0..20).map(|minor| minor.to_string()).collect();
        let minors: Vec<&str> =
            minors.iter().map(String::as_str).chain(["", "04", "011", "+9", "x"]).collect();
        let releases =
            texts(&[&prefixes, &["", "1", "01", "2"], &["", "."], &minors, &["", ".", ".1.2", "\n"]]);
        let patches = texts(&[&["1.11.", "v1.9.", "marathon-1.04."], &NUMBERS, &["", " ", "x"]]);
        let names =
            Target::names().flat_map(|name| [name.to_owned(), format!("{name} "), format!("x{name}")]);
        let all = releases.into_iter().chain(patches).chain(names).collect();
        assert_eq!(differing(&Target::pattern(), all, |text| text.parse::<Target>().is_ok()), [""; 0]);
    }

    #[test]
    fn ranges_of_ports() {
        let spaces = ["", " ", "\u{a0}"];
        let ranges =
            texts(&[&spaces, &NUMBERS, &["", " - ", "-", "--"], &["", "70000", "65535"], &["", ",", ",80 "]]);
        let differing = differing(&Ports::pattern(), ranges, |text| text.parse::<Ports>().is_ok());
        assert_eq!(differing, [""; 0]);
        // An expression cannot compare numbers.
        assert!(Regex::new(&Ports::pattern()).expect("an expression").is_match("2-1"));
        assert!("2-1".parse::<Ports>().is_err());
    }

    #[test]
    fn releases_of_docker() {
        let releases = texts(&[&["", "v"], &NUMBERS, &["", "."], &NUMBERS, &["", ".", ".x\ny"]]);
        let is_read = |text: &str| text.parse::<DockerRelease>().is_ok();
        assert_eq!(differing(&DockerRelease::pattern(), releases, is_read), [""; 0]);
    }

    #[test]
    fn names_of_roles() {
        let parts = ["", ".", "-", "a", "*", "/", " ", "\t", "\n", "\x0b", "\x0c", "\r", "\x7f", "\u{a0}"];
        let names = texts(&[&parts, &parts, &parts]);
        assert_eq!(differing(ROLE_PATTERN, names, |name| check_role(name).is_ok()), [""; 0]);
    }
}
