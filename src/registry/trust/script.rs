//! Puts the script together.

use std::fmt::Write as _;

use super::{DOCKER, MESOS, Trust, TrustOptions};
use crate::registry::app::tls::{CERT_DIR, CERTIFICATE, KEY};

const COMMON: &str = include_str!("script/common.sh");
const LINK: &str = include_str!("script/link.sh");
const INSECURE: &str = include_str!("script/insecure.sh");
const BOOT2DOCKER: &str = include_str!("script/boot2docker.sh");
const CONNTRACK: &str = include_str!("script/conntrack.sh");
const RESTART: &str = include_str!("script/restart.sh");
const SEND: &str = include_str!("script/send.sh");

/// The end of a certificate in the script, which no line of PEM equals.
const END: &str = "END_OF_CERTIFICATE";

/// The end of the agents' script in the runner's.
const END_SCRIPT: &str = "END_OF_SCRIPT_FOR_AGENTS";

/// The script for one agent.
#[must_use]
pub(crate) fn script(options: &TrustOptions) -> String {
    let hosts: Vec<String> = options.hosts.iter().map(ToString::to_string).collect();
    let (what, how) = match &options.trust {
        Trust::Authority { .. } => ("trust the certificate of", [LINK].as_slice()),
        Trust::Insecure => ("accept the insecure registry", [INSECURE].as_slice()),
        Trust::InsecureBoot2Docker => ("accept the insecure registry", [BOOT2DOCKER].as_slice()),
    };
    let mut text = format!(
        "#!/bin/sh\n# Makes this machine {what} {}.\n# Made by milepost {}. Run it as root; a second run changes nothing. With \
         ROOT set, it changes only files\n# below that directory.\n\n",
        hosts.join(", "),
        env!("CARGO_PKG_VERSION")
    );
    text.push_str(COMMON);
    for piece in how {
        text.push_str(piece);
    }
    if options.conntrack {
        text.push_str(CONNTRACK);
    }
    if options.restart_docker {
        text.push_str(RESTART);
    }
    text.push('\n');
    calls(options, &hosts, &mut text);
    if options.conntrack {
        text.push_str("conntrack\n");
    }
    if options.restart_docker {
        text.push_str("restart\n");
    }
    text.push_str("if [ \"$changed\" = no ]; then\n    say \"nothing changed\"\nfi\n");
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
                let _ =
                    writeln!(text, "link {} {} {}", quoted(MESOS), quoted(&file), certificate.subject_hash());
            }
            let _ = writeln!(text, "forget {} {} {}", quoted(MESOS), quoted(name), certificates.len());
        }
        Trust::Insecure => {
            for host in hosts {
                let _ = writeln!(text, "insecure /etc/docker/daemon.json {}", quoted(host));
            }
        }
        Trust::InsecureBoot2Docker => {
            for host in hosts {
                let _ = writeln!(text, "boot2docker {}", quoted(host));
            }
        }
    }
}

fn place(path: &str, content: &str, text: &mut String) {
    let _ = write!(text, "place {} <<'{END}'\n{content}{END}\n", quoted(path));
}

/// A script that runs `script` on each agent with ssh. Before, it sends the registry's own files if there are any: the local
/// paths of certificate and key.
#[must_use]
pub(crate) fn runner(
    script: &str,
    agents: &[String],
    user: Option<&str>,
    files: Option<(&str, &str)>,
) -> String {
    let mut text = format!(
        "#!/bin/sh\n# Runs a script on {} agents, one after the other, with ssh and sudo.\n# Made by milepost {}. It \
         asks for no password and no host key: set both up before (ssh-agent, known_hosts).\n\n",
        agents.len(),
        env!("CARGO_PKG_VERSION")
    );
    text.push_str(SEND);
    let _ = write!(
        text,
        "\ncat >\"$script\" <<'{END_SCRIPT}'\n{script}{END_SCRIPT}\n\ngo() {{\n    say \"== $1\"\n"
    );
    if let Some((certificate, key)) = files {
        for (file, name, mode) in [(key, KEY, "0600"), (certificate, CERTIFICATE, "0644")] {
            let to = quoted(&format!("{CERT_DIR}{name}"));
            let _ = writeln!(text, "    send \"$1\" {} {to} {mode} || return 0", quoted(file));
        }
    }
    text.push_str("    run \"$1\"\n}\n\n");
    for agent in agents {
        let login = user.map_or_else(|| agent.clone(), |user| format!("{user}@{agent}"));
        let _ = writeln!(text, "go {}", quoted(&login));
    }
    text.push_str("finish\n");
    text
}

/// Quotes a text as one word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
