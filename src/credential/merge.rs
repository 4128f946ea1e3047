//! Puts credentials into an existing config file and keeps everything else in it.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::source::{Document, EditError, Editor, Pointer};

use super::config::{self, Config, ConfigError, Form, Logins};
use super::login::Login;
use crate::image::Host;

/// More credentials than these are put in together: each by itself is a pass over the text.
const FEW: usize = 32;

/// The text of a new file before credentials are put in.
pub const NEW: &str = "{\n  \"auths\": {}\n}\n";

/// Why credentials cannot be put into a file.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// The text is not a config file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The text cannot be edited.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// A config file with the credentials: each under the key that Docker looks up, replacing all entries for the same
/// registry. Merging again changes nothing.
///
/// # Errors
/// When the text is not a config file.
pub fn merge(document: Document, logins: &Logins) -> Result<Document, MergeError> {
    let config = Config::read(&document)?;
    let table = config::table(config.form);
    let mut editor = Editor::new(document);
    if config.form == Form::Config && editor.document().at(&table).is_none_or(|auths| auths.is_null()) {
        editor.set(&table, &Json::Object(Map::new()))?;
    }
    if logins.iter().nth(FEW).is_some() {
        put_all(&mut editor, &table, logins)?;
        return Ok(editor.into_document());
    }
    for (host, login) in logins.iter() {
        let same = |key: &&str| Host::parse(key).as_ref() == Ok(host);
        let mut keys: Vec<&str> =
            config.entries.iter().map(|entry| entry.key.as_str()).filter(same).collect();
        if keys == [host.key()] {
            keys.clear();
        }
        for key in keys {
            editor.remove(&table.key(key))?;
        }
        editor.set(&table.key(host.key()), &entry_of(login))?;
    }
    Ok(editor.into_document())
}

fn entry_of(login: &Login) -> Json {
    let members = config::members(login).into_iter();
    Json::Object(members.map(|(name, value)| (name.to_owned(), Json::from(value.as_str()))).collect())
}

/// Puts all credentials in with one pass over the text: the table of registries is written anew.
fn put_all(editor: &mut Editor, table: &Pointer, logins: &Logins) -> Result<(), EditError> {
    let mut entries = match editor.document().at(table).map(|entries| entries.to_json()) {
        Some(Json::Object(entries)) => entries,
        _ => Map::new(),
    };
    let hosts: HashMap<&Host, &Login> = logins.iter().collect();
    entries
        .retain(|key, _| !Host::parse(key).is_ok_and(|host| hosts.contains_key(&host) && host.key() != key));
    for (host, login) in logins.iter() {
        entries.insert(host.key().to_owned(), entry_of(login));
    }
    editor.set(table, &Json::Object(entries))
}

#[cfg(test)]
mod tests {
    use super::super::login::Login;
    use super::*;

    fn put(text: &str, host: &str, user: &str) -> String {
        let mut logins = Logins::default();
        let login = Login::new(user, "secret".into()).expect("fine");
        logins.insert(Host::parse(host).expect("a host"), login);
        merge(config::parse(text).expect("JSON"), &logins).expect("merged").text().to_owned()
    }

    #[test]
    fn keys_of_the_same_registry_become_one() {
        let text = "{\n  \"auths\": {\n    \"https://r.example.com/v1/\": {\"auth\": \"YTpi\"},\n    \
                    \"r.example.com\": {},\n    \"other\": {\"auth\": \"YTpi\"}\n  },\n  \"detachKeys\": \"x\"\n}\n";
        assert_eq!(
            put(text, "http://r.example.com/v2/", "foo"),
            "{\n  \"auths\": {\n    \"other\": {\"auth\": \"YTpi\"},\n    \"r.example.com\": {\n      \"auth\": \
             \"Zm9vOnNlY3JldA==\"\n    }\n  },\n  \"detachKeys\": \"x\"\n}\n"
        );
    }

    #[test]
    fn a_new_file_is_laid_out_as_a_written_one() {
        let mut logins = Logins::default();
        logins.insert(Host::hub(), Login::new("foo", "secret".into()).expect("fine"));
        assert_eq!(put(NEW, "docker.io", "foo"), *logins.to_text(Form::Config));
    }

    #[test]
    fn many_are_put_in_like_few() {
        let mut logins = Logins::default();
        for number in 0..=FEW {
            let login = Login::new("foo", "secret".into()).expect("fine");
            logins.insert(Host::parse(&format!("r{number}.example")).expect("a host"), login);
        }
        let put = |text: &str| {
            merge(config::parse(text).expect("JSON"), &logins).expect("merged").text().to_owned()
        };
        let old = r#"{"auths": {"https://r1.example/v1/": {"auth": "YTpi"}, "other": {"auth": "YTpi"}}, "detachKeys": "x"}"#;
        let merged = put(old);
        let read: Json = serde_json::from_str(&merged).expect("JSON");
        assert_eq!(read["auths"].as_object().expect("a table").len(), FEW + 2);
        assert_eq!((&read["auths"]["other"]["auth"], &read["detachKeys"]), (&"YTpi".into(), &"x".into()));
        assert_eq!(put(&merged), merged);
        assert_eq!(put(r#"{"x": {"auth": "YTpi"}}"#).matches("auth").count(), FEW + 2);
    }

    #[test]
    fn again_changes_nothing() {
        for text in [NEW, "{}", "{\"auths\": null}", "{\"r.example.com:5000\": {\"auth\": \"YTpi\"}}"] {
            let once = put(text, "r.example.com:5000", "foo");
            assert_eq!(put(&once, "https://r.example.com:5000/", "foo"), once);
        }
    }
}
