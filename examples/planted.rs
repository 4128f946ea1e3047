//! Plants secrets in definitions that a real Marathon has answered, and looks for them in what the program says:
//! `cargo run --release --example planted -- PROGRAM FILE…`.
//!
//! The files hold recordings as JSON Lines: `id`, `kind`, `text` (the body that was sent). Secrets stand wherever a name or a
//! form tells that they are secrets: in each object, in variables and labels at any depth, in addresses, commands, argument
//! lists and parameters of Docker. Some definitions are broken afterwards. Each command that talks about files runs on them in
//! each of its formats. Prints how many secrets were planted; fails when one is shown.

#![expect(clippy::disallowed_methods, reason = "a developer's tool, on recordings it is given")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod recordings;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value as Json, json};

/// So many definitions are in one directory, which each command reads at once.
const AT_ONCE: usize = 60;

/// What each secret begins with. No rule takes it for something else, and no recording has it.
const SECRET: &str = "hunter2SECRET";

/// Commands that take many files. None of them prints a definition, so nothing planted may be on either stream.
const ABOUT_FILES: [&[&str]; 21] = [
    &["lint", "--format", "text"],
    &["lint", "--format", "concise"],
    &["lint", "--format", "json"],
    &["lint", "--format", "sarif"],
    &["lint", "--format", "junit"],
    &["lint", "--format", "github"],
    &["lint", "--format", "gitlab"],
    &["lint", "--as-server"],
    &["lint", "--statistics"],
    &["lint", "--select", "unknown-field,syntax-error", "--format", "json"],
    &["lint", "--ignore", "plain-secret,password-in-uri"],
    &["lint", "--write-baseline", "../baseline.txt"],
    &["lint", "--baseline", "../baseline.txt"],
    &["lint", "--fix", "--diff"],
    &["lint", "--fix=unsafe", "--diff"],
    &["migrate", "--to", "1.11", "--diff"],
    &["migrate", "--to", "1.11", "--containerizer", "mesos", "--diff"],
    &["migrate", "--from", "1.4", "--to", "1.11", "--report"],
    &["fmt", "--diff"],
    &["wire", "--diff", "--archive", "file:///etc/docker.tar.gz"],
    &["creds", "check"],
];

/// Commands that take one file and print a definition: nothing planted may be on stderr.
const OF_A_FILE: [&[&str]; 5] = [
    &["normalize"],
    &["convert", "--to", "yaml"],
    &["export", "--from"],
    &["render"],
    &["wire", "--archive", "file:///x.tgz", "--no-check"],
];

/// Commands that take one file and explain it: nothing planted may be on either stream.
const ABOUT_A_FILE: [&[&str]; 5] = [
    &["explain", "--task"],
    &["explain", "--task", "--format", "json"],
    &["diff", "--format", "text", "/dev/null"],
    &["plan", "--url", "http://127.0.0.1:1"],
    &["app", "add", "--url", "http://127.0.0.1:1"],
];

fn main() -> std::io::Result<()> {
    let program =
        std::env::args_os().nth(1).ok_or_else(|| std::io::Error::other("name the program first"))?;
    // It runs in another directory than this one.
    let program = std::fs::canonicalize(program)?;
    let mut definitions = Vec::new();
    recordings::each(|record| {
        definitions.extend(serde_json::from_str::<Json>(&recordings::text(record, "text")));
    })?;
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = definitions.len().div_ceil(workers).max(1);
    let parts = definitions.chunks(share).enumerate();
    let check = |(worker, part): (usize, &[Json])| {
        let directory = std::env::temp_dir().join(format!("planted-{}-{worker}", std::process::id()));
        let mut check = Check { program: program.clone(), directory, ..Check::default() };
        check.all(part).map(|()| check)
    };
    let checks = std::thread::scope(|scope| {
        let running: Vec<_> = parts.map(|part| scope.spawn(move || check(part))).collect();
        running.into_iter().map(|one| one.join().expect("no panic")).collect::<std::io::Result<Vec<_>>>()
    })?;
    let (secrets, shown): (usize, usize) =
        checks.iter().fold((0, 0), |(secrets, shown), one| (secrets + one.secrets, shown + one.shown));
    println!("{} definitions, {secrets} secrets, {shown} shown", definitions.len());
    if !definitions.is_empty() && shown == 0 {
        Ok(())
    } else {
        Err(std::io::Error::other("the program shows secrets"))
    }
}

#[derive(Default)]
struct Check {
    program: PathBuf,
    directory: PathBuf,
    names: Vec<String>,
    definitions: usize,
    secrets: usize,
    shown: usize,
}

impl Check {
    fn all(&mut self, definitions: &[Json]) -> std::io::Result<()> {
        for definition in definitions {
            self.add(definition.clone())?;
        }
        self.run()?;
        std::fs::remove_dir_all(&self.directory)
    }

    fn add(&mut self, mut definition: Json) -> std::io::Result<()> {
        let mut planter = Planter { count: 0 };
        planter.plant(&mut definition, "");
        self.secrets += planter.count;
        let name = format!("{}.json", self.definitions);
        std::fs::create_dir_all(self.directory.join("in"))?;
        std::fs::write(self.directory.join("in").join(&name), layout(&definition, self.definitions))?;
        self.definitions += 1;
        self.names.push(name);
        if self.names.len() == AT_ONCE { self.run() } else { Ok(()) }
    }

    /// Runs every command on the files that are there, and removes them.
    fn run(&mut self) -> std::io::Result<()> {
        let names = std::mem::take(&mut self.names);
        let Some(first) = names.first() else { return Ok(()) };
        let list: Vec<&str> = names.iter().map(String::as_str).collect();
        for args in ABOUT_FILES {
            self.look(&[args, &list].concat(), false)?;
        }
        for (index, name) in list.iter().enumerate() {
            // A file gets one command of each kind: which one does not matter to what masks.
            self.look(&[OF_A_FILE[index % OF_A_FILE.len()], &[*name]].concat(), true)?;
            self.look(&[ABOUT_A_FILE[index % ABOUT_A_FILE.len()], &[*name]].concat(), false)?;
            let format = ["text", "unified", "json"][index % 3];
            self.look(&["diff", "--format", format, first, name], false)?;
        }
        std::fs::remove_dir_all(self.directory.join("in"))
    }

    fn look(&mut self, args: &[&str], is_data: bool) -> std::io::Result<()> {
        let directory: &Path = &self.directory.join("in");
        let output = Command::new(&self.program).args(args).current_dir(directory).output()?;
        if output.status.code().is_none() {
            println!("{args:?} was killed");
            self.shown += 1;
        }
        let said = if is_data { output.stderr } else { [output.stdout, output.stderr].concat() };
        let said = String::from_utf8_lossy(&said);
        if let Some(at) = said.find(SECRET) {
            let start = said.floor_char_boundary(at.saturating_sub(300));
            let end = said.ceil_char_boundary((at + 60).min(said.len()));
            println!("{} shows …{}…", args[..args.len().min(4)].join(" "), &said[start..end]);
            self.shown += 1;
        }
        Ok(())
    }
}

/// The text of a definition: pretty, in one line, or broken as people break it.
fn layout(definition: &Json, number: usize) -> String {
    let pretty = format!("{definition:#}\n");
    match number % 12 {
        0 => definition.to_string(),
        1 => pretty.replace(",\n", "\n"),
        2 => pretty.replace("\": ", "\", "),
        3 => pretty[..pretty.floor_char_boundary(pretty.len() * (number % 7 + 1) / 8)].to_owned(),
        4 => pretty.replace('"', "\u{201c}"),
        5 => definition.to_string().replace('"', "'"),
        _ => pretty,
    }
}

struct Planter {
    count: usize,
}

impl Planter {
    fn secret(&mut self) -> String {
        self.count += 1;
        format!("{SECRET}{}", self.count)
    }

    /// Plants secrets in a value that stands under this name.
    fn plant(&mut self, value: &mut Json, name: &str) {
        match value {
            Json::Object(members) => self.plant_in_object(members, name),
            Json::Array(elements) => self.plant_in_list(elements, name),
            Json::String(text) => self.plant_in_text(text, name),
            _ => {}
        }
    }

    fn plant_in_object(&mut self, members: &mut Map<String, Json>, name: &str) {
        for (name, member) in members.iter_mut() {
            self.plant(member, name);
        }
        match name {
            "env" | "environment" => self.plant_variables(members),
            "labels" => {
                members.insert("auth.token".into(), json!(self.secret()));
                members.insert("HAPROXY_0_AUTH".into(), json!(format!("realm:user:{}", self.secret())));
            }
            _ => {
                members.insert("password".into(), json!(self.secret()));
                members.insert("auth".into(), json!({"r.example": {"auth": self.secret()}}));
            }
        }
    }

    fn plant_variables(&mut self, members: &mut Map<String, Json>) {
        let address = format!("postgres://web:{}@db.example.com:5432/web", self.secret());
        let options = format!("-Xmx1g -Dpassword={} -Dx=y", self.secret());
        let configuration = json!({"user": "web", "password": self.secret()}).to_string();
        for (name, value) in [
            ("DB_PASSWORD", json!(self.secret())),
            ("API_TOKEN", json!([self.secret()])),
            ("SECRET_KEY", json!({"value": self.secret()})),
            ("DATABASE_URL", json!(address)),
            ("JAVA_OPTS", json!(options)),
            ("CONFIG", json!(configuration)),
        ] {
            members.insert(name.into(), value);
        }
    }

    fn plant_in_list(&mut self, elements: &mut Vec<Json>, name: &str) {
        for element in elements.iter_mut() {
            self.plant(element, name);
        }
        match name {
            "args" | "argv" | "command" => {
                elements.extend([json!("--password"), json!(self.secret())]);
                elements.push(json!(format!("--api-key={}", self.secret())));
            }
            "parameters" => {
                elements.push(json!({"key": "env", "value": format!("DB_PASSWORD={}", self.secret())}));
            }
            _ => {}
        }
    }

    fn plant_in_text(&mut self, text: &mut String, name: &str) {
        if let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| !scheme.contains(' ')) {
            let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
            *text = format!("{scheme}://user:{}@{rest}?token={}", self.secret(), self.secret());
        } else if matches!(name, "cmd" | "shell" | "value" | "command") {
            *text = format!(
                "{text} --password {0} && API_TOKEN={0} run -H 'Authorization: Bearer {0}'",
                self.secret()
            );
        }
    }
}
