//! Commands whose argument is a secret: `vault login TOKEN`, `consul agent -encrypt KEY`.

use super::name::is_open;

/// A command that takes a secret as its last argument.
struct PasswordCommand {
    program: &'static [&'static str],
    /// The word of the command; the program itself where there is none.
    verb: &'static str,
    /// How many arguments it takes with the secret, at least.
    least: usize,
    /// An option without which it takes none.
    needs: Option<char>,
}

const NONE: PasswordCommand = PasswordCommand { program: &[], verb: "", least: 1, needs: None };

static COMMANDS: [PasswordCommand; 12] = [
    PasswordCommand { program: &["vault", "bao"], verb: "login", ..NONE },
    PasswordCommand { program: &["vault", "bao"], verb: "unwrap", ..NONE },
    PasswordCommand { program: &["vault", "bao"], verb: "unseal", ..NONE },
    PasswordCommand { program: &["redis-cli", "valkey-cli", "keydb-cli"], verb: "auth", ..NONE },
    PasswordCommand { program: &["redis-cli", "valkey-cli", "keydb-cli"], verb: "AUTH", ..NONE },
    PasswordCommand { program: &["rabbitmqctl"], verb: "add_user", least: 2, ..NONE },
    PasswordCommand { program: &["rabbitmqctl"], verb: "change_password", least: 2, ..NONE },
    PasswordCommand { program: &["rabbitmqctl"], verb: "authenticate_user", least: 2, ..NONE },
    PasswordCommand { program: &["htpasswd"], verb: "htpasswd", least: 2, needs: Some('b') },
    PasswordCommand { program: &["rclone"], verb: "obscure", ..NONE },
    PasswordCommand { program: &["wpa_passphrase"], verb: "wpa_passphrase", least: 2, ..NONE },
    PasswordCommand { program: &["snyk"], verb: "auth", ..NONE },
];

/// Options that take a key or a token, of the programs that have them.
static OPTIONS: [(&[&str], &[&str]); 4] = [
    (
        &["consul", "nomad", "serf"],
        &["-encrypt", "--encrypt", "-install", "--install", "-use", "--use", "-remove", "--remove"],
    ),
    (&["openssl"], &["-k", "-K", "-pass"]),
    (&["ssh-keygen"], &["-N", "-P"]),
    (&["consul-template", "envconsul"], &["-vault-token"]),
];

/// The program that a word names.
pub(super) fn program(word: &str) -> &str {
    memchr::memrchr(b'/', word.as_bytes()).map_or(word, |slash| &word[slash + 1..])
}

/// Whether a word may be the one that a secret follows as an argument.
pub(super) fn may_be_verb(word: &str) -> bool {
    let name = program(word);
    COMMANDS.iter().any(|command| command.verb == name)
}

/// Whether a word may be an option of [`OPTIONS`].
pub(super) fn may_be_key_option(word: &str) -> bool {
    word.starts_with('-') && OPTIONS.iter().any(|(_, options)| options.contains(&word))
}

/// Whether an option takes a key in the command of which these words come before it.
pub(super) fn takes_key<'w>(option: &str, before: impl Iterator<Item = &'w str>) -> bool {
    let programs =
        OPTIONS.iter().find(|(_, options)| options.contains(&option)).map(|(programs, _)| *programs);
    programs.is_some_and(|programs| before.map(program).any(|word| programs.contains(&word)))
}

/// Whether the value of such an option is a secret.
pub(super) fn is_key(value: &str) -> bool {
    // `openssl -pass file:…` says where the password is.
    let is_elsewhere = ["file:", "env:", "fd:", "stdin"].iter().any(|start| value.starts_with(start));
    !is_elsewhere && !is_open("PASSWORD", value)
}

/// Which of the words after a verb is the secret; `before` are the words before it, the nearest first.
pub(super) fn argument<'w>(
    verb: &str,
    mut before: impl Iterator<Item = &'w str>,
    after: &[&str],
) -> Option<usize> {
    let name = program(verb);
    let of_verb = |command: &&PasswordCommand| command.verb == name;
    // The nearest word that is a program of such a command.
    let programs = COMMANDS.iter().filter(of_verb).flat_map(|command| command.program);
    let is_program = |word: &str| programs.clone().any(|name| *name == program(word));
    let of = if is_program(verb) { verb } else { before.find(|word| is_program(word))? };
    let command = COMMANDS.iter().filter(of_verb).find(|command| command.program.contains(&program(of)))?;
    let is_flag = |word: &str| word.starts_with('-') && word.len() > 1;
    let has = |letter: char| after.iter().any(|word| is_flag(word) && word.contains(letter));
    if command.needs.is_some_and(|letter| !has(letter)) {
        return None;
    }
    let end = after.iter().position(|word| word.contains(['>', '<'])).unwrap_or(after.len());
    let is_argument = |word: &str| !is_flag(word) && !word.contains('=') || word.ends_with('=');
    let count = after[..end].iter().filter(|word| is_argument(word)).count();
    let last = after[..end].iter().rposition(|word| is_argument(word))?;
    (count >= command.least && *after[last] != *"-" && is_key(after[last])).then_some(last)
}
