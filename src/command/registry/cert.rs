//! `milepost registry cert`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::registry::app::tls::{CERTIFICATE, KEY};
use crate::registry::cert::read::day;
use crate::registry::cert::{
    Authority, Bundle, Certificate, CertificateRequest, Issued, KeyKind, PrivateKey, SubjectName, TextFault,
    issue, text,
};
use crate::source;
use crate::util::escape::{shell_word, shown_path};

use super::super::{Exit, Terminal};
use super::names::NameArgs;

mod check;

use super::files::{FileSet, NewFile};

pub(super) const AUTHORITY_CERTIFICATE: &str = "ca.crt";
pub(super) const AUTHORITY_KEY: &str = "ca.key";

const EXAMPLES: &str = "\
Makes domain.crt and domain.key for a registry, or explains an existing certificate. The names are \
those that clients use: as in an image's name, without the port. The first one is the common name as \
well; all are subject alternative names, which are what clients check.

Examples:
  A self-signed certificate for a virtual IP and a name of Mesos-DNS:
    milepost registry cert --ip 192.168.0.1 --dns registry.marathon.mesos

  With its own authority, so that agents keep trusting a renewed certificate:
    milepost registry cert --dns reg.example.com --ca -o certs

  Renew it, signed by the same authority:
    milepost registry cert --dns reg.example.com --ca-cert certs/ca.crt --ca-key certs/ca.key \\
      -o certs --force

  Is this certificate valid for these addresses, and is this its key?
    milepost registry cert --check certs/domain.crt --key certs/domain.key --ca certs/ca.crt \\
      --for reg.example.com:5000

Exit codes: 0 made, or no problem found; 1 --check found a problem; 2 wrong usage, an unreadable file, \
or a file that would be overwritten.";

/// Make a certificate for the registry, or explain one
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    names: NameArgs,

    /// How many days it is valid [default: 365]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=7300))]
    days: Option<u32>,

    /// The kind of key to make, rsa2048 or ecdsa [default: rsa2048]; with --check, the file of the certificate's key
    #[arg(long, value_name = "KIND|FILE")]
    key: Option<String>,

    /// Make an authority that signs it: ca.crt for the agents to trust, and ca.key to keep; with --check, the file of the
    /// authority's certificate
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "an option whose value may be left out")]
    ca: Option<Option<PathBuf>>,

    /// Sign it with the authority of this certificate …
    #[arg(long, value_name = "FILE", requires = "ca_key", conflicts_with = "ca")]
    ca_cert: Option<PathBuf>,

    /// … and this key
    #[arg(long, value_name = "FILE", requires = "ca_cert")]
    ca_key: Option<PathBuf>,

    /// Write the files into this directory
    #[arg(short, long, value_name = "DIR", default_value = ".", value_parser = crate::command::output::parse_path)]
    output: PathBuf,

    /// Overwrite an existing certificate and key
    #[arg(long)]
    force: bool,

    /// Explain the certificate in this file instead, and report its problems
    #[arg(long, value_name = "FILE", help_heading = "Check",
          conflicts_with_all = ["ip", "dns", "days", "ca_cert", "ca_key", "output", "force"])]
    check: Option<PathBuf>,

    /// An address that clients use, such as 192.168.0.1 or reg.example.com:5000; may be repeated
    #[arg(long = "for", value_name = "ADDRESS", help_heading = "Check", requires = "check",
          value_parser = |text: &str| SubjectName::of_address(text).map(|_| text.to_owned()))]
    addresses: Vec<String>,
}

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if let Some(file) = &args.check {
        let ca = args.ca.flatten();
        return check::run(file, &args.addresses, args.key.as_deref().map(Path::new), ca.as_deref(), term);
    }
    let kind = key_kind(args.key.as_deref())?;
    let files = FileSet::new(&args.output, args.force);
    files.claim(&[KEY, CERTIFICATE], "give another directory with -o, or --force to replace both")?;
    let given_authority = args.ca_cert.clone();
    let authority = match (args.ca, args.ca_cert.zip(args.ca_key)) {
        (Some(Some(file)), _) => bail!(
            "--ca makes an authority and takes no file: to sign with an existing one, give --ca-cert {} and --ca-key",
            shown_path(&file)
        ),
        (Some(None), _) => {
            let advice = "sign with it (--ca-cert and --ca-key), or give --force to replace it, and make every agent \
                          trust the new one";
            files.claim(&[AUTHORITY_KEY, AUTHORITY_CERTIFICATE], advice)?;
            Authority::New
        }
        (None, Some((certificate, key))) => given(&certificate, &key)?,
        (None, None) => Authority::Itself,
    };
    let names = args.names.0;
    let days = args.days.unwrap_or(365);
    let issued = issue(CertificateRequest {
        names: names.clone(),
        days,
        key: kind,
        authority,
        now: OffsetDateTime::now_utc(),
    })?;
    let (_, end) = issued.certificate.validity();
    files.write(&contents(&issued, ""), term)?;
    let names: Vec<String> = names.iter().map(SubjectName::to_string).collect();
    writeln!(term.err(), "the certificate is for {}, until {}", names.join(", "), day(end))?;
    let trusted = match given_authority {
        Some(file) => file,
        None if issued.authority.is_some() => files.path(AUTHORITY_CERTIFICATE),
        None => files.path(CERTIFICATE),
    };
    if issued.authority.is_some() {
        writeln!(
            term.err(),
            "keep {AUTHORITY_KEY} safe and off the agents: with it anybody can sign for any name, and agents trust it"
        )?;
    }
    writeln!(
        term.err(),
        "make the agents trust it: milepost registry trust --host {} --ca {}",
        host(&names),
        shell_word(&trusted.to_string_lossy())
    )?;
    Ok(Exit::Fine)
}

fn host(names: &[String]) -> &str {
    names.iter().find(|name| !name.starts_with('*')).map_or("HOST", String::as_str)
}

fn key_kind(text: Option<&str>) -> anyhow::Result<KeyKind> {
    match text {
        None => Ok(KeyKind::default()),
        Some(text) => <KeyKind as clap::ValueEnum>::from_str(text, false).map_err(|_| {
            anyhow::anyhow!("--key {text}: the kinds are rsa2048 and ecdsa; the file of a key needs --check")
        }),
    }
}

/// An authority that is there.
pub(super) fn given(certificate: &Path, key: &Path) -> anyhow::Result<Authority> {
    let bundle = read_certificates(certificate)?;
    let [certificate] = <[Certificate; 1]>::try_from(bundle.certificates).map_err(|several| {
        anyhow::anyhow!(
            "{}: it holds {} certificates; give a file with only the authority's",
            shown_path(&certificate),
            several.len()
        )
    })?;
    Ok(Authority::Given { certificate, key: read_key(key)? })
}

/// The files to write, keys first: a certificate without its key is useless. `directory` has certificate and key, and ends
/// with a slash, or is empty.
pub(super) fn contents(issued: &Issued, directory: &str) -> Vec<NewFile> {
    let mut contents = Vec::new();
    if let Some((certificate, key)) = &issued.authority {
        contents.push(NewFile::new(AUTHORITY_KEY, &key.pem(), true));
        contents.push(NewFile::new(AUTHORITY_CERTIFICATE, &certificate.pem(), false));
    }
    contents.push(NewFile::new(format!("{directory}{KEY}"), &issued.key.pem(), true));
    let chain = [Some(&issued.certificate), issued.intermediate.as_ref()];
    let chain: String = chain.into_iter().flatten().map(Certificate::pem).collect();
    contents.push(NewFile::new(format!("{directory}{CERTIFICATE}"), &chain, false));
    contents
}

/// Reads the certificates of a file.
pub(super) fn read_certificates(path: &Path) -> anyhow::Result<Bundle> {
    Bundle::parse(&source::read_bytes(path)?).with_context(|| shown_path(&path))
}

/// Reads a certificate and its key.
///
/// # Errors
/// When they do not belong together, or a key is in the certificate's file too.
pub(super) fn read_pair(certificate: &Path, key: &Path) -> anyhow::Result<(Bundle, PrivateKey)> {
    let bundle = read_certificates(certificate)?;
    if bundle.has_key {
        bail!(
            "{}: it also holds a private key, which everybody on the agents could read",
            shown_path(&certificate)
        );
    }
    let private = read_key(key)?;
    if !bundle.certificates.first().is_some_and(|first| private.belongs_to(first)) {
        bail!("{} is not the key of {}", shown_path(&key), shown_path(&certificate));
    }
    Ok((bundle, private))
}

/// Reads the private key of a file.
fn read_key(path: &Path) -> anyhow::Result<PrivateKey> {
    read_key_and_fault(path).map(|(key, _)| key)
}

/// Reads the private key of a file, and why others find none in it.
fn read_key_and_fault(path: &Path) -> anyhow::Result<(PrivateKey, Option<TextFault>)> {
    let content = Zeroizing::new(source::read_bytes(path)?);
    let key = PrivateKey::parse(&content).with_context(|| shown_path(&path))?;
    Ok((key, text::fault(&content)))
}
