//! A wired text still parses, wiring it again changes nothing, and a text is changed only where a change is reported.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost::credential::{Archive, Credential, Secret, WireOptions, wire};
use milepost::source::{Document, Kind};
use milepost::target::Release;
use milepost_fuzz::NOTATIONS;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let archive = || Archive::new("file:///etc/docker.tar.gz").expect("it is one");
    let secret = || Secret::new("shop/pull", "pull", Release::LATEST).expect("it is one");
    let credentials = [
        Credential::Archive(archive()),
        Credential::Secret { secret: secret(), convert: false },
        Credential::Secret { secret: secret(), convert: true },
        Credential::DockerCerts,
    ];
    for format in NOTATIONS {
        let Ok(document) = Document::parse(text, format) else { continue };
        let Some(kind) = Kind::detect(&document.root()) else { continue };
        for credential in &credentials {
            let options = WireOptions::new(credential.clone(), Release::LATEST);
            let Ok(once) = wire(document.clone(), kind, &options) else { continue };
            assert_eq!(once.changed(), once.document.text() != text);
            let again = Document::parse(once.document.text(), format).expect("it is still of the format");
            let twice = wire(again, kind, &options).expect("it is wired already");
            assert!(!twice.changed(), "{}", once.document.text());
        }
    }
});
