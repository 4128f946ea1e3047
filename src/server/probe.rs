//! The requests of health checks and readiness checks: what is asked, and what an answer means.

use super::simulate::timer::Which;

/// A request to a task.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) which: Which,
    /// The number of the check in the definition.
    pub(crate) index: usize,
    pub(crate) is_readiness: bool,
    /// `http`, `https` or `tcp`.
    pub(crate) scheme: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) path: String,
    /// Milliseconds.
    pub(crate) timeout: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) enum ProbeAnswer {
    Http {
        status: u16,
        content_type: String,
        body: String,
    },
    /// A connection was made, and nothing was asked.
    Connected,
    /// No connection.
    Refused,
    TimedOut,
}

impl ProbeAnswer {
    /// Why the check failed; nothing where it passed.
    pub(crate) fn failure(&self, probe: &Probe, is_tcp: bool) -> Option<String> {
        match self {
            Self::Connected | Self::Http { status: 200..=399, .. } => None,
            Self::Http { status, .. } => {
                let reason = axum::http::StatusCode::from_u16(*status).ok();
                let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or("Unknown");
                Some(format!("{status} {reason}"))
            }
            Self::Refused if is_tcp => Some("Connection refused".to_owned()),
            Self::Refused => Some(format!(
                "Tcp command [Connect({}/<unresolved>:{},None,List(),Some(10 seconds),true)] failed because of \
                 java.net.ConnectException: Connection refused",
                probe.host, probe.port
            )),
            Self::TimedOut => Some(format!("Health check timed out after {} ms", probe.timeout)),
        }
    }

    /// Status, content type and body of a readiness check's response; the words that stand for a missing one.
    pub(crate) fn response(&self, probe: &Probe) -> (u16, String, String) {
        match self {
            Self::Http { status, content_type, body } => (*status, content_type.clone(), body.clone()),
            Self::Connected | Self::Refused | Self::TimedOut => {
                let seconds = (probe.timeout / 1_000).max(1);
                let unit = if seconds == 1 { "second" } else { "seconds" };
                let body = format!(
                    "Marathon could not query {}://{}:{}{}: None timed out after {seconds} {unit}",
                    probe.scheme, probe.host, probe.port, probe.path
                );
                (504, "text/plain".to_owned(), body)
            }
        }
    }
}
