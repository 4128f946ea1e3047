//! Commands that no containerizer can start.

use crate::finding::{Change, Fix, FixKind, Refuser};
use crate::image::Reference;
use crate::source::{Type, Value};

use super::task::{Program, Task};
use super::{Context, Rule, refuse, runtime_error};

static ARRAY_AS_COMMAND: Rule =
    Rule::fails("array-as-command", "`cmd` is a line for a shell")
        .why(
            "Marathon gives `cmd` to `sh -c`. A JSON array within the string, as a Dockerfile has it, is a program called \
             `[node,` to the shell.",
        )
        .bad(r#"{"id": "/web", "cmd": "[\"node\", \"server.js\"]"}"#)
        .good(r#"{"id": "/web", "args": ["node", "server.js"]}"#)
        .fix(FixKind::Unsafe);

static ARGS_WITHOUT_PROGRAM: Rule =
    Rule::fails("args-without-program", "`args` have a program that takes them")
        .why(
            "Without a container, the first of `args` is the program. In a container of type MESOS they are arguments for \
             the image's entry point, and without an image there is none: the executor ends before anything starts. \
             (Marathon, `TaskBuilder`; Mesos, `src/launcher/executor.cpp`).",
        )
        .bad(r#"{"id": "/job", "args": ["./run", "--all"], "container": {"type": "MESOS",
                "volumes": [{"containerPath": "tmp", "hostPath": "/var/tmp", "mode": "RW"}]}}"#)
        .good(r#"{"id": "/job", "cmd": "./run --all", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "tmp", "hostPath": "/var/tmp", "mode": "RW"}]}}"#);

static POD_PROGRAM_MISSING: Rule =
    Rule::fails("pod-program-missing", "A container of a pod has a program")
        .why(
            "The `argv` of a pod's container is for the entry point of its image, unless `overrideEntrypoint` is true. A \
             container without an image has no entry point, and without `exec` nothing at all: it ends with status 1 at \
             once. (Marathon, `TaskGroupBuilder`; Mesos, `containerizer/mesos/launch.cpp`).",
        )
        .bad(r#"{"id": "/job", "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
                "exec": {"command": {"argv": ["./run", "--all"]}}}]}"#)
        .good(r#"{"id": "/job", "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
                "exec": {"command": {"argv": ["./run", "--all"]}, "overrideEntrypoint": true}}]}"#);

static OUTSIZE_TEXT: Rule =
    Rule::fails("outsize-text", "No text that a program gets is longer than Linux allows")
        .why(
            "Linux starts no program with an argument, or with NAME=VALUE of a variable, of more than 131,071 bytes. UCR hands \
             the command and all variables together to its launcher as one such text. The launch fails with `Argument list too long`. Long texts are files to fetch, or file-based secrets.",
        )
        .example("a certificate bundle of 200 kB in `env`");

static NO_SHELL: Rule =
    Rule::fails("image-without-shell", "An image that runs a line for a shell has one")
        .why(
            "`cmd` (of a pod: `shell`) is run by /bin/sh of the image. Images of distroless without `debug` in their tag, of \
             Kubernetes' pause and hello-world have no shell: each launch fails. Their programs are started by `args`.",
        )
        .bad(r#"{"id": "/web", "cmd": "/app", "container": {"type": "DOCKER",
                "docker": {"image": "gcr.io/distroless/static:nonroot"}}}"#)
        .good(r#"{"id": "/web", "args": ["/app"], "container": {"type": "DOCKER",
                "docker": {"image": "gcr.io/distroless/static:nonroot"}}}"#);

static BACKGROUND: Rule =
    Rule::fails("command-in-background", "The shell of a command waits for what it starts")
        .why(
            "A task is over when its shell ends. With `&` at its end the line starts a program in the background, the shell \
             ends at once, and Mesos stops what is left. Marathon starts it again and again.",
        )
        .bad(r#"{"id": "/web", "cmd": "nohup ./serve > log 2>&1 &"}"#)
        .good(r#"{"id": "/web", "cmd": "exec ./serve > log 2>&1"}"#);

pub(super) static RULES: &[&Rule] =
    &[&ARRAY_AS_COMMAND, &ARGS_WITHOUT_PROGRAM, &POD_PROGRAM_MISSING, &OUTSIZE_TEXT, &NO_SHELL, &BACKGROUND];

/// `MAX_ARG_STRLEN` of Linux, without the byte that ends the text.
const LONGEST: usize = 131_071;

pub(super) fn task(task: &Task<'_>, context: &mut Context<'_>) {
    match task.program {
        Program::Shell(line) => {
            array_as_command(task, line, context);
            without_shell(task, line, context);
            in_background(line, context);
        }
        Program::Arguments { list, is_program: false } if task.has_container && task.image.is_none() => {
            if task.is_of_pod {
                missing(
                    list,
                    "the arguments are for an image's entry point, and this container has no image",
                    context,
                );
            } else if !task.is_docker() {
                without_program(list, context);
            }
        }
        Program::Image if task.is_of_pod && task.image.is_none() => {
            missing(task.fields.value, "this container has neither an image nor a command", context);
        }
        _ => {}
    }
    outsize(task, context);
}

fn array_as_command(task: &Task<'_>, line: Value<'_>, context: &mut Context<'_>) {
    let Some(text) = line.as_str().filter(|text| text.trim_start().starts_with('[')) else { return };
    let Ok(words) = serde_json::from_str::<Vec<String>>(text.trim()) else { return };
    let first = words.first().map_or("", String::as_str);
    let said = format!(
        "Command exited with status 127; stderr: /bin/sh: [{first}{}: not found",
        if words.len() > 1 { "," } else { "]" }
    );
    let found = refuse(context, &ARRAY_AS_COMMAND, line, Refuser::Command, said);
    found.message = "a shell gets this JSON array as its command line, and finds no such program".into();
    found.help =
        Some("an array is `args` (of a pod: `argv`): write it there, without the quotes around it".into());
    let fields = &task.fields;
    if let Some((key, _)) =
        fields.value.member("cmd").filter(|_| !task.is_of_pod && fields.value.get("args").is_none())
    {
        let changes = [Change::rename(key, "args"), Change::replace(line, words)];
        found.fix = Some(Fix::unsafe_("write it as `args`", changes));
    }
}

fn without_shell(task: &Task<'_>, line: Value<'_>, context: &mut Context<'_>) {
    let Some(image) = task.image.and_then(|image| image.as_str()) else { return };
    if !is_without_shell(&image) {
        return;
    }
    let said = if task.is_docker() {
        let why =
            "unable to start container process: exec: \"/bin/sh\": stat /bin/sh: no such file or directory";
        format!("Container exited with status 127; stderr: {}", runtime_error(why))
    } else {
        "Failed to execute 'sh': No such file or directory".to_owned()
    };
    let by = if task.is_docker() { Refuser::Docker } else { Refuser::Executor };
    let found = refuse(context, &NO_SHELL, line, by, said);
    found.message = "no instance starts: this image has no shell to run a line".into();
    found.help = Some("write the program and its arguments as `args` (of a pod: `argv`)".into());
}

/// Whether an image is known to have no shell, whatever its tag.
fn is_without_shell(image: &str) -> bool {
    const DISTROLESS: [&str; 6] = ["static", "base", "base-nossl", "cc", "java", "java-base"];
    let Ok(image) = Reference::parse(image) else { return false };
    match (image.address(), image.repository()) {
        ("gcr.io", name) => {
            let of_distroless = name.strip_prefix("distroless/");
            let family =
                of_distroless.map(|name| name.split_once("-debian").map_or(name, |(family, _)| family));
            // Other tags are names of users and architectures.
            let has_debug = image.version().contains("debug") || image.digest().is_some();
            family.is_some_and(|family| DISTROLESS.contains(&family)) && !has_debug
                || name == "google_containers/pause"
        }
        ("registry.k8s.io" | "k8s.gcr.io", name) => name == "pause",
        (_, name) => image.host().is_hub() && name == "library/hello-world",
    }
}

fn in_background(line: Value<'_>, context: &mut Context<'_>) {
    let Some(text) = line.as_str() else { return };
    let Some(before) = text.trim_end().strip_suffix('&') else { return };
    // Another operator, a comment or a quoted text may end in it; `wait` may be written before, too.
    if before.ends_with(['&', '\\', '>', '<', '|'])
        || text.contains(['#', '\'', '"', '`'])
        || text.contains("wait")
    {
        return;
    }
    let found = refuse(context, &BACKGROUND, line, Refuser::Command, "Command exited with status 0");
    found.message =
        "the task ends as soon as it starts, again and again: nothing waits for the program".into();
    found.help = Some("leave out the `&` at the end".into());
}

fn without_program(list: Value<'_>, context: &mut Context<'_>) {
    let said =
        "Executor terminated; stderr: Check failed: command.has_value() Executable of task is not specified";
    let found = refuse(context, &ARGS_WITHOUT_PROGRAM, list, Refuser::Executor, said);
    found.message =
        "the executor has no program to start: `args` are for an image's entry point, and this container has no image"
            .into();
    found.help = Some("write the line as `cmd`, or name an image".into());
}

fn missing(at: Value<'_>, message: &str, context: &mut Context<'_>) {
    let said = "Command exited with status 1; stderr: Executable path is not specified";
    let found = refuse(context, &POD_PROGRAM_MISSING, at, Refuser::Executor, said);
    found.message = format!("there is no program to start: {message}");
    found.help = Some(
        "write a line for a shell (\"shell\": \"…\"), set `overrideEntrypoint` to true, or name an image"
            .into(),
    );
}

fn outsize(task: &Task<'_>, context: &mut Context<'_>) {
    for word in words(task) {
        // What a text says is read only where it is written with this many bytes.
        if word.range().len() > LONGEST && length(word) > LONGEST {
            too_long(word, context);
        }
    }
}

/// The line, or the arguments.
fn words<'a>(task: &Task<'a>) -> impl Iterator<Item = Value<'a>> + use<'a> {
    let (line, list) = match task.program {
        Program::Shell(line) => (Some(line), None),
        Program::Arguments { list, .. } => (None, Some(list)),
        Program::Image => (None, None),
    };
    line.into_iter().chain(list.into_iter().flat_map(|list| list.elements()))
}

fn length(text: Value<'_>) -> usize {
    text.as_str().map_or(0, |text| text.len())
}

/// Reports variables that no program can get. `shared` are those of the whole pod.
pub(super) fn environment(task: &Task<'_>, shared: Option<Value<'_>>, context: &mut Context<'_>) {
    let name = if task.is_of_pod { "environment" } else { "env" };
    let own = task.fields.get(name);
    let written: usize = [own, shared].into_iter().flatten().map(|all| all.range().len()).sum();
    let of_program: usize = words(task).map(|word| word.range().len()).sum();
    if written + of_program <= LONGEST {
        return;
    }
    let mut sum: usize = words(task).map(length).sum();
    for (key, value) in [own, shared].into_iter().flatten().flat_map(|all| all.members()) {
        if value.kind() != Type::String {
            continue;
        }
        let text = length(key) + 1 + length(value);
        let was_fine = sum <= LONGEST;
        sum += text;
        if text > LONGEST {
            too_long(value, context);
        } else if !task.is_docker() && was_fine && sum > LONGEST {
            too_much(value, context);
        }
    }
}

/// UCR gives the command and all variables to its launcher in one variable.
fn too_much(at: Value<'_>, context: &mut Context<'_>) {
    let found = refuse(context, &OUTSIZE_TEXT, at, Refuser::Agent, "Argument list too long");
    found.message = format!(
        "no program starts with this: UCR passes on the command and all variables as one text, of at most {LONGEST} bytes"
    );
    found.help = Some("fetch it as a file, or let it be a file-based secret".into());
}

fn too_long(at: Value<'_>, context: &mut Context<'_>) {
    let found = refuse(context, &OUTSIZE_TEXT, at, Refuser::Agent, "Argument list too long");
    found.message = format!("no program starts with this: Linux takes texts of at most {LONGEST} bytes");
    found.help = Some("fetch it as a file, or let it be a file-based secret".into());
}
