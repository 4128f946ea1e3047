//! Any archive and any config file can be inspected, and its credentials are written as they were read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milepost::credential::check::{View, check};
use milepost::credential::config::{self, Config, Form};
use milepost::credential::inspect::inspect;
use milepost::credential::merge::merge;
use milepost::credential::unpack::listing;
use milepost::credential::{Login, look_up};
use milepost::definition::Containerizer;
use milepost::image::{Host, Reference};

fuzz_target!(|bytes: &[u8]| {
    for containerizer in [Containerizer::Docker, Containerizer::Mesos] {
        let view = View { containerizer, asked: None, now: 1_700_000_000 };
        let inspected = inspect(bytes, view);
        assert_eq!(listing(&inspected.members).len(), inspected.members.len());
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        let _ = Reference::parse(text.trim_end());
        let Ok(document) = config::parse(text) else { continue };
        let Ok(config) = Config::read(&document) else { continue };
        let _ = check(&config, view);
        let (logins, _) = config.logins();
        let hosts = config.entries.iter().filter_map(|entry| entry.host.as_ref().ok());
        assert!(
            hosts
                .clone()
                .all(|host| look_up(&config, host, containerizer).is_err() || logins.get(host).is_some())
        );
        let clean = logins.to_text(Form::Config);
        let again = Config::read(&config::parse(&clean).expect("JSON")).expect("a config file").logins().0;
        let is_same = |((host, one), (other, two)): ((&Host, &Login), (&Host, &Login))| {
            host == other && one.is_same(two)
        };
        assert_eq!(again.iter().count(), logins.iter().count());
        assert!(again.iter().zip(logins.iter()).all(is_same));
        let merged = merge(document, &logins).expect("credentials go into any config file");
        assert_eq!(
            merge(config::parse(merged.text()).expect("JSON"), &logins).expect("again").text(),
            merged.text()
        );
    }
});
