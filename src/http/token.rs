//! DC/OS tokens: what they state, and how one that ends is replaced.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::header::HeaderValue;

use super::client::Client;
use super::error::ClientError;
use crate::credential::{clock, expiry};

/// A token is replaced when it has less than this left, in seconds.
const MARGIN: i64 = 60;

/// The text is not a token.
#[derive(Debug, thiserror::Error)]
#[error("{from}: this is not a token: {problem}")]
pub(crate) struct BadToken {
    /// The file or variable.
    from: String,
    /// What is wrong with it.
    problem: &'static str,
}

/// A DC/OS authentication token. Never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// Takes the text of a token `from` a file, a variable or an answer, without white space around it.
    ///
    /// # Errors
    /// What keeps the text from being a token. The text is not part of it.
    pub(crate) fn new(text: &str, from: &str) -> Result<Self, BadToken> {
        let bad = |problem| Err(BadToken { from: from.to_owned(), problem });
        let text = text.trim();
        if text.is_empty() {
            bad("it is empty")
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            bad("it holds white space or characters that tokens do not have")
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// `token=…`, the scheme of DC/OS's admin router, marked as sensitive.
    pub(crate) fn header(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&format!("token={}", self.0))
            .expect("internal error: a token is checked to be printable when it is made");
        value.set_sensitive(true);
        value
    }

    /// The token itself, for storing it.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// When it ends, in seconds since 1970, if it states that.
    #[must_use]
    pub(crate) fn end(&self) -> Option<i64> {
        expiry::stated(&self.0)
    }

    /// Whether it has ended, by its own statement and this machine's clock.
    #[must_use]
    pub(crate) fn has_ended(&self) -> bool {
        self.end().is_some_and(|end| end <= clock::now())
    }

    /// Its user, if it states that.
    #[must_use]
    pub(crate) fn user(&self) -> Option<String> {
        expiry::claim(&self.0, "uid").or_else(|| expiry::claim(&self.0, "sub"))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Gets a new token.
pub(crate) trait Renew: Send + Sync {
    /// Signs in.
    ///
    /// # Errors
    /// When there is no answer, or the server refuses.
    fn renew(&self, client: &Client) -> Result<Token, ClientError>;
}

/// The token for an address, and the way to the next one.
#[derive(Clone)]
pub(crate) struct TokenHolder {
    state: Arc<Mutex<HeldToken>>,
    renewal: Option<Arc<dyn Renew>>,
}

struct HeldToken {
    token: Option<Token>,
    /// When to get another before it is used, in seconds since 1970.
    renew_at: Option<i64>,
}

impl HeldToken {
    fn of(token: Option<Token>) -> Self {
        let renew_at = token.as_ref().and_then(Token::end).map(|end| end - MARGIN);
        Self { token, renew_at }
    }
}

impl TokenHolder {
    /// A token that is there, or a way to get one, or both.
    pub(crate) fn new(token: Option<Token>, renewal: Option<Arc<dyn Renew>>) -> Self {
        Self { state: Arc::new(Mutex::new(HeldToken::of(token))), renewal }
    }

    fn state(&self) -> MutexGuard<'_, HeldToken> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token as it is now.
    pub(crate) fn token(&self) -> Option<Token> {
        self.state().token.clone()
    }

    /// Gets a token where there is none, or the one there is ends within a minute and can be replaced.
    ///
    /// # Errors
    /// When signing in fails.
    pub(super) fn prepare(&self, client: &Client) -> Result<(), ClientError> {
        let Some(renewal) = &self.renewal else { return Ok(()) };
        let is_due = {
            let state = self.state();
            state.token.is_none() || state.renew_at.is_some_and(|at| at <= clock::now())
        };
        if !is_due {
            return Ok(());
        }
        match renewal.renew(client) {
            Ok(token) => self.replace(token),
            // It may do for one more request.
            Err(_) if self.token().is_some_and(|token| !token.has_ended()) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Gets another token after the server has refused one: whether there is another now.
    ///
    /// # Errors
    /// When signing in fails.
    pub(super) fn renew(&self, client: &Client) -> Result<bool, ClientError> {
        let Some(renewal) = &self.renewal else { return Ok(false) };
        self.replace(renewal.renew(client)?);
        Ok(true)
    }

    fn replace(&self, token: Token) {
        let mut next = HeldToken::of(Some(token));
        // By this machine's clock a new token has ended: its clock is wrong, and only the server knows when the token ends.
        next.renew_at = next.renew_at.filter(|at| *at > clock::now());
        *self.state() = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_are_not_tokens() {
        for text in ["a b", "a\nb", "ä", "", " \n"] {
            assert!(Token::new(text, "t").is_err(), "{text:?}");
        }
        let token = Token::new(" a.b.c\n", "t").expect("a token");
        assert_eq!((token.text(), format!("{token:?}").as_str()), ("a.b.c", "Token(…)"));
        assert_eq!((token.end(), token.user()), (None, None));
    }
}
