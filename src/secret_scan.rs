//! Recognises what looks like a secret, by its name and by its form. Depends on no rule: every output masks secrets
//! whether or not lint reports them.
//!
//! [`sign`] decides what lint warns of. What is masked is a superset of that: a word too many that is hidden does no harm,
//! and a secret that is shown is not taken back.

mod client;
mod command;
mod cover;
mod endings;
mod http;
mod name;
mod scan;
mod shape;
mod tail;
mod tree;
mod uri;

#[cfg(feature = "net")]
pub(crate) use cover::HIDDEN;
pub(crate) use cover::{Secrets, as_shown, has_secrets};
pub(crate) use name::is_masked_name as names_a_secret;
pub(crate) use tree::{conceal, is_secret_element};
pub(crate) use uri::has_password;

use name::{UriName, is_harmless, is_secret_name, secret_part, uri_name};
use shape::{SHORTEST, is_random, kind};

/// Why a text looks like a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Its name says so.
    Name,
    /// It has a well-known form: `a GitHub token`.
    Kind(&'static str),
    /// It contains a URI with a password.
    Uri,
    /// It is long, and looks random.
    Random,
}

/// Why a variable looks like a secret in plain text, if it does.
pub(crate) fn sign(name: &str, value: &str) -> Option<Sign> {
    if value.len() < 2 {
        return None;
    }
    if has_password(value) {
        return Some(Sign::Uri);
    }
    if is_secret_name(name) && !is_harmless(name, value) {
        return Some(Sign::Name);
    }
    let is_whole = |kind| kind == UriName::Login || value.contains("://");
    if uri_name(name).is_some_and(is_whole) && secret_part(name, value).is_some() {
        return Some(Sign::Name);
    }
    if http::may_have_credentials(value) && http::credentials(value).next().is_some() {
        return Some(Sign::Kind("credentials for HTTP"));
    }
    if value.len() < SHORTEST {
        return None;
    }
    kind(value).map(Sign::Kind).or_else(|| is_random(value).then_some(Sign::Random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name() {
        for (name, value) in [
            ("DB_PASSWORD", "letmein"),
            ("dbPassword", "letmein"),
            ("MYSQL_PASSWORD_1", "1234"),
            ("REGISTRY_HTTP_SECRET", "248345asecret"),
            ("AWS_SECRET_ACCESS_KEY", "minio123"),
            ("STRIPE_APIKEY", "abc"),
            ("stripe.api-key", "abc"),
            ("MONGODB_PASS", "password"),
            ("SLACK_TOKEN", "abc"),
            ("REDIS_AUTH", "letmein"),
            ("NEO4J_AUTH", "neo4j/letmein"),
            ("SIGNING_SALT", "letmein"),
            ("PGPASS", "letmein"),
            ("PWD2", "letmein"),
            ("DB_PWD_1", "letmein"),
            ("LOGIN", "web:letmein"),
            ("adminLogin", "web:1234"),
            ("DB_LOGON_2", "web:let:me"),
            ("ldapBindPw", "letmein"),
            ("SENTRY_DSN", "https://key@example.com/1"),
            ("SLACK_WEBHOOK_URL", "https://example.com/hooks/T0"),
        ] {
            assert_eq!(sign(name, value), Some(Sign::Name), "{name}={value}");
        }
        for (name, value) in [
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("TOKEN_URL", "https://example.com/token"),
            ("TOKEN", "https://example.com/token"),
            ("TOKEN_TTL", "3600"),
            ("NUM_TOKENS", "256"),
            ("MAX_TOKEN", "4096"),
            ("ALLOW_EMPTY_PASSWORD", "yes"),
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("DB_PASSWORD", "$OTHER"),
            ("DB_PASSWORD", "<password>"),
            ("DB_PASSWORD", "********"),
            ("SECRETS_DCOS_PASSWORD", "portworx/dcos_password"),
            ("ETCD_INITIAL_CLUSTER_TOKEN", "dcos"),
            ("JVM_TOKEN", "-Xms64m -Xmx512m"),
            ("KEYTAB_SECRET", "__dcos_base64___keytab"),
            ("COMPASS", "north"),
            ("OAUTH", "letmein"),
            ("AUTH", "no"),
            ("REGISTRY_AUTH", "token"),
            ("PGPASS", "/root/.pgpass"),
            ("SENTRY_DSN", "https://example.com/1"),
            ("DB_DSN", "postgres://web@db/shop"),
            ("WEBHOOK_URL", "https://example.com/api/webhook"),
            ("PWD", "somewhere"),
            ("LOGIN", "web"),
            ("LOGIN", "auth.example.com:8080"),
            ("LOGIN", "https://example.com/login"),
            ("LOGIN", "web:${PASSWORD}"),
            ("PLUGIN", "a:bcd"),
            ("PUBLIC_KEY", "abc"),
            ("KEY", "a.b"),
        ] {
            assert_eq!(sign(name, value), None, "{name}={value}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_form() {
        // Concatenated, so that nothing in the source looks like a secret.
        let github = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0");
        assert_eq!(sign("X", &github), Some(Sign::Kind("a GitHub token")));
        let vault = ["a1B2c3D4e5F6g7H8", "i9J0k1L2"].concat();
        for token in [format!("hvs.{vault}"), format!("s.{vault}"), format!("s.{vault}.a1B2c")] {
            assert_eq!(sign("X", &token), Some(Sign::Kind("a Vault token")), "{token}");
        }
        let key = format!("-----BEGIN {}-----\nMIIE", "RSA PRIVATE KEY");
        assert_eq!(sign("X", &key), Some(Sign::Kind("a private key")));
        for random in [
            "q7Zr2LxP0vKf9TbW4mYc8Jd",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCY3XAMPL3",
            "3Fq9+Zk2/Xw8Lm5Pv7Rt1Yb4Nc6Hd0Js==",
        ] {
            assert_eq!(sign("X", random), Some(Sign::Random), "{random}");
        }
        for plain in [
            "641ce8912e68a4b73f5e4fc85cad54d451ed945eb10529106a9d8938e139",
            "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "com.example.service.MainApplication2",
            "ThisIsALongCamelCaseName2WithNumbers11",
            "registry.example.com/team/Web-Frontend:1.4.2",
            "-Xmx512m -XX:+UseG1GC -Dfile.encoding=UTF-8",
            "us-east-1a,us-east-1b,us-east-1c",
            "s.example.com.somewhere.internal",
            "s.ThisIsALongCamelCaseName2",
            "UlVMRTpbMjokMUAkMF0oLiopcy8uKi9ub2JvZHkvClJVTEU6",
        ] {
            assert_eq!(sign("X", plain), None, "{plain}");
        }
    }

    #[test]
    fn passwords_in_uris() {
        for text in [
            "postgres://web:letmein@db:5432/web",
            "curl -s https://user:pa%24s@example.com/x",
            "a,amqp://guest:guest@mq",
        ] {
            assert!(has_password(text), "{text}");
        }
        for text in [
            "https://example.com/@user",
            "https://user@example.com",
            "postgres://web:$PASSWORD@db",
            "postgres://web:${PASSWORD}@db",
            "postgres://web:***@db",
            "postgres://web:@db",
            "mail me@example.com: https://example.com:8080/",
            "http://a:80 x@y",
        ] {
            assert!(!has_password(text), "{text}");
        }
    }
}
