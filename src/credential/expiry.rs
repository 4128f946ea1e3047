//! When credentials expire, as far as they show it.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;

use super::login::{Login, LoginProof};
use crate::image::Host;

/// When credentials expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Nothing shows that they expire.
    Open,
    /// They state when they expire, in seconds since 1970.
    Until(i64),
    /// They do not state when, but credentials of their kind expire soon: the kind, and the time it lasts.
    Short(&'static str, &'static str),
}

/// When these credentials expire, by what they state and by what is known of their kind:
/// Amazon ECR (`AWS`: base64 of JSON with `expiration`, 12 hours), Google (`oauth2accesstoken`: an hour), Azure
/// (a JWT of three hours), jobs of GitLab, GitHub's `ghs_` tokens, and any JWT with `exp` (RFC 7519).
#[must_use]
pub fn lifetime(host: &Host, login: &Login) -> Lifetime {
    let (LoginProof::Password(secret) | LoginProof::Identity(secret) | LoginProof::Registry(secret)) =
        login.proof();
    if let Some(end) = stated(secret.expose_secret()) {
        return Lifetime::Until(end);
    }
    let name = host.name().to_ascii_lowercase();
    match login.user() {
        "AWS" if name.contains(".dkr.ecr") || name == "public.ecr.aws" => {
            Lifetime::Short("a token of Amazon ECR", "12 hours")
        }
        "oauth2accesstoken" => Lifetime::Short("an access token of Google", "an hour"),
        "gitlab-ci-token" => Lifetime::Short("the token of a GitLab job", "the job"),
        _ if secret.expose_secret().starts_with("ghs_") => {
            Lifetime::Short("an installation token of GitHub", "an hour")
        }
        _ => Lifetime::Open,
    }
}

/// The end that a token states.
pub(crate) fn stated(text: &str) -> Option<i64> {
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(_), None) => {
            member(header, "alg", |alg| alg.as_str().map(|_| ()))?;
            member(claims, "exp", seconds)
        }
        // A password is very unlikely to be base64 of an object with this member.
        (Some(token), None, None, None) => member(token, "expiration", seconds),
        _ => None,
    }
}

/// A text that a JWT states, such as `uid` in the tokens of DC/OS.
#[cfg(feature = "net")]
pub(crate) fn claim(token: &str, name: &str) -> Option<String> {
    let claims = token.split('.').nth(1)?;
    member(claims, name, |value| value.as_str().map(str::to_owned))
}

fn seconds(value: &serde_json::Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "`as` saturates, which is far enough in the future"
        )]
        value.as_f64().map(|seconds| seconds as i64)
    })
}

/// A member of the JSON object in a base64 text, with or without padding, in either alphabet.
fn member<T>(encoded: &str, name: &str, take: impl Fn(&serde_json::Value) -> Option<T>) -> Option<T> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet =
        if encoded.contains(['-', '_']) { &base64::alphabet::URL_SAFE } else { &base64::alphabet::STANDARD };
    let bytes = Zeroizing::new(GeneralPurpose::new(alphabet, LENIENT).decode(encoded.trim()).ok()?);
    let object: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    take(object.get(name)?)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;

    fn of(host: &str, user: &str, password: &str) -> Lifetime {
        let login = Login::new(user, password.into()).expect("fine");
        lifetime(&Host::parse(host).expect("a host"), &login)
    }

    #[test]
    fn tokens_state_when_they_expire() {
        let ecr =
            STANDARD.encode(r#"{"payload":"x","version":"2","type":"DATA_KEY","expiration":1486678934}"#);
        let host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
        assert_eq!(of(host, "AWS", &ecr), Lifetime::Until(1_486_678_934));
        assert_eq!(of(host, "AWS", "opaque"), Lifetime::Short("a token of Amazon ECR", "12 hours"));
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let jwt = format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(r#"{"exp":1700000000}"#));
        assert_eq!(of("x.azurecr.io", "u", &jwt), Lifetime::Until(1_700_000_000));
        assert_eq!(
            of("gcr.io", "oauth2accesstoken", "ya29.x"),
            Lifetime::Short("an access token of Google", "an hour")
        );
        assert_eq!(of("gcr.io", "_json_key", "{\"type\":\"service_account\"}"), Lifetime::Open);
        assert_eq!(of("r.example.com", "foo", "a.b.c"), Lifetime::Open);
        assert_eq!(of("r.example.com", "foo", "letmein"), Lifetime::Open);
    }
}
