//! Whether the file that a setting names is of the sort that the setting wants: a certificate, a key, a file of users.

use super::auth_config::AuthConfig;
use super::runs::not_mounted;
use super::service::CheckedService;
use super::{CheckReport, FilePlace, FileRole, PlacedText, SetupFile, askers, rules};

/// What a setting wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FileSort {
    Certificate,
    Key,
    Users,
}

impl FileSort {
    /// What it is, and what it is called.
    fn of(part: &FileRole) -> Option<(Vec<Self>, &'static str)> {
        match part {
            FileRole::Certificates(bundle) if bundle.has_key => {
                Some((vec![Self::Certificate, Self::Key], "a certificate with its key"))
            }
            FileRole::Certificates(_) => Some((vec![Self::Certificate], "a certificate")),
            FileRole::Key(..) => Some((vec![Self::Key], "a private key")),
            FileRole::Users(_) => Some((vec![Self::Users], "a file of users")),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::Key => "a private key",
            Self::Users => "a file of users",
        }
    }
}

/// Checks the settings of registries and token servers.
pub(super) fn check(
    files: &[SetupFile],
    services: &[CheckedService],
    configs: &[AuthConfig<'_>],
    checked: &mut CheckReport,
) {
    let of_registry = [
        ("HTTP_TLS_CERTIFICATE", FileSort::Certificate),
        ("HTTP_TLS_KEY", FileSort::Key),
        ("AUTH_TOKEN_ROOTCERTBUNDLE", FileSort::Certificate),
        ("AUTH_HTPASSWD_PATH", FileSort::Users),
    ];
    let servers: Vec<&CheckedService> = services.iter().filter(|it| it.is_token_server()).collect();
    for registry in services.iter().filter(|it| it.is_registry()) {
        for (name, sort) in of_registry {
            let Some((at, inside)) = registry.placed(name) else { continue };
            let outside = registry.outside(&inside).unwrap_or(inside);
            check_one(files, &outside, sort, at, registry.what(), checked);
        }
        users(files, registry, checked);
    }
    for page in services.iter().filter(|service| service.said(askers::URL).is_some()) {
        let of_page = [
            ("SSL_CERT_PATH", FileSort::Certificate),
            ("SSL_KEY_PATH", FileSort::Key),
            ("CA_FILE", FileSort::Certificate),
        ];
        for (name, sort) in of_page {
            let Some(PlacedText { text, at }) = page.said(name) else { continue };
            if !not_mounted(page, text, at, checked) {
                let outside = page.outside(text).unwrap_or_else(|| text.clone());
                check_one(files, &outside, sort, at, page.what(), checked);
            }
        }
    }
    for config in configs {
        for section in ["server", "token"] {
            for (name, sort) in [("certificate", FileSort::Certificate), ("key", FileSort::Key)] {
                let Some(inside) = config.text(&[section, name]) else { continue };
                let outside = servers.iter().find_map(|server| server.outside(&inside)).unwrap_or(inside);
                let at = config.place(&[section, name]);
                check_one(files, &outside, sort, &at, "the token server", checked);
            }
        }
    }
}

/// The file that is most like the path is of the sort that is wanted, or one as like it is.
fn check_one(
    files: &[SetupFile],
    path: &str,
    wanted: FileSort,
    at: &FilePlace,
    what: &str,
    checked: &mut CheckReport,
) {
    // Beside a file for Docker Compose the path is one of this machine.
    let is_like = |file: &&SetupFile| file.likeness(path) > 0 && (!path.starts_with('.') || file.is_at(path));
    let found = || files.iter().filter(is_like);
    let Some(most) = found().map(|file| file.likeness(path)).max() else { return };
    let mut best = found().filter(|file| file.likeness(path) == most).filter_map(|file| {
        let (sorts, name) = FileSort::of(&file.part)?;
        Some((sorts.contains(&wanted), &file.name, name))
    });
    let Some((is_wanted, name, is)) = best.next() else { return };
    if is_wanted || best.any(|(is_wanted, ..)| is_wanted) {
        return;
    }
    let message = format!("{name} is {is}, and this setting wants {}: {what} does not start", wanted.name());
    checked.add(&rules::FILE_OF_OTHER_SORT, at, message, format!("name {}", wanted.name()));
}

/// The file of users that a registry reads is one of those that are checked.
fn users(files: &[SetupFile], registry: &CheckedService, checked: &mut CheckReport) {
    if registry.authentication() != "htpasswd" {
        return;
    }
    let Some((at, inside)) = registry.placed("AUTH_HTPASSWD_PATH") else { return };
    let path = registry.outside(&inside).unwrap_or(inside);
    let mut known = files.iter().filter(|file| matches!(file.part, FileRole::Users(_))).peekable();
    let Some(first) = known.peek().copied() else {
        return checked.not_checked(format!("the users of the registry ({path} is not among the files)"));
    };
    // Beside a file for Docker Compose the path is one of this machine.
    let is_beside = path.starts_with('.');
    let best = known.max_by_key(|file| file.likeness(&path)).filter(|file| file.likeness(&path) > 0);
    if let Some(file) = best.filter(|file| !is_beside || file.is_at(&path)) {
        file.tell_likeness(&path, checked);
    } else {
        checked.add(
            &rules::USERS_ELSEWHERE,
            at,
            format!(
                "the registry reads {path}, which is not among the files; what is checked is {}",
                first.name
            ),
            "name that file, or write the path of the one that is meant",
        );
    }
}
