//! No output shows a secret: secrets are planted in definitions wherever a name or a form tells them, the definitions are
//! broken in several ways, and every command that talks about them is run.

mod names;
#[cfg(feature = "serve")]
mod sent;
mod told;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::common::{TestDir, each_case};
use super::property::fixtures;

/// A secret that is in no definition: a word that no rule can take for something else.
fn secret(number: usize) -> String {
    const FORMS: [&str; 8] = [
        "hunter2SECRET",
        "correct-horse-battery",
        "pa$$w0rd!planted",
        "p,l;a&n=t|ed7",
        "planted(9)[x]",
        "/not+a-path/7Q",
        "ünplanted€9",
        "-starts-with-dash7",
    ];
    format!("{}{number}", FORMS[number % FORMS.len()])
}

/// What is planted, and so must not be seen.
struct Planted {
    definition: Json,
    secrets: Vec<String>,
}

impl Planted {
    fn new_secret(&mut self) -> String {
        self.secrets.push(secret(self.secrets.len()));
        self.secrets[self.secrets.len() - 1].clone()
    }

    /// A secret for a place that some characters would end.
    fn new_word(&mut self) -> String {
        self.secrets.push(format!("hunter2SECRET{}", self.secrets.len()));
        self.secrets[self.secrets.len() - 1].clone()
    }

    fn plant(mut definition: Json, is_pod: bool) -> Self {
        if !definition.is_object() {
            definition = json!({"id": "/planted", "cmd": "sleep 1"});
        }
        let mut planted = Self { definition, secrets: Vec::new() };
        let variables = planted.variables();
        let name = if is_pod { "environment" } else { "env" };
        planted.merge(name, variables);
        let labels = json!({
            "auth.token": planted.new_secret(), "team": "shop",
            "HAPROXY_0_AUTH": format!("realm:user:{}", planted.new_word()),
            "traefik.http.middlewares.x.basicauth.users": format!("web:$apr1$abcdefgh${}", planted.new_word()),
            "users": format!("web:$2y$05${},me:{{SHA}}0123456789{}=", planted.new_word(), planted.new_word()),
        });
        planted.merge("labels", labels);
        let word = planted.new_word();
        let options = format!(
            "serve --password {word} && API_TOKEN={word} run -H 'Authorization: Bearer {word}' -Dpassword={word} \
             && mysql -u root -p{word} shop; redis-cli -a {word} ping; docker login -u me -p {word} r.example; \
             consul agent -encrypt {word}; vault login {word}; curl -H 'Authorization: Basic {word}' x"
        );
        let check = format!("mysqladmin -p'{} x' ping", planted.new_word());
        let uri = format!("https://user:{}@example.com/a.tgz?token={word}", planted.new_word());
        let user = planted.new_word();
        let parameters = json!([
            {"key": "env", "value": format!("DB_PASSWORD={}", planted.new_secret())},
            {"key": "log-opt", "value": format!("splunk-token={}", planted.new_secret())},
        ]);
        let auth = json!({"auths": {"r.example": {"auth": planted.new_secret()}}});
        let list = json!([
            "serve",
            "--db-password",
            planted.new_secret(),
            format!("--api-key={word}"),
            "-u",
            format!("me:{user}"),
            "mysql",
            format!("-p{}", planted.new_secret()),
            "ldapsearch",
            "-w",
            planted.new_secret(),
        ]);
        let secrets = json!({"x": planted.new_word(), "y": {"source": "shop/y"}});
        let secret_list = json!([planted.new_word()]);
        let commands = json!(["vault", "login", planted.new_word()]);
        let credential = json!({"principal": "web", "secret": planted.new_secret()});
        let image = format!("web:{}@registry.example/shop/web:1", planted.new_word());
        let Some(members) = planted.definition.as_object_mut() else { unreachable!("it is an object") };
        members.insert("password".into(), json!(word));
        members.insert("credentials".into(), auth);
        members.insert("credential".into(), credential);
        members.insert("secrets".into(), secrets);
        members.insert("nosuch".into(), json!({"secrets": secret_list, "args": commands}));
        members.insert("nosuchimage".into(), json!(image));
        members.insert("nosuchcheck".into(), json!({"exec": {"command": {"shell": check}}}));
        if is_pod {
            members.insert("nosuchargs".into(), list);
            return planted;
        }
        members.insert("cmd".into(), json!(options));
        members.insert("nosuchargs".into(), list);
        members.insert("uris".into(), json!([uri]));
        let container =
            members.entry("container").or_insert(json!({"type": "DOCKER", "docker": {"image": "a/b:1"}}));
        if let Some(docker) = container.get_mut("docker").and_then(Json::as_object_mut) {
            docker.insert("parameters".into(), parameters);
        }
        planted
    }

    fn variables(&mut self) -> Json {
        let mut variables = Map::new();
        for name in [
            "DB_PASSWORD",
            "API_TOKEN",
            "spring.datasource.password",
            "SECRET_KEY",
            "SECRET",
            "PASSWORD_OF_DB",
            "PWD_DB",
            "PASS_FOR_DB",
            "TOKEN_1",
            "DB_PW_OLD",
            "API_KEY_PROD",
            "REDIS_AUTH",
            "SIGNING_SALT",
            "PGPASS",
            "LDAP_BIND_PW",
            "dbPw",
            "AUTH_BASIC",
        ] {
            variables.insert(name.to_owned(), json!(self.new_secret()));
        }
        let word = self.new_word();
        let plain = [
            ("DATABASE_URL", format!("postgres://web:{word}@db.example.com:5432/web")),
            ("JAVA_OPTS", format!("-Xmx1g -Dpassword={word} -Dx=y")),
            ("CONFIG", json!({"user": "web", "password": self.new_secret()}).to_string()),
            ("PROPERTIES", format!("user=web\npassword={word}\n")),
            ("QUERY", format!("https://example.com/x?a=b&token={word}&c=d")),
            ("SENTRY_DSN", format!("https://{word}@example.com/1")),
            ("SLACK_WEBHOOK", format!("https://example.com/hooks/{word}")),
            ("NOTIFY", format!("https://hooks.slack.com/services/T0/{word}")),
            ("BROKER", format!("web:{word}@broker.example.com:5672")),
            ("HEADER", format!("X: Bearer {word}{word}")),
        ];
        variables.extend(plain.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
        // Joined, so that nothing in the source looks like a secret.
        let forms = [
            format!("ghp_{}{:03}", "a1B2c3D4e5F6g7H8i9J0", self.secrets.len()),
            format!("eyJhbGciOi{:03}.eyJzdWIiOi.x1Y2z3", self.secrets.len()),
            format!("q7Zr2LxP0vKf9TbW4mYc8Jd{:03}", self.secrets.len()),
        ];
        for (index, form) in forms.into_iter().enumerate() {
            variables.insert(format!("X{index}"), json!(form));
            self.secrets.push(form);
        }
        let key = format!("MIIEplanted{:03}", self.secrets.len());
        variables.insert(
            "PEM".into(),
            json!(format!("-----BEGIN {0}-----\n{key}\nsecond{key}\n-----END {0}-----\n", "RSA PRIVATE KEY")),
        );
        self.secrets.push(key);
        // Of a wrong type.
        variables.insert("OTHER_PASSWORD".into(), json!([self.new_secret()]));
        variables.insert("THIRD_PASSWORD".into(), json!({"value": self.new_secret()}));
        Json::Object(variables)
    }

    fn merge(&mut self, name: &str, more: Json) {
        let Some(members) = self.definition.as_object_mut() else { return };
        let place = members.entry(name).or_insert(json!({}));
        match (place.as_object_mut(), more) {
            (Some(place), Json::Object(more)) => place.extend(more),
            (_, more) => *place = more,
        }
    }

    /// The definition in several layouts and states, by the names of their files.
    fn files(&self) -> Vec<(&'static str, String)> {
        let broken = |name: &str, value: Json| {
            let mut definition = self.definition.clone();
            definition[name] = value;
            definition
        };
        let pretty = format!("{:#}\n", self.definition);
        let line = self.definition.to_string();
        let cut =
            |text: &str, part: usize| text[..text.floor_char_boundary(text.len() * part / 7)].to_owned();
        let mut files = vec![
            ("pretty.json", pretty.clone()),
            ("line.json", line.clone()),
            ("typed.json", broken("cpus", json!("0.5")).to_string()),
            ("misspelt.json", format!("{:#}", broken("cpu", json!(1)))),
            ("typed-pretty.json", format!("{:#}", broken("instances", json!("2")))),
            ("no-colons.json", pretty.replace("\": ", "\" ")),
            ("commas.json", pretty.replace("\": ", "\", ")),
            ("no-commas.json", pretty.replace(",\n", "\n")),
            ("typographic.json", pretty.replace('"', "\u{201c}")),
            ("trailing.json", pretty.replace("\n}", ",\n}")),
            ("single.json", line.replace('"', "'")),
            ("tabs.yaml", pretty.replace("  ", "\t")),
            ("flow.yaml", format!("x: {line}\nid: [\n")),
        ];
        let names = ["cut1.json", "cut2.json", "cut3.json", "cut4.json", "cut5.json", "cut6.json"];
        files.extend(names.into_iter().zip(1..).map(|(name, part)| (name, cut(&pretty, part))));
        files
    }
}

/// Every secret must be gone from what the program says.
fn assert_hidden(planted: &Planted, said: &str, what: &str) {
    for secret in &planted.secrets {
        let escaped = Json::from(secret.as_str()).to_string();
        for spelling in [secret.as_str(), escaped.trim_matches('"')] {
            if let Some(at) = said.find(spelling) {
                let start = said.floor_char_boundary(at.saturating_sub(200));
                let end = said.ceil_char_boundary((at + 80).min(said.len()));
                panic!("{what} shows {secret}: …{}…", &said[start..end]);
            }
        }
    }
}

/// What these arguments say on both streams; only on stderr where stdout is data.
fn said(test: &TestDir, args: &[&str], is_data: bool) -> String {
    let output = test.command(args).output().expect("the program runs");
    assert!(output.status.code().is_some(), "{args:?} was killed: {output:?}");
    let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !is_data {
        said += &String::from_utf8_lossy(&output.stdout);
    }
    said
}

fn run_all(planted: &Planted) {
    let files = planted.files();
    let test = files.iter().fold(TestDir::new(), |test, (name, text)| test.file(name, text));
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let with = |args: &[&'static str]| [args, &names[..]].concat();
    each_case(["text", "concise", "json", "sarif", "junit", "github", "gitlab"], |format| {
        for more in [
            &["lint", "--format", format][..],
            &["lint", "--select", "unknown-field,syntax-error", "--format", format],
        ] {
            let args = with(more);
            assert_hidden(planted, &said(&test, &args, false), &format!("{more:?}"));
        }
    });
    each_case(
        [
            &["lint", "--as-server"][..],
            &["lint", "--ignore", "plain-secret,password-in-uri"],
            &["lint", "--fix", "--diff"],
            &["lint", "--fix=unsafe", "--diff"],
            &["lint", "--statistics"],
            &["lint", "--write-baseline", "baseline.txt"],
            &["lint", "--baseline", "baseline.txt"],
            &["migrate", "--to", "1.11", "--diff"],
            &["migrate", "--to", "1.11", "--containerizer", "mesos", "--diff"],
            &["fmt", "--diff"],
            &["fmt", "--check"],
            &["wire", "--diff", "--archive", "file:///etc/docker.tar.gz"],
        ],
        |args| {
            assert_hidden(planted, &said(&test, &with(args), false), &format!("{args:?}"));
        },
    );
    assert_hidden(planted, &test.read("baseline.txt"), "the baseline");
    each_case(
        ["pretty.json", "line.json", "typed.json", "misspelt.json", "commas.json", "cut3.json"],
        |name| {
            let other = if name == "pretty.json" { "line.json" } else { "pretty.json" };
            for args in [
                &["normalize", name][..],
                &["convert", "--to", "yaml", name],
                &["export", "--from", name],
                &["wire", "--archive", "file:///x.tgz", name, "--no-check"],
                &["render", name],
            ] {
                assert_hidden(planted, &said(&test, args, true), &format!("{args:?}"));
            }
            for format in ["text", "unified", "json"] {
                let args = ["diff", "--format", format, name, other];
                assert_hidden(planted, &said(&test, &args, false), &format!("{args:?}"));
            }
        },
    );
}

#[test]
fn nothing_planted_is_ever_shown() {
    let own = [
        (json!({"id": "/a", "cmd": "sleep 1"}), false),
        (json!({"id": "/p", "containers": [{"name": "c", "resources": {"cpus": 1, "mem": 32}}]}), true),
    ];
    let committed = fixtures().into_iter().filter_map(|(path, kind, text)| {
        // Every one would take minutes; which ones does not matter.
        let is_chosen = path.as_os_str().len() % 17 == 0;
        let value = serde_json::from_str(&text).ok().filter(|_| is_chosen)?;
        Some((value, kind == milepost::source::Kind::Pod))
    });
    each_case(own.into_iter().chain(committed), |(definition, is_pod)| {
        run_all(&Planted::plant(definition, is_pod));
    });
}

#[test]
fn a_change_of_a_secret_shows_without_it() {
    let app = |password: &str, image: &str| {
        json!({"id": "/a", "args": ["serve", "--password", password], "env": {"DB_PASSWORD": password},
            "container": {"type": "DOCKER", "docker": {"image": image,
                "parameters": [{"key": "env", "value": format!("TOKEN={password}")}]}}})
        .to_string()
    };
    let test = TestDir::new()
        .file("old.json", app("first2SECRET", "a:1"))
        .file("new.json", app("second2SECRET", "a:2"));
    each_case(["text", "unified", "json"], |format| {
        let output = test.run(&["diff", "old.json", "new.json", "--format", format]);
        assert!(output.starts_with("exit: 1\n") && !output.contains("2SECRET"), "{output}");
        assert!(output.contains("(before)") && output.contains("(after)"), "{output}");
    });
}

#[test]
fn masking_changes_no_place_and_no_exit_code() {
    let shown = r#"{"id": "/a", "cmd": "sleep 1", "env": {"DB_PLANET": "ünseen€12", "DB_NUMBER": 123456789}, "cpu": 1, "mem": "x"}"#;
    let hidden = shown.replace("PLANET", "SECRET").replace("NUMBER", "SECRE2");
    let test = TestDir::new().file("shown/a.json", shown).file("hidden/a.json", hidden);
    let places = |directory: &str| {
        let output = test
            .command(&["lint", "--format", "json", "--ignore", "plain-secret", directory])
            .output()
            .expect("runs");
        let document: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        let found = document["files"][0]["diagnostics"].as_array().expect("a list").clone();
        let places = found.into_iter().map(|found| (found["rule"].clone(), found["range"].clone()));
        (output.status.code(), places.collect::<Vec<_>>())
    };
    assert_eq!(places("shown"), places("hidden"));
    let text = test.run(&["lint", "--ignore", "plain-secret", "hidden"]);
    assert!(text.contains(r#""DB_SECRET": "***", "DB_SECRE2""#), "{text}");
}

#[test]
fn what_is_no_secret_is_shown() {
    let definition = json!({
        "id": "/shop/web", "cmd": "serve --password-file /run/secrets/db --token $TOKEN",
        "env": {
            "DB_PASSWORD": {"secret": "db-password"}, "TOKEN_TTL": "3600", "PASSWORD_FILE": "/run/secrets/db",
            "API_TOKEN": "${API_TOKEN}", "AUTH": "none", "USE_PASSWORD": "true", "TOKEN_URL": "https://example.com/token",
        },
        "secrets": {"db-password": {"source": "shop/db-password"}},
        "container": {"type": "MESOS", "docker": {"image": "registry.example.com/team/Web-Frontend:1.4.2", "pullConfig": {"secret": "pull"}}},
        "unknown1": 1,
    });
    each_case([definition.to_string(), format!("{definition:#}")], |text| {
        let test = TestDir::new().file("a.json", text);
        let output = test.run(&["lint", "a.json"]) + &test.run(&["fmt", "--diff", "a.json"]);
        assert!(!output.contains("**"), "{output}");
    });
}

#[test]
fn files_with_secrets_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = TestDir::new()
        .file("a.json", r#"{"id": "/a", "cmd": "sleep 1", "env": {"DB_PASSWORD": "hunter2SECRET"}}"#)
        .file("b.json", r#"{"id": "/b", "cmd": "sleep 1"}"#)
        .file("t.json.j2", r#"{"id": "/a", "cmd": "sleep 1", "env": {"DB_PASSWORD": {{ password }}}}"#);
    each_case(
        [
            (&["convert", "--to", "yaml", "a.json", "-o", "a.yaml"][..], "a.yaml", 0o600),
            (&["convert", "--to", "yaml", "b.json", "-o", "b.yaml"], "b.yaml", 0o644),
            (&["render", "t.json.j2", "--set", "password=hunter2SECRET", "-o", "r.json"], "r.json", 0o600),
            (&["export", "--from", "a.json", "-o", "e.json"], "e.json", 0o600),
        ],
        |(args, file, mode)| {
            let output = test.run(args);
            assert!(output.starts_with("exit: 0\n") && !output.contains("2SECRET"), "{output}");
            let metadata = std::fs::metadata(test.path().join(file)).expect("written");
            assert_eq!(metadata.permissions().mode() & 0o777, mode, "{file}");
        },
    );
}

/// The lines that `fmt --diff` adds to a file of one line, without the end of the object.
fn added(definition: &str) -> Vec<String> {
    let test = TestDir::new().file("a.json", definition);
    let output = test.run(&["fmt", "--diff", "a.json"]);
    let lines = output.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++"));
    lines.map(|line| line[1..].trim().trim_end_matches(',').to_owned()).collect()
}

#[test]
fn arguments_that_are_secrets_are_not_echoed() {
    // Joined, so that nothing in the source looks like a secret.
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0");
    each_case(
        [token.as_str(), "DB_PASSWORD=hunter2SECRET", "https://web:hunter2SECRET@example.com"],
        |secret| {
            let option = format!("--severity=error={secret}");
            for args in [
                &["lint", "--target", secret, "a.json"][..],
                &["lint", "--severity", secret, "a.json"],
                &["lint", "--format", secret, "a.json"],
                &["lint", "--feature", secret, "a.json"],
                &["lint", "--select", secret, "a.json"],
                &["lint", "--ignore", secret, "a.json"],
                &["lint", "--config", secret, "a.json"],
                &["lint", secret],
                &["lint", "--format", "json", secret],
                &["lint", &option, "a.json"],
                &["convert", "--to", secret, "a.json"],
                &["migrate", "--to", secret, "a.json"],
                &["render", "a.json", "--set", secret, "--values", secret],
                &["explain", secret],
                &["templates", secret],
                &[secret],
            ] {
                let test = TestDir::new().file("a.json", r#"{"id": "/a", "cmd": "x"}"#);
                let output = test.run(args);
                assert!(!output.contains("hunter2SECRET") && !output.contains(&token), "{args:?}: {output}");
            }
        },
    );
    let test = TestDir::new();
    let output = test.run(&["convert", "--to", &token, "a.json"]);
    assert!(output.contains("error: invalid value '***' for '--to <TO>'"), "{output}");
    let output = test.run(&["lint", "--severity", "DB_PASSWORD=hunter2SECRET", "a.json"]);
    assert!(
        output.ends_with("error: --severity: `***` is not a level: use error, warning, info or off\n"),
        "{output}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a password is made of, it is hidden where the name says that it is one.
    #[test]
    fn any_password_is_hidden(start in "[a-zA-Z+!€]", rest in "[ -~äß€]{7,30}", end in "[a-zA-Z0-9]{3}") {
        let password = format!("{start}{rest}{end}");
        let definition = json!({"id": "/a", "cmd": "sleep 1", "cpu": 1, "env": {"DB_PASSWORD": password, "A": 5}});
        let planted = Planted { definition: definition.clone(), secrets: vec![password] };
        let test = TestDir::new().file("a.json", definition.to_string()).file("b.json", format!("{definition:#}"));
        for args in [
            &["lint", "a.json", "b.json"][..],
            &["lint", "a.json", "b.json", "--format", "json"],
            &["lint", "--fix", "--diff", "a.json", "b.json"],
        ] {
            assert_hidden(&planted, &said(&test, args, false), &format!("{args:?}"));
        }
    }
}
