//! Makes the requests of health checks and readiness checks.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::probe::{Probe, ProbeAnswer};

/// More of an answer is not read.
const MOST: u64 = 64 * 1024;

/// Makes a request.
pub(crate) async fn make(probe: &Probe) -> ProbeAnswer {
    let wait = Duration::from_millis(probe.timeout);
    match tokio::time::timeout(wait, ask(probe)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => ProbeAnswer::Refused,
        Err(_) => ProbeAnswer::TimedOut,
    }
}

async fn ask(probe: &Probe) -> std::io::Result<ProbeAnswer> {
    let mut stream = TcpStream::connect((probe.host.as_str(), probe.port)).await?;
    // What is behind TLS is not looked at.
    if probe.scheme != "http" {
        return Ok(ProbeAnswer::Connected);
    }
    let path = probe.path.replace(['\r', '\n', ' '], "");
    let slash = if path.starts_with('/') { "" } else { "/" };
    let request = format!(
        "GET {slash}{path} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: milepost\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        probe.host, probe.port
    );
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(MOST).read_to_end(&mut bytes).await?;
    parse(&bytes).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidData))
}

fn parse(bytes: &[u8]) -> Option<ProbeAnswer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let content_type = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map_or_else(String::new, |(_, value)| value.trim().to_owned());
    Some(ProbeAnswer::Http { status, content_type, body: body.to_owned() })
}
