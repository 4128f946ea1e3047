//! The certificate of a group: made, or taken.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::command::registry::cert::{
    AUTHORITY_CERTIFICATE, AUTHORITY_KEY, contents, given, read_certificates, read_pair,
};
use crate::command::registry::files::{FileSet, NewFile, removal};
use crate::finding::Severity;
use crate::registry::app::tls::{CERTIFICATE, KEY};
use crate::registry::cert::explain::{has_rsa_key, has_token_key, key_kind};
use crate::registry::cert::{
    Authority, CertCheckOptions, Certificate, CertificateRequest, KeyKind, SubjectName, check, issue,
};
use crate::registry::group::CERTS_DIR;
use crate::registry::group::members::AUTHORITY;
use crate::source;
use crate::util::escape::shown_path;

use super::kept::Kept;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Certificate (without any: one signed by a new authority)")]
pub(super) struct CertificateArgs {
    /// Sign the certificate with the authority of this certificate …
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "ca_key")]
    ca_cert: Option<PathBuf>,

    /// … and this key
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "ca_cert")]
    ca_key: Option<PathBuf>,

    /// Take this certificate, which must be for the names of both …
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "key", conflicts_with = "ca_cert")]
    certificate: Option<PathBuf>,

    /// … with this RSA key
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,

    /// How many days a new certificate is valid
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=7300))]
    days: u32,
}

/// Where the authority of a certificate is.
enum AuthoritySource<'a> {
    /// In this file.
    File(&'a Path),
    /// It is made with the certificate.
    New,
    /// In no file that is known.
    Unknown,
}

/// The authority that members of the group trust.
pub(super) enum Trusted {
    /// None of their own: other clients trust the certificate as well.
    None,
    /// The one that is made.
    New,
    /// This PEM text.
    Given(String),
}

impl Trusted {
    /// Adds the file that the members read.
    fn add_to(self, files: &mut Vec<NewFile>) {
        let name = format!("{CERTS_DIR}/{AUTHORITY}");
        match self {
            Self::None => {}
            Self::New => {
                let made = files.iter().find(|file| file.name == AUTHORITY_CERTIFICATE);
                files.extend(made.map(|file| file.renamed(name)));
            }
            Self::Given(text) => files.push(NewFile::new(name, &text, false)),
        }
    }
}

impl CertificateArgs {
    /// Where the authority of the certificate is.
    fn authority_source<'a>(&'a self, kept: &'a Kept) -> anyhow::Result<AuthoritySource<'a>> {
        if let Some(file) = &self.ca_cert {
            return Ok(AuthoritySource::File(file));
        }
        if let (Some(file), None) = (&kept.authority, &self.certificate) {
            return Ok(AuthoritySource::File(file));
        }
        let there = kept.pair.as_ref().map(|(certificate, _)| certificate);
        let Some(file) = self.certificate.as_ref().or(there) else { return Ok(AuthoritySource::New) };
        let bundle = read_certificates(file)?;
        let is_own = bundle.certificates.first().is_some_and(Certificate::is_self_issued);
        Ok(if is_own { AuthoritySource::File(file) } else { AuthoritySource::Unknown })
    }

    /// The authority of the certificate.
    pub(super) fn authority(&self, kept: &Kept) -> anyhow::Result<Trusted> {
        Ok(match self.authority_source(kept)? {
            AuthoritySource::File(file) => Trusted::Given(source::read(file)?),
            AuthoritySource::New => Trusted::New,
            AuthoritySource::Unknown => Trusted::None,
        })
    }

    /// The certificate that agents have to trust: `CA` where it is not known.
    pub(super) fn trusted(&self, files: &FileSet<'_>, kept: &Kept) -> anyhow::Result<PathBuf> {
        Ok(match self.authority_source(kept)? {
            AuthoritySource::File(file) => file.to_owned(),
            AuthoritySource::New => files.path(AUTHORITY_CERTIFICATE),
            AuthoritySource::Unknown => "CA".into(),
        })
    }

    /// The files of the certificate: made, or taken from the options. A certificate that is kept stays where it is for these
    /// names.
    pub(super) fn files(
        self,
        names: &[SubjectName],
        is_rsa_needed: bool,
        trusted: Trusted,
        kept: &Kept,
    ) -> anyhow::Result<Vec<NewFile>> {
        let certs = |name: &str| format!("{CERTS_DIR}/{name}");
        if let Some((certificate, key)) = kept.pair.as_ref().filter(|_| self.certificate.is_none()) {
            let authority = match self.authority_source(kept)? {
                AuthoritySource::File(file) => Some(read_certificates(file)?),
                AuthoritySource::New | AuthoritySource::Unknown => None,
            };
            let authorities = authority.as_ref().map(|bundle| bundle.certificates.as_slice());
            take(certificate, key, names, is_rsa_needed, authorities).with_context(|| {
                format!(
                    "{} is kept, and these options need another: {} has both made anew",
                    shown_path(certificate),
                    removal([certificate, key])
                )
            })?;
            let mut files = Vec::new();
            trusted.add_to(&mut files);
            return Ok(files);
        }
        if let Some((certificate, key)) = self.certificate.zip(self.key) {
            take(&certificate, &key, names, is_rsa_needed, None)?;
            let read = |path: &Path| Ok::<_, anyhow::Error>(Zeroizing::new(source::read(path)?));
            let mut files = vec![
                NewFile::new(certs(KEY), &read(&key)?, true),
                NewFile::new(certs(CERTIFICATE), &read(&certificate)?, false),
            ];
            trusted.add_to(&mut files);
            return Ok(files);
        }
        let authority = match (self.ca_cert.zip(self.ca_key), &kept.authority) {
            (Some((certificate, key)), _) => given(&certificate, &key)?,
            // Agents trust it already.
            (None, Some(certificate)) => {
                let key = certificate.with_file_name(AUTHORITY_KEY);
                given(certificate, &key).with_context(|| {
                    format!(
                        "a new certificate needs the authority's key beside {}: bring it there, or give --certificate and --key, or \
                         remove {0} to have a new authority",
                        shown_path(certificate)
                    )
                })?
            }
            (None, None) => Authority::New,
        };
        let issued = issue(CertificateRequest {
            names: names.to_vec(),
            days: self.days,
            // Registry 3 cannot tell two ECDSA keys apart.
            key: KeyKind::Rsa2048,
            authority,
            now: OffsetDateTime::now_utc(),
        })?;
        let mut files = contents(&issued, &certs(""));
        trusted.add_to(&mut files);
        Ok(files)
    }
}

/// Refuses a certificate that clients would reject.
fn take(
    file: &Path,
    key: &Path,
    names: &[SubjectName],
    is_rsa_needed: bool,
    authorities: Option<&[Certificate]>,
) -> anyhow::Result<()> {
    let (bundle, private) = read_pair(file, key)?;
    let asked = CertCheckOptions {
        names,
        key: Some(&private),
        authorities,
        text_faults: [None, None],
        now: OffsetDateTime::now_utc(),
    };
    let errors = check(&bundle, &asked);
    if let Some(error) = errors.iter().find(|finding| finding.rule.severity() == Severity::Error) {
        bail!("{}: {}; {}", shown_path(&file), error.message, error.help);
    }
    if let Some(leaf) = bundle.certificates.first().filter(|leaf| !has_token_key(leaf)) {
        bail!(
            "{}: the token server cannot sign with its key ({}), and would not start: give one with an RSA key",
            shown_path(&file),
            key_kind(leaf)
        );
    }
    if is_rsa_needed && !bundle.certificates.first().is_some_and(has_rsa_key) {
        bail!(
            "{}: registry 3 needs an RSA key: it cannot tell the keys of other kinds apart",
            shown_path(&file)
        );
    }
    Ok(())
}
