//! `milepost registry cert --check`

use std::path::Path;

use time::OffsetDateTime;

use crate::finding::Severity;
use crate::registry::cert::{CertCheckOptions, SubjectName, check, explain};
use crate::util::escape::shown_path;

use super::super::super::{Exit, Terminal};
use super::{read_certificates, read_key_and_fault};

pub(super) fn run(
    file: &Path,
    addresses: &[String],
    key: Option<&Path>,
    authority: Option<&Path>,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let now = OffsetDateTime::now_utc();
    let bundle = read_certificates(file)?;
    let key = key.map(read_key_and_fault).transpose()?;
    let (key, key_fault) = key.map_or((None, None), |(key, fault)| (Some(key), fault));
    let authorities = authority.map(read_certificates).transpose()?;
    let authority_fault = authorities.as_ref().and_then(|bundle| bundle.text_fault);
    let names: Vec<SubjectName> =
        addresses.iter().map(|address| SubjectName::of_address(address)).collect::<Result<_, _>>()?;
    let count = bundle.certificates.len();
    for (index, certificate) in bundle.certificates.iter().enumerate() {
        let which = if count > 1 { format!(", certificate {} of {count}", index + 1) } else { String::new() };
        writeln!(term.report(), "{}{which}", shown_path(&file))?;
        for (title, fact) in explain::facts(certificate, now) {
            writeln!(term.report(), "  {title:<10} {fact}")?;
        }
    }
    let authorities = authorities.as_ref().map(|bundle| bundle.certificates.as_slice());
    let text_faults = [key_fault, authority_fault];
    let options = CertCheckOptions { names: &names, key: key.as_ref(), authorities, text_faults, now };
    let findings = check(&bundle, &options);
    for finding in &findings {
        let (severity, rule) = (finding.rule.severity().name(), finding.rule.slug);
        writeln!(term.report(), "{severity}[{rule}]: {}\n  help: {}", finding.message, finding.help)?;
    }
    let has_error = findings.iter().any(|finding| finding.rule.severity() == Severity::Error);
    if !has_error {
        writeln!(term.report(), "{}", verdict(&names, key.is_some(), authorities.is_some()))?;
    }
    let not_asked = [
        (names.is_empty(), "whether it is for the addresses that clients use (--for)"),
        (key.is_none(), "whether it matches a key (--key)"),
        (authorities.is_none(), "whether clients that trust an authority trust it (--ca)"),
    ];
    let not_asked: Vec<&str> =
        not_asked.into_iter().filter_map(|(is_so, what)| is_so.then_some(what)).collect();
    if !not_asked.is_empty() {
        writeln!(term.err(), "not checked: {}", not_asked.join(", "))?;
    }
    Ok(if has_error { Exit::Findings } else { Exit::Fine })
}

/// The line for a certificate without errors.
fn verdict(names: &[SubjectName], has_key: bool, has_authorities: bool) -> String {
    let mut right = vec!["it is valid now".to_owned()];
    if !names.is_empty() {
        let names: Vec<String> = names.iter().map(SubjectName::to_string).collect();
        right.push(format!("it is for {}", names.join(", ")));
    }
    if has_key {
        right.push("it matches the key".to_owned());
    }
    if has_authorities {
        right.push("clients that trust the authority trust it".to_owned());
    }
    format!("ok: {}", right.join("; "))
}
