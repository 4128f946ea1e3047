//! `--notify`: one line of JSON to an address at the start and at the end. A notification that fails changes nothing else.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::{Value as Json, json};

use super::super::Terminal;
use crate::http::{Client, Url, shown};
use crate::template::{self, Template, Typing, Values};

/// How long a notification may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Notifications")]
pub(in super::super) struct NotifyArgs {
    /// Post a line of JSON to this address at the start and at the end
    ///
    /// Its fields are `event` (start or end), `text` (a sentence), `server`, `services` (their ids), `exitCode` and `results`
    /// (how each service ended). At the start `exitCode` is null, and there are no results.
    #[arg(long, value_name = "URL", env = "MILEPOST_NOTIFY", hide_env_values = true, hide_short_help = true)]
    notify: Option<String>,

    /// Make what is posted from this template, with the fields as its variables
    #[arg(long, value_name = "FILE", requires = "notify", hide_short_help = true)]
    notify_template: Option<PathBuf>,
}

impl NotifyArgs {
    /// Tells that it begins.
    pub(in super::super) fn start(
        &self,
        ids: &[String],
        server: &str,
        client: &mut Client,
        term: &mut Terminal,
    ) {
        let text = format!("deploying {} to {server}", crate::util::text::listed(ids));
        // A template is the same for both events, and a name without a value is an error in one.
        let fields = json!({"event": "start", "text": text, "server": server, "services": ids,
            "results": [], "exitCode": null});
        self.post(&fields, client, term);
    }

    /// Tells how it ended.
    pub(in super::super) fn end(
        &self,
        report: &Json,
        server: &str,
        client: &mut Client,
        term: &mut Terminal,
    ) {
        let results = &report["services"];
        let ids: Vec<&Json> = results.as_array().into_iter().flatten().map(|result| &result["id"]).collect();
        let fields = json!({"event": "end", "text": report["sentence"], "server": server,
            "services": ids, "results": results, "exitCode": report["exitCode"]});
        self.post(&fields, client, term);
    }

    fn post(&self, fields: &Json, client: &mut Client, term: &mut Terminal) {
        let Some(address) = &self.notify else { return };
        let before = client.timeout();
        client.set_timeout(before.min(PATIENCE));
        let sent = self.send(address, fields, client);
        client.set_timeout(before);
        if let Err(error) = sent {
            // A warning that cannot be shown changes nothing either.
            let _ = writeln!(term.err(), "warning: the notification was not sent: {error:#}");
        }
    }

    fn send(&self, address: &str, fields: &Json, client: &Client) -> anyhow::Result<()> {
        // The message does not repeat the address, which may be a secret.
        let url = Url::parse(address).context("--notify is not an address")?;
        let body = match &self.notify_template {
            Some(file) => filled(&file.to_string_lossy(), fields)?,
            None => fields.to_string(),
        };
        let status = client.post(&url, body).map_err(|error| {
            // The path of a webhook is a secret as well.
            let words = error.to_string();
            anyhow!(words.replace(&shown(&url), error.host().unwrap_or_default()))
        })?;
        if !(200..300).contains(&status) {
            let host = url.host_str().unwrap_or_default();
            anyhow::bail!("{host} answers {status}");
        }
        Ok(())
    }
}

fn filled(file: &str, fields: &Json) -> anyhow::Result<String> {
    let template = Template::find(file).map_err(|error| anyhow!("{error}"))?;
    let mut values = Values::new();
    for (name, value) in fields.as_object().into_iter().flatten() {
        values.set(&format!("{name}={value}"), Typing::Json)?;
    }
    let rendered = template::render(&template, &values).map_err(|error| anyhow!("{file}: {error}"))?;
    let json: Json = serde_json::from_str(&rendered.text)?;
    Ok(json.to_string())
}
