//! Puts the script together.

use std::fmt::Write as _;

use super::super::agents::RESTART_MARK;
use super::{DOCKER, MESOS, Restart, Trust, TrustOptions};
use crate::util::escape::shell_quoted;

const COMMON: &str = include_str!("script/common.sh");
const LINK: &str = include_str!("script/link.sh");
const INSECURE: &str = include_str!("script/insecure.sh");
const BOOT2DOCKER: &str = include_str!("script/boot2docker.sh");
const CONNTRACK: &str = include_str!("script/conntrack.sh");
const RESTART: &str = include_str!("script/restart.sh");
const MARK: &str = include_str!("script/mark.sh");

/// The end of a certificate in the script, which no line of PEM equals.
const END: &str = "END_OF_CERTIFICATE";

/// The script for one agent.
#[must_use]
pub(crate) fn script(options: &TrustOptions) -> String {
    let hosts: Vec<String> = options.hosts.iter().map(ToString::to_string).collect();
    let (what, how) = match &options.trust {
        Trust::Authority { .. } => ("trust the certificate of", LINK),
        Trust::Insecure => ("accept the insecure registry", INSECURE),
        Trust::InsecureBoot2Docker => ("accept the insecure registry", BOOT2DOCKER),
    };
    let mut text = format!(
        "#!/bin/sh\n# Makes this machine {what} {}.\n# Made by milepost {}. Run it as root; a second run changes nothing. With \
         ROOT set, it changes only files\n# below that directory.\n\n",
        hosts.join(", "),
        env!("CARGO_PKG_VERSION")
    );
    text.push_str(COMMON);
    text.push_str(how);
    if options.conntrack {
        text.push_str(CONNTRACK);
    }
    match options.restart {
        Restart::No => {}
        Restart::Now => text.push_str(RESTART),
        Restart::Later => {
            let _ = write!(text, "\ndue={RESTART_MARK}\n{MARK}");
        }
    }
    text.push('\n');
    calls(options, &hosts, &mut text);
    if options.conntrack {
        text.push_str("conntrack\n");
    }
    if options.restart == Restart::Now {
        text.push_str("restart\n");
    }
    text.push_str(
        "if [ \"$changed\" = no ]; then\n    say \"nothing changed in what this machine trusts\"\nfi\n",
    );
    text
}

/// The calls after the functions.
fn calls(options: &TrustOptions, hosts: &[String], text: &mut String) {
    match &options.trust {
        Trust::Authority { certificates, name } => {
            let bundle: String = certificates.iter().map(super::Certificate::pem).collect();
            for host in hosts {
                place(&format!("{DOCKER}/{host}/ca.crt"), &bundle, text);
            }
            for (index, certificate) in certificates.iter().enumerate() {
                // No host has a plus sign in its name, so the file is no other registry's.
                let number = if index == 0 { String::new() } else { format!("+{}", index + 1) };
                let file = format!("{name}{number}.crt");
                // OpenSSL looks at the first certificate of a file only.
                place(&format!("{MESOS}/{file}"), &certificate.pem(), text);
                let _ = writeln!(
                    text,
                    "link {} {} {}",
                    shell_quoted(MESOS),
                    shell_quoted(&file),
                    certificate.subject_hash()
                );
            }
            let _ = writeln!(
                text,
                "forget {} {} {}",
                shell_quoted(MESOS),
                shell_quoted(name),
                certificates.len()
            );
        }
        Trust::Insecure => {
            for host in hosts {
                let _ = writeln!(text, "insecure /etc/docker/daemon.json {}", shell_quoted(host));
            }
        }
        Trust::InsecureBoot2Docker => {
            for host in hosts {
                let _ = writeln!(text, "boot2docker {}", shell_quoted(host));
            }
        }
    }
}

fn place(path: &str, content: &str, text: &mut String) {
    let _ = write!(text, "place {} <<'{END}'\n{content}{END}\n", shell_quoted(path));
}
