//! Every combination of choices makes a definition that Marathon accepts, or is refused with a reason.

use serde_json::{Value as Json, json};

use super::app;
use super::auth::{Auth, TokenAuth};
use super::definition::RegistryError;
use super::http_secret::{HttpSecret, Plain};
use super::naming::{Address, Naming, Vip, VipError};
use super::serving::Serving;
use super::storage::{DirectoryStorage, Driver, Storage, StorageError};
use super::tls::{Security, Tls, TlsError};
use super::version::RegistryVersion;
use crate::definition::Containerizer;
use crate::finding::Effect;
use crate::registry::*;
use crate::source::{Document, Format, Kind};
use crate::target::{Release, Target};

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn storages() -> Vec<Storage> {
    let new = |driver, directory, options: &[_], secrets: &[_]| {
        Storage::new(driver, directory, pairs(options), pairs(secrets)).expect("sound storage")
    };
    let none = DirectoryStorage::Container;
    let keys = [("accesskey", "r/a"), ("secretkey", "r/s")];
    vec![
        new(Driver::Filesystem, DirectoryStorage::Container, &[], &[]),
        new(
            Driver::Filesystem,
            DirectoryStorage::Host("/mnt/images".to_owned()),
            &[("maxthreads", "50")],
            &[],
        ),
        new(Driver::Filesystem, DirectoryStorage::Volume(1024), &[], &[]),
        new(Driver::S3, none.clone(), &[("region", "eu"), ("bucket", "b")], &keys),
        new(Driver::S3, none.clone(), &[("region", "eu"), ("bucket", "b")], &[]),
        new(
            Driver::Azure,
            none.clone(),
            &[("accountname", "n"), ("container", "c")],
            &[("accountkey", "r/k")],
        ),
        new(Driver::Gcs, none.clone(), &[("bucket", "b")], &[("keyfile", "r/k")]),
        new(Driver::Gcs, none.clone(), &[("bucket", "b"), ("keyfile", "/etc/gcs.json")], &[]),
        new(
            Driver::Swift,
            none,
            &[("authurl", "https://s"), ("username", "u"), ("container", "c")],
            &[("password", "r/p")],
        ),
    ]
}

fn namings() -> Vec<Naming> {
    let vip = |text: &str| text.parse::<Vip>().expect("a VIP");
    vec![
        Naming::default_for("/infra/registry"),
        Naming { vips: vec![vip("192.168.0.1:443"), vip("/registry:5000")], ..Naming::default() },
        Naming { mesos_dns: Some(5000), ..Naming::default() },
        Naming {
            host: Some(Address { host: "images.example.com".to_owned(), port: 5000 }),
            ..Naming::default()
        },
        Naming { marathon_lb: Some("registry.example.com".to_owned()), ..Naming::default() },
    ]
}

fn tls() -> Vec<Tls> {
    let path = |name: &str| Some(name.to_owned());
    [
        Tls::new(Security::Trusted, None, None, None),
        Tls::new(Security::SelfSigned, path("/certs"), path("r.pem"), path("r.key")),
        Tls::new(Security::SelfSigned, None, path("/etc/a.pem"), path("/etc/private/a.key")),
        Tls::new(Security::None, None, None, None),
    ]
    .into_iter()
    .map(|tls| tls.expect("sound paths"))
    .collect()
}

fn options() -> RegistryOptions {
    RegistryOptions {
        id: "/infra/registry".to_owned(),
        image: "registry:2".to_owned(),
        version: RegistryVersion::Two,
        instances: 1,
        cpus: 0.5,
        mem: 128.0,
        containerizer: Containerizer::Docker,
        tls: tls().remove(0),
        naming: namings().remove(0),
        storage: storages().remove(0),
        http_secret: HttpSecret::None,
        serving: Serving::default(),
        auth: Auth::None,
        health_path: Some("/v2/".to_owned()),
        service_port: None,
        env: Vec::new(),
        labels: Vec::new(),
        constraints: Vec::new(),
        has_files: false,
        release: Release::LATEST,
    }
}

type ChoiceCase = Box<dyn Fn(&mut RegistryOptions)>;

/// All choices, one list each, multiplied.
fn every_combination() -> Vec<RegistryOptions> {
    let mut all = vec![options()];
    let mut multiply = |choices: Vec<ChoiceCase>| {
        let choose = |options: &RegistryOptions| -> Vec<RegistryOptions> {
            let chosen = choices.iter().map(|choice| {
                let mut options = options.clone();
                choice(&mut options);
                options
            });
            chosen.collect()
        };
        all = all.iter().flat_map(choose).collect();
    };
    multiply(vec![
        Box::new(|_| {}),
        Box::new(|options| options.containerizer = Containerizer::Mesos),
        Box::new(|options| options.release = Release::V1_4),
    ]);
    multiply(
        tls()
            .into_iter()
            .map(|tls| Box::new(move |o: &mut RegistryOptions| o.tls = tls.clone()) as _)
            .collect(),
    );
    multiply(
        namings()
            .into_iter()
            .map(|it| Box::new(move |o: &mut RegistryOptions| o.naming = it.clone()) as _)
            .collect(),
    );
    let token = TokenAuth {
        realm: "https://auth.example.com:5001/auth".to_owned(),
        service: "registry".to_owned(),
        issuer: "auth_service".to_owned(),
        bundle: "/etc/token.crt".to_owned(),
    };
    let auths =
        [Auth::None, Auth::htpasswd("/etc/users/htpasswd".to_owned()).expect("sound"), Auth::Token(token)];
    multiply(
        auths
            .into_iter()
            .map(|auth| Box::new(move |o: &mut RegistryOptions| o.auth = auth.clone()) as _)
            .collect(),
    );
    multiply(
        storages()
            .into_iter()
            .map(|it| Box::new(move |o: &mut RegistryOptions| o.storage = it.clone()) as _)
            .collect(),
    );
    multiply(vec![
        Box::new(|_| {}),
        Box::new(|options| options.http_secret = HttpSecret::Plain(Plain::from("s".to_owned()))),
        Box::new(|options| options.http_secret = HttpSecret::Source("r/http".to_owned())),
    ]);
    multiply(vec![Box::new(|_| {}), Box::new(|options| options.instances = 2)]);
    multiply(vec![
        Box::new(|_| {}),
        Box::new(|options| {
            options.service_port = Some(10000);
            options.health_path = None;
        }),
    ]);
    all
}

#[test]
fn every_combination_is_a_definition_marathon_takes() {
    let all = every_combination();
    let mut written = 0;
    for options in &all {
        let Ok(generated) = app(options) else { continue };
        let definition = generated.to_json().expect("JSON");
        written += 1;
        let text = definition.to_string();
        let document = Document::parse(text.as_str(), Format::Json).expect("JSON");
        let findings: Vec<_> =
            crate::lint::check(&document, Kind::App, &"dcos".parse::<Target>().expect("a target").settings())
                .into_iter()
                // The old style is deprecated, and a secret in plain text risky; both on purpose.
                .filter(|finding| !matches!(finding.effect, Effect::Deprecated | Effect::Risky))
                .collect();
        assert_eq!(findings, [], "{text}");
        assert_rules(&definition, &text);
    }
    assert!(written > all.len() / 2, "{written} of {}", all.len());
}

/// What Marathon checks across fields, as far as these definitions touch it.
fn assert_rules(app: &Json, text: &str) {
    let is_mesos = app["container"]["type"] == "MESOS";
    let docker = &app["container"]["docker"];
    if is_mesos {
        assert!(docker.get("network").is_none() && docker.get("portMappings").is_none(), "{text}");
    }
    // NET-001, NET-028: the old form or the new one, never both.
    let is_old = docker.get("network").is_some();
    assert_eq!(is_old, app.get("networks").is_none(), "{text}");
    assert_eq!(is_old, docker.get("portMappings").is_some(), "{text}");
    assert_eq!(is_old, app["container"].get("portMappings").is_none(), "{text}");
    // SEC-010, SEC-013: what is referred to is defined, and what is defined is used.
    let mut used: Vec<&Json> = app["env"].as_object().into_iter().flatten().map(|(_, value)| value).collect();
    let volumes = app["container"]["volumes"].as_array().into_iter().flatten();
    used.extend(volumes.clone());
    let used: Vec<&str> = used.iter().filter_map(|value| value["secret"].as_str()).collect();
    let defined: Vec<&str> =
        app["secrets"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert!(
        used.iter().all(|name| defined.contains(name)) && defined.iter().all(|name| used.contains(name)),
        "{text}"
    );
    // VOL-006, UPG-003, UPG-004: persistent volumes.
    if let Some(volume) = volumes.clone().find(|volume| volume.get("persistent").is_some()) {
        assert!(!volume["containerPath"].as_str().expect("a path").contains('/'), "{text}");
        assert_eq!(app["upgradeStrategy"], json!({ "minimumHealthCapacity": 0, "maximumOverCapacity": 0 }));
        assert_eq!(app["unreachableStrategy"], "disabled");
    }
    // A port of an agent is free for the new task once the old one has ended.
    let mappings = [&app["container"]["portMappings"], &docker["portMappings"]];
    let fixed = mappings.iter().filter_map(|all| all[0]["hostPort"].as_u64()).any(|port| port > 0);
    assert!(!fixed || app["upgradeStrategy"]["maximumOverCapacity"] == 0, "{text}");
    // HC-001: the health check's port is there, and speaks what the registry speaks.
    for check in app["healthChecks"].as_array().into_iter().flatten() {
        assert_eq!(check["portIndex"], 0, "{text}");
        let has_tls = app["env"].get("REGISTRY_HTTP_TLS_KEY").is_some();
        assert_eq!(check["protocol"] == "MESOS_HTTPS", has_tls, "{text}");
    }
}

#[test]
fn several_instances_must_share() {
    let two = |storage: usize, http_secret| {
        app(&RegistryOptions { instances: 2, storage: storages().remove(storage), http_secret, ..options() })
    };
    let secret = || HttpSecret::Source("r/http".to_owned());
    assert_eq!(two(0, secret()).map(|_| ()), Err(RegistryError::NotShared(2)));
    assert_eq!(two(3, HttpSecret::None).map(|_| ()), Err(RegistryError::NoHttpSecret(2)));
    assert!(two(3, secret()).is_ok());
    assert!(two(1, secret()).is_ok());
}

#[test]
fn what_cannot_work_is_refused() {
    let refused = |change: fn(&mut RegistryOptions)| {
        let mut options = options();
        change(&mut options);
        app(&options).err()
    };
    assert_eq!(refused(|o| o.id = "/Registry".to_owned()), Some(RegistryError::Id("/Registry".to_owned())));
    assert_eq!(
        refused(|o| o.id = "/registry/tasks".to_owned()),
        Some(RegistryError::Id("/registry/tasks".to_owned()))
    );
    assert_eq!(refused(|o| o.cpus = f64::NAN), Some(RegistryError::Amount("cpus")));
    assert_eq!(refused(|o| o.health_path = Some("v2".to_owned())), Some(RegistryError::HealthPath));
    assert_eq!(
        refused(|o| (o.release, o.containerizer) = (Release::V1_4, Containerizer::Mesos)),
        Some(RegistryError::MesosNeedsNewer(Release::V1_4))
    );
    assert_eq!(
        refused(|o| (o.version, o.storage) = (RegistryVersion::Three, storages().remove(8))),
        Some(RegistryError::NoSwift("registry:2".to_owned()))
    );
    assert_eq!(
        refused(|o| o.storage = storages().remove(2)),
        Some(RegistryError::Storage(StorageError::VolumeNeedsMesos))
    );
    assert_eq!(
        refused(|o| o.storage = storages().remove(6)),
        Some(RegistryError::Storage(StorageError::FileSecret))
    );
}

#[test]
fn storage_is_held_against_its_driver() {
    let new = |driver, options: &[_], secrets: &[_]| {
        Storage::new(driver, DirectoryStorage::Container, pairs(options), pairs(secrets)).err()
    };
    let required = [("region", "eu"), ("bucket", "b")];
    assert_eq!(new(Driver::S3, &required, &[("accesskey", "r/a")]), Some(StorageError::HalfAKey));
    assert_eq!(
        new(Driver::S3, &[("region", "eu"), ("bucket", "b"), ("secretkey", "hunter2")], &[]),
        Some(StorageError::Credential("secretkey".to_owned()))
    );
    assert!(matches!(
        new(Driver::S3, &[("region", "eu")], &[]),
        Some(StorageError::Missing { parameter: "bucket", .. })
    ));
    assert!(matches!(new(Driver::Gcs, &[("buckett", "b")], &[]), Some(StorageError::Unknown { .. })));
    assert_eq!(
        new(Driver::Gcs, &[("bucket", "b"), ("BUCKET", "c")], &[]),
        Some(StorageError::Twice("bucket".to_owned()))
    );
}

#[test]
fn names_are_what_users_type() {
    let all = Naming {
        vips: vec!["192.168.0.1:443".parse().expect("a VIP"), "/registry:5000".parse().expect("a VIP")],
        mesos_dns: Some(5000),
        host: Some(Address { host: "images.example.com".to_owned(), port: 5000 }),
        marathon_lb: Some("registry.example.com".to_owned()),
    };
    assert_eq!(
        all.image_names("/infra/registry", true),
        [
            "192.168.0.1",
            "registry.marathon.l4lb.thisdcos.directory:5000",
            "registry-infra.marathon.mesos:5000",
            "images.example.com:5000",
            "registry.example.com"
        ]
    );
    // Without TLS Docker would take a name without a port for port 443 by https, and UCR for port 80.
    assert_eq!(all.image_names("/infra/registry", false)[0], "192.168.0.1:443");
    for text in
        ["192.168.0.1", "/registry", "registry:5000", "/:5000", "/registry:0", "192.168.0.1:0", "/a b:1", ""]
    {
        assert_eq!(text.parse::<Vip>(), Err(VipError), "{text}");
    }
    assert!(Naming::vhost("https://registry.example.com").is_err());
}

#[test]
fn certificate_paths_go_together() {
    let new = |directory: Option<&str>, certificate: Option<&str>, key: Option<&str>| {
        Tls::new(
            Security::Trusted,
            directory.map(Into::into),
            certificate.map(Into::into),
            key.map(Into::into),
        )
        .err()
    };
    assert_eq!(new(None, Some("/etc/a.pem"), None), Some(TlsError::Mixed));
    assert_eq!(new(Some("/certs"), Some("/etc/a.pem"), Some("/etc/a.key")), Some(TlsError::Mixed));
    assert_eq!(new(Some("certs"), None, None), Some(TlsError::RelativeDirectory("certs".to_owned())));
    assert_eq!(new(None, Some("../a.pem"), None), Some(TlsError::NoName("../a.pem".to_owned())));
    assert_eq!(Tls::new(Security::None, None, None, Some("k".to_owned())), Err(TlsError::Unused));
}

#[test]
fn generated_secrets_differ_and_debug_shows_none() {
    let (one, two) = (HttpSecret::generate().expect("random"), HttpSecret::generate().expect("random"));
    assert_ne!(one, two);
    assert_eq!(format!("{one:?}"), "Plain(Plain(…))");
}
