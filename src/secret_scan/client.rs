//! Options of well-known programs whose value is a password: `mysql -pPASSWORD`, `redis-cli -a PASSWORD`.

/// Programs with the same options.
struct ClientProgram {
    names: &'static [&'static str],
    /// The letters of options that take a password; the value may follow without a space.
    options: &'static [u8],
    /// Letters of options that take a user and a password.
    user_options: &'static [u8],
    /// What separates the two.
    mark: char,
    /// They take it only for their command `login`.
    only_login: bool,
}

const NONE: ClientProgram =
    ClientProgram { names: &[], options: b"", user_options: b"", mark: ':', only_login: false };

static CLIENTS: [ClientProgram; 13] = [
    ClientProgram {
        names: &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlshow",
            "mysqlcheck",
            "mysqlpump",
            "mysqlslap",
            "mysqlsh",
            "mysqlbinlog",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "mariadb-backup",
            "mycli",
            "xtrabackup",
            "innobackupex",
            "mydumper",
            "myloader",
            "sshpass",
            "mongo",
            "mongosh",
            "mongodump",
            "mongorestore",
            "mongoexport",
            "mongoimport",
            "mongostat",
            "mongotop",
            "mongofiles",
            "cqlsh",
            "beeline",
            "rabbitmqadmin",
            "7z",
            "7za",
        ],
        options: b"p",
        ..NONE
    },
    ClientProgram { names: &["redis-cli", "valkey-cli", "keydb-cli"], options: b"a", ..NONE },
    ClientProgram {
        names: &[
            "ldapsearch",
            "ldapadd",
            "ldapmodify",
            "ldapdelete",
            "ldapwhoami",
            "ldapcompare",
            "ldapmodrdn",
        ],
        options: b"w",
        ..NONE
    },
    ClientProgram { names: &["ldappasswd"], options: b"wsa", ..NONE },
    ClientProgram {
        names: &[
            "sqlcmd",
            "osql",
            "bcp",
            "tsql",
            "mosquitto_pub",
            "mosquitto_sub",
            "ipmitool",
            "zip",
            "unzip",
        ],
        options: b"P",
        ..NONE
    },
    ClientProgram { names: &["snmpget", "snmpwalk", "snmpset", "snmpbulkwalk"], options: b"AXc", ..NONE },
    ClientProgram { names: &["curl"], user_options: b"uUE", ..NONE },
    ClientProgram { names: &["http", "https", "xh"], user_options: b"a", ..NONE },
    ClientProgram { names: &["smbclient", "rpcclient", "net"], user_options: b"U", mark: '%', ..NONE },
    ClientProgram { names: &["lftp"], user_options: b"u", mark: ',', ..NONE },
    ClientProgram {
        names: &[
            "docker", "podman", "nerdctl", "buildah", "skopeo", "crane", "oras", "helm", "az", "oc", "cf",
        ],
        options: b"p",
        only_login: true,
        ..NONE
    },
    ClientProgram { names: &["psql", "pg_dump", "pg_restore"], ..NONE },
    // What `sshpass` runs: its `-p` is a port.
    ClientProgram { names: &["ssh", "scp", "sftp", "rsync"], ..NONE },
];

/// By the first letter of a client's name, a bit for each length of such a name, and one for each last letter: hardly any word
/// of a text may be one (`whole`, policies).
static OUTLINES: [(u32, u32); 128] = {
    let mut outlines = [(0, 0); 128];
    let mut client = 0;
    while client < CLIENTS.len() {
        let mut name = 0;
        while name < CLIENTS[client].names.len() {
            let bytes = CLIENTS[client].names[name].as_bytes();
            let outline = &mut outlines[bytes[0] as usize];
            outline.0 |= 1 << bytes.len();
            outline.1 |= last_letter(bytes[bytes.len() - 1]);
            name += 1;
        }
        client += 1;
    }
    outlines
};

/// The bit of a name's last letter.
const fn last_letter(byte: u8) -> u32 {
    1 << (byte % 32)
}

/// The client of this name.
fn client(name: &str) -> Option<&'static ClientProgram> {
    let (first, last) = (name.as_bytes().first()?, name.as_bytes().last()?);
    let (lengths, last_letters) = OUTLINES.get(usize::from(*first))?;
    let has_outline =
        name.len() < 32 && lengths & 1 << name.len() != 0 && last_letters & last_letter(*last) != 0;
    if has_outline { CLIENTS.iter().find(|client| client.names.contains(&name)) } else { None }
}

/// Whether a program of this name has such options.
pub(super) fn is_client(name: &str) -> bool {
    client(name).is_some()
}

/// Whether an option may take a password after a program that is not known.
pub(super) fn may_be_of_any_program(option: &str) -> bool {
    option.starts_with("-p")
}

/// Where an option has its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// In the same word, from its third byte on; otherwise in the next one.
    pub(super) is_attached: bool,
    /// What the user ends with, where the value begins with one.
    after: Option<char>,
    /// How sure it is that the value is a password.
    surety: Surety,
}

/// How sure it is that an option takes a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Surety {
    /// The program is known.
    Known,
    /// The program is not, but it signs in: the value is one unless it is a port, a path or a word of options.
    SignsIn,
    /// Nothing is known: only a value that looks like a password is one.
    Unknown,
}

/// Whether a word may be such an option: `-pPASSWORD`, and not `--password`.
pub(super) fn may_be_option(word: &str) -> bool {
    matches!(
        word.as_bytes(),
        [b'-', b'p' | b'a' | b'w' | b's' | b'P' | b'A' | b'X' | b'c' | b'u' | b'U' | b'E', ..]
    )
}

/// What an option takes in the command of which these words come before it, the nearest first.
pub(super) fn taken<'w>(option: &str, before: impl Iterator<Item = &'w str>) -> Option<Taken> {
    /// Farther back no program is looked for: a text of options only must not cost more than its length.
    const FARTHEST: usize = 250;
    let letter = option.as_bytes().get(1)?;
    let is_attached = option.len() > 2;
    let mut has_login = false;
    for word in before.take(FARTHEST) {
        let Some(client) = client(super::command::program(word)) else {
            has_login |= matches!(word, "login" | "signin" | "log-in" | "sign-in" | "auth");
            continue;
        };
        if client.only_login && !has_login {
            return None;
        }
        if client.options.contains(letter) {
            return Some(Taken { is_attached, after: None, surety: Surety::Known });
        }
        return client.user_options.contains(letter).then_some(Taken {
            is_attached,
            after: Some(client.mark),
            surety: Surety::Known,
        });
    }
    // A word such as `-path` is no option with a value.
    let surety = if has_login && !is_attached { Surety::SignsIn } else { Surety::Unknown };
    (*letter == b'p').then_some(Taken { is_attached, after: None, surety })
}

/// The password in the value of such an option; nothing where it is a port, a switch or a placeholder.
pub(super) fn password(taken: Taken, value: &str) -> Option<std::ops::Range<usize>> {
    let start = taken.after.map_or(Some(0), |mark| value.find(mark).map(|at| at + 1))?;
    let password = &value[start..];
    let is_port =
        password.contains(':') && password.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':'));
    let is_password = match taken.surety {
        Surety::Known => true,
        Surety::SignsIn => {
            !password.bytes().all(|b| b.is_ascii_digit()) && !password.contains(['/', '=', ':'])
        }
        Surety::Unknown => looks_chosen(password),
    };
    (is_password && !is_port && !super::name::is_open("PASSWORD", password)).then_some(start..value.len())
}

/// Whether a word looks like a password that a person or a program chose: letters of both cases, and digits or other
/// characters among them. Names such as `Project12` and `Web-Frontend` do not.
fn looks_chosen(word: &str) -> bool {
    const SHORTEST: usize = 8;
    const LONGEST: usize = 128;
    let bytes = word.as_bytes();
    let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
    let has_inner_digit =
        bytes.windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic());
    (SHORTEST..=LONGEST).contains(&bytes.len())
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && (has_inner_digit || word.contains(['!', '@', '#', '%', '^', '&', '*', '?', '+', '~']))
        && !word.contains(['/', ':', '=', ',', '$', '{', '.', '\\', '(', '<', '\n'])
}
