//! What holds for all credentials.

use milepost::credential::config::{self, Config, Form, Logins};
use milepost::credential::merge::{self, merge};
use milepost::credential::pack::{PackMode, pack};
use milepost::credential::{Login, unpack};
use milepost::image::Host;
use proptest::prelude::*;

use super::milepost;
use crate::common::TestDir;

fn user() -> impl Strategy<Value = String> {
    "[^:\\p{Cc}]{1,20}"
}

/// Long enough not to be part of a message by chance.
fn password() -> impl Strategy<Value = String> {
    "[!-~]{1,8}0q[^\\p{Cc}]{8,40}"
}

fn host() -> impl Strategy<Value = String> {
    "(https://|http://)?([a-c]\\.example\\.com(:500[01])?|docker\\.io|index\\.docker\\.io)(/v[12]/|/)?"
}

fn logins() -> impl Strategy<Value = Logins> {
    prop::collection::vec((host(), user(), password()), 1..6).prop_map(|all| {
        let mut logins = Logins::default();
        for (host, user, password) in all {
            let login = Login::new(&user, password.into()).expect("made to be fine");
            logins.insert(Host::parse(&host).expect("made to be fine"), login);
        }
        logins
    })
}

fn same(one: &Logins, other: &Logins) -> bool {
    let hosts = |logins: &Logins| logins.iter().map(|(host, _)| host.clone()).collect::<Vec<_>>();
    hosts(one) == hosts(other)
        && one.iter().all(|(host, login)| other.get(host).is_some_and(|other| login.is_same(other)))
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(logins in logins()) {
        for form in [Form::Config, Form::Dockercfg] {
            let text = logins.to_text(form);
            let config = Config::read(&config::parse(&text).expect("JSON")).expect("a config");
            prop_assert_eq!(config.form, form);
            prop_assert!(same(&config.logins().0, &logins));
            prop_assert!(config.entries.iter().all(|entry| entry.notes.is_empty()));
        }
    }

    #[test]
    fn logging_in_twice_is_logging_in_once(before in logins(), new in logins()) {
        let start = config::parse(&before.to_text(Form::Config)).expect("JSON");
        let once = merge(start, &new).expect("merged");
        let twice = merge(config::parse(once.text()).expect("JSON"), &new).expect("merged");
        prop_assert_eq!(once.text(), twice.text());
        let after = Config::read(&once).expect("a config").logins().0;
        prop_assert!(new.iter().all(|(host, login)| after.get(host).is_some_and(|other| login.is_same(other))));
        prop_assert!(before.iter().all(|(host, _)| after.get(host).is_some()));
    }

    #[test]
    fn archives_are_reproducible_and_read_again(logins in logins(), everybody: bool) {
        let mode = if everybody { PackMode::Everybody } else { PackMode::Owner };
        let text = logins.to_text(Form::Config);
        let packed = pack(&text, mode).expect("in memory");
        prop_assert_eq!(&packed, &pack(&text, mode).expect("in memory"));
        let members = unpack::read(&packed).expect("our own");
        prop_assert_eq!(members[1].content.as_slice(), text.as_bytes());
    }

    #[test]
    fn debug_has_no_secret(user in user(), password in password()) {
        let mut logins = Logins::default();
        logins.insert(Host::hub(), Login::new(&user, password.as_str().into()).expect("fine"));
        let text = logins.to_text(Form::Config);
        let config = Config::read(&config::parse(&text).expect("JSON")).expect("a config");
        for shown in [format!("{logins:?}"), format!("{config:#?}")] {
            prop_assert!(!shown.contains(&password) && !shown.contains(text.split('"').nth(7).expect("auth")));
        }
    }

    #[test]
    fn no_bytes_make_reading_an_archive_panic(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        let _ = unpack::read(&bytes);
        let _ = unpack::read(&[&[0x1f, 0x8b, 8, 0][..], &bytes].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn show_never_has_the_secret(host in host(), user in user(), password in password()) {
        let mut logins = Logins::default();
        logins.insert(Host::parse(&host).expect("fine"), Login::new(&user, password.as_str().into()).expect("fine"));
        let text = logins.to_text(Form::Config);
        let test = TestDir::new().file(".docker/config.json", text.as_bytes());
        let auth = text.split('"').nth(7).expect("auth");
        for format in ["text", "json"] {
            let output = milepost(&test, &["creds", "show", "--format", format], "");
            prop_assert!(output.status.success());
            let shown = [output.stdout, output.stderr].concat();
            let shown = String::from_utf8_lossy(&shown);
            prop_assert!(!shown.contains(&password) && !shown.contains(auth), "{}", shown);
        }
    }
}

#[test]
fn a_new_file_is_a_config() {
    assert!(Config::read(&config::parse(merge::NEW).expect("JSON")).expect("a config").entries.is_empty());
}
