//! Puts credentials into an existing config file and keeps everything else in it.

use serde_json::{Map, Value as Json};

use crate::source::{Document, EditError, Editor};

use super::config::{self, Config, ConfigError, Form, Logins};
use crate::image::Host;

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
        let members = config::members(login).into_iter();
        let entry = members.map(|(name, value)| (name.to_owned(), Json::from(value.as_str()))).collect();
        editor.set(&table.key(host.key()), &Json::Object(entry))?;
    }
    Ok(editor.into_document())
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
    fn again_changes_nothing() {
        for text in [NEW, "{}", "{\"auths\": null}", "{\"r.example.com:5000\": {\"auth\": \"YTpi\"}}"] {
            let once = put(text, "r.example.com:5000", "foo");
            assert_eq!(put(&once, "https://r.example.com:5000/", "foo"), once);
        }
    }
}
