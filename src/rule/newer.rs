//! Fields that came with later releases: an older Marathon reads past them, whatever is in them.

use crate::diagnostic::{Diagnostic, Effect};
use crate::source::{Kind, Step};
use crate::target::Release;

/// Fields of pods by the names on the way to them, and the release that brought them.
const OF_PODS: [(&[&str], Release); 6] = [
    (&["role"], Release::V1_9),
    (&["linuxInfo"], Release::V1_9),
    (&["legacySharedCgroups"], Release::V1_10),
    (&["containers", "linuxInfo"], Release::V1_8),
    (&["containers", "check"], Release::V1_8),
    (&["containers", "resourceLimits"], Release::V1_10),
];

/// The same for apps.
const OF_APPS: [(&[&str], Release); 5] = [
    (&["role"], Release::V1_9),
    (&["check"], Release::V1_8),
    (&["executorResources"], Release::V1_6),
    (&["resourceLimits"], Release::V1_10),
    (&["container", "linuxInfo"], Release::V1_8),
];

/// What the types of the latest release refuse in fields that `release` does not know does not stop it.
pub(crate) fn excuse(found: &mut [Diagnostic], kind: Kind, release: Release) {
    if release >= Release::LATEST {
        return;
    }
    for finding in found.iter_mut().filter(|finding| finding.effect == Effect::Rejected) {
        if let Some((field, since)) = newer(finding, kind, release) {
            finding.rule = "newer-field";
            finding.effect = Effect::Ignored;
            finding.message = format!("Marathon {release} ignores `{field}`, which came with {since}");
            finding.help = Some("remove it, or mend it before that release comes".to_owned());
            finding.answer = None;
        }
    }
}

/// The field of a later release that a finding is in.
fn newer(finding: &Diagnostic, kind: Kind, release: Release) -> Option<(&'static str, Release)> {
    let fields: &[(&[&str], Release)] = match kind {
        Kind::Pod => &OF_PODS,
        Kind::App | Kind::Apps | Kind::Group => &OF_APPS,
    };
    let is_in = |way: &[&str]| {
        let names = finding.pointer.steps().iter().filter_map(|step| match step {
            Step::Key(name) => Some(name.as_str()),
            Step::Index(_) => None,
        });
        let mut names = names.skip_while(|name| kind == Kind::Group && ["groups", "apps"].contains(name));
        way.iter().all(|name| names.next() == Some(name))
    };
    let (way, since) = fields.iter().find(|(way, since)| *since > release && is_in(way))?;
    Some((way.last()?, *since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Document, Format};

    fn excused(text: &str, kind: Kind, release: Release) -> Vec<String> {
        let document = Document::parse(text, Format::Json).expect("the test's text is JSON");
        let mut found = crate::schema::check(&document, kind);
        excuse(&mut found, kind, release);
        found
            .iter()
            .map(|finding| format!("{} {}: {}", finding.effect.name(), finding.pointer, finding.rule))
            .collect()
    }

    #[test]
    fn nonsense_in_a_field_of_the_future_is_ignored() {
        let pod = r#"{"id": "/p", "linuxInfo": 5,
            "containers": [{"name": "c", "resources": {}, "check": {"tcp": 1}, "endpoints": [{"name": "A"}]}]}"#;
        assert_eq!(
            excused(pod, Kind::Pod, Release::V1_5),
            [
                "ignored /containers/0/check/tcp/endpoint: newer-field",
                "rejected /containers/0/endpoints/0/name: malformed-value",
                "ignored /linuxInfo: newer-field",
            ]
        );
        assert!(
            excused(pod, Kind::Pod, Release::LATEST).iter().all(|finding| finding.starts_with("rejected"))
        );
        let group = r#"{"groups": [{"id": "g", "apps": [{"id": "a", "cmd": "x", "role": 5}]}]}"#;
        assert_eq!(
            excused(group, Kind::Group, Release::V1_8),
            ["ignored /groups/0/apps/0/role: newer-field"]
        );
    }
}
