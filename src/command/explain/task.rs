//! `milepost explain --task`: what Marathon sends to Mesos for a definition, and what runs of it there.

use std::fmt::Write as _;

use anyhow::bail;
use clap::ValueEnum;
use serde_json::{Value as Json, json};

use crate::command::input::Input;
use crate::command::{Exit, Terminal};
use crate::finding::Effect;
use crate::lint;
use crate::normalize::normalize;
use crate::rule::CHECK_WITHOUT_PORT;
use crate::secret_scan::Secrets;
use crate::source::Kind;
use crate::target::Settings;
use crate::task::{LaunchedTask, plain, tasks};
use crate::util::escape::{on_one_line, shell_word};

/// How a task is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TaskLayout {
    /// For people: the command line, the files, the checks, the resources
    Text,
    /// The task as Mesos gets it, and the rest, as JSON
    Json,
}

/// Shows the tasks of a definition.
///
/// # Errors
/// When the file cannot be read or is no definition.
pub(super) fn show(
    file: &str,
    layout: TaskLayout,
    settings: &Settings,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let input = Input::read(file)?;
    let kind = input.kind()?;
    let stored = match normalize(&input.document, kind, settings) {
        Ok(stored) => stored,
        Err(rejections) => {
            term.findings(&input.name, input.document.text(), &rejections)?;
            writeln!(term.err(), "{}: Marathon would reject this, so no task is sent", input.name)?;
            return Ok(Exit::Findings);
        }
    };
    // Hidden before anything is made of it, where each text's name and neighbours still tell what it is.
    let mut definition = stored.value;
    Secrets::of(input.document.text()).conceal(&mut definition);
    let tasks = tasks(kind, &definition, settings);
    if tasks.is_empty() {
        bail!("{file}: there is no app or pod in it");
    }
    match layout {
        TaskLayout::Json => term.out_value(&tasks.iter().map(as_json).collect::<Vec<_>>())?,
        TaskLayout::Text => {
            let text = tasks.iter().map(as_text).collect::<Vec<_>>().join("\n");
            writeln!(term.out(), "{}", text.trim_end())?;
        }
    }
    failures(&input, kind, settings, term)
}

/// Shows on stderr why the tasks fail.
fn failures(input: &Input, kind: Kind, settings: &Settings, term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut found = lint::check(&input.document, kind, settings);
    found.retain(|found| found.effect == Effect::Fails || *found.rule == CHECK_WITHOUT_PORT);
    if found.is_empty() {
        return Ok(Exit::Fine);
    }
    term.findings(&input.name, input.document.text(), &found)?;
    writeln!(term.err(), "{}: this is sent, and does not run", input.name)?;
    Ok(Exit::Findings)
}

fn as_json(task: &LaunchedTask) -> Json {
    let fetched = task.fetched.iter();
    json!({
        "id": task.id,
        "task": task.info,
        "dockerRun": task.docker_run,
        "fetched": fetched
            .map(|file| json!({"uri": file.uri, "path": file.path, "becomes": file.becomes}))
            .collect::<Vec<_>>(),
        "droppedHealthChecks": task.dropped_checks,
        "marathonHealthChecks": task.marathon_checks.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
    })
}

fn as_text(task: &LaunchedTask) -> String {
    let mut text = format!("{}\n", task.id);
    // Writing to a String cannot fail.
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<9} {}", on_one_line(&value));
    };
    match &task.docker_run {
        Some(arguments) => {
            let words: Vec<_> = arguments.iter().map(|word| shell_word(word)).collect();
            line("runs", format!("docker {}", words.join(" ")));
        }
        None => line("runs", format!("UCR: {}", program(&task.info))),
    }
    for file in &task.fetched {
        let becomes = match file.becomes {
            "unpacked" => "unpacked into the sandbox".to_owned(),
            other => format!("{other} as {}", file.path),
        };
        line("fetches", format!("{}: {becomes}", file.uri));
    }
    // The command line of `docker` has these.
    if task.docker_run.is_none() {
        for mount in &task.mounts {
            line("mounts", format!("{} at {} ({})", mount.source, mount.target, mount.mode));
        }
        line("networks", task.networks.join(", "));
    }
    for name in ["health_check", "check"] {
        if let Some(check) = task.info.get(name) {
            line("checks", asked(check));
        }
    }
    for (index, protocol) in &task.marathon_checks {
        line("checks", format!("healthChecks/{index} ({protocol}) is made by Marathon, over the network"));
    }
    for index in &task.dropped_checks {
        line("checks", format!("healthChecks/{index} never reaches Mesos"));
    }
    line("takes", amounts(&task.info));
    let limits = task.info.get("limits").and_then(Json::as_object).into_iter().flatten();
    for (name, limit) in limits {
        let most = limit["value"].as_f64().map_or_else(|| "unlimited".to_owned(), |_| plain(&limit["value"]));
        line("at most", format!("{name} {most}"));
    }
    text
}

fn program(info: &Json) -> String {
    let command = &info["command"];
    let image = info["container"]["mesos"]["image"]["docker"]["name"].as_str();
    let place = image.map_or_else(|| "without an image".to_owned(), |image| format!("in {image}"));
    let words: Vec<_> = command["arguments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(shell_word)
        .collect();
    let program = match (command["value"].as_str(), command["shell"].as_bool()) {
        (Some(line), None | Some(true)) => format!("/bin/sh -c {}", shell_word(line)),
        (Some(program), Some(false)) => {
            // The program itself comes first, as its own name.
            let rest = words.get(1..).unwrap_or_default().join(" ");
            let program = shell_word(program);
            if rest.is_empty() { program.into() } else { format!("{program} {rest}") }
        }
        (None, _) if words.is_empty() => "the entry point and command of the image".to_owned(),
        (None, _) => format!("the entry point of the image with {}", words.join(" ")),
    };
    format!("{program}, {place}")
}

fn asked(check: &Json) -> String {
    let kind = check["type"].as_str().unwrap_or_default();
    let what = if let Some(http) = check.get("http") {
        let scheme = http["scheme"].as_str().unwrap_or("http");
        format!("GET {scheme}://127.0.0.1:{}{}", plain(&http["port"]), http["path"].as_str().unwrap_or("/"))
    } else if let Some(tcp) = check.get("tcp") {
        format!("TCP 127.0.0.1:{}", plain(&tcp["port"]))
    } else {
        let command = check["command"].get("command").unwrap_or(&check["command"]);
        format!("{kind} {}", shell_word(command["value"].as_str().unwrap_or_default()))
    };
    format!("{what}, every {} s", plain(&check["interval_seconds"]))
}

fn amounts(info: &Json) -> String {
    let mut parts = Vec::new();
    for resource in info["resources"].as_array().into_iter().flatten() {
        let amount = plain(&resource["scalar"]["value"]);
        match resource["name"].as_str() {
            Some("cpus") => parts.push(format!("{amount} CPUs")),
            Some("mem") => parts.push(format!("{amount} MiB of memory")),
            Some("disk") => parts.push(format!("{amount} MiB of disk")),
            Some("gpus") => parts.push(format!("{amount} GPUs")),
            _ => {
                let ranges = resource["ranges"]["range"].as_array().into_iter().flatten();
                let numbers: Vec<String> = ranges.map(|range| plain(&range["begin"])).collect();
                parts.push(format!("ports {}", numbers.join(", ")));
            }
        }
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
