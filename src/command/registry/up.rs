//! `milepost registry up`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use super::{Exit, Terminal};
use crate::command::confirm::confirm;
use crate::command::creds::PasswordReceivers;
use crate::registry::app::definition::RegistryError;
use crate::registry::app::serving::takes_no_pushes;
use crate::registry::trust::TrustHost;
use crate::registry::users::user_name;
use crate::source::{self, HeldFile};
use crate::util::escape::shown_path;

mod group;
mod naming;
mod prepare;
mod rehearsal;
mod running;
mod standing;
mod state;
mod step;
mod steps;

use rehearsal::Rehearsal;
use steps::Steps;

/// From nothing to an app that runs from an image of a private registry.
///
/// Makes a certificate, a user, the registry's app (with --auth token a group of it and a token server) and all that the agents
/// need, deploys it, pushes a tiny image, and runs an app of it. Each step is a command of milepost, which is shown before it runs, and asked for at a terminal. Another run goes
/// on with what is not done: what is there, in DIR and on the servers, tells what is.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  On DC/OS, behind a virtual IP, images on the agents' disk:
    milepost registry up registry.marathon.l4lb.thisdcos.directory:5000 --url https://dcos.example/service/marathon \\
      --agents-from https://dcos.example/mesos/slaves --ssh-user core -- --host-path /srv/registry \\
      --constraint hostname:LIKE:10.0.0.1

  With a token server, both behind virtual IPs:
    milepost registry up registry.marathon.l4lb.thisdcos.directory:5000 --auth token --url https://dcos.example/service/marathon \
      --agents-from slaves.json -- --host-path /srv/registry --constraint hostname:LIKE:10.0.0.1

  What would be done, and what is done already:
    milepost registry up 192.168.0.1 --url http://marathon.example:8080 --dry-run

What follows `--` goes to `milepost registry app`, or `group`. A name of your own with a port becomes --host NAME --host-port \
PORT there; give --marathon-lb, --vip or --mesos-dns where it leads to the registry by these. The password is in DIR/password: \
one of yours, or a new one; after a change of it another run brings it to registry and agents, and has Marathon restart a token \
server. Your own certificate takes the \
place of the first step if DIR has it (domain.crt, domain.key, ca.crt); with --auth token give --certificate and --key after \
`--`, and put ca.crt into DIR before the step trust. Another service at an id of these in Marathon is never replaced.

Exit codes: 0 all is done, or the answer was no; otherwise that of the step that failed, or with --dry-run would fail; 2 wrong \
usage.")]
pub(super) struct Args {
    /// The registry as in image names, such as registry.marathon.mesos:5000
    #[arg(value_name = "HOST[:PORT]")]
    host: TrustHost,

    /// The directory for all files: keys and passwords are among them
    #[arg(long, value_name = "DIR", default_value = "registry")]
    dir: PathBuf,

    /// The registry's user
    #[arg(hide_short_help = true, short, long, value_name = "USER", default_value = "milepost", value_parser = user_name)]
    username: String,

    #[command(flatten)]
    receivers: PasswordReceivers,

    /// Who the registry lets in
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    auth: UpAuth,

    /// The repository of the test image in the registry, to which the user must be able to push
    #[arg(hide_short_help = true, long, value_name = "REPOSITORY", default_value = "milepost-test")]
    test_image: String,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Show the steps, what is done of them, and what would fail; change nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,

    /// Leave out these steps
    ///
    /// The steps are, in their order: cert, user, trust, app, deploy, login, push, creds, wire, test; with --auth token group in
    /// place of cert, user and app.
    #[arg(long, value_enum, value_name = "STEP", value_delimiter = ',', hide_possible_values = true)]
    skip: Vec<StepName>,

    /// Begin with this step
    #[arg(hide_short_help = true, long, value_enum, value_name = "STEP")]
    from: Option<StepName>,

    /// The agents: the answer of Mesos's master at /slaves, or of `dcos node list --json`
    #[arg(long, value_name = "URL|FILE", help_heading = "Agents")]
    agents_from: Option<String>,

    /// Another agent; may be repeated
    #[arg(hide_short_help = true, long, value_name = "HOST", help_heading = "Agents")]
    agent: Vec<String>,

    /// Log in there as this user
    #[arg(hide_short_help = true, long, value_name = "USER", help_heading = "Agents")]
    ssh_user: Option<String>,

    /// Marathon's address [env: `MARATHON_URL`, `DCOS_URL`]
    #[arg(long, value_name = "URL", help_heading = "Connection")]
    url: Option<String>,

    /// Read the DC/OS token from this file [env: `DCOS_ACS_TOKEN`, the token itself]
    #[arg(hide_short_help = true, long, value_name = "FILE", help_heading = "Connection")]
    token_file: Option<PathBuf>,

    /// Trust the certificates in this PEM file for Marathon and Mesos, besides the system's
    #[arg(hide_short_help = true, long, value_name = "FILE", help_heading = "Connection")]
    ca_file: Option<PathBuf>,

    /// Options of `milepost registry app`, or with --auth token of `milepost registry group`
    #[arg(value_name = "APP OPTIONS", last = true, allow_hyphen_values = true)]
    app: Vec<String>,
}

/// Who the registry lets in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum UpAuth {
    /// The users of a file of its own
    #[default]
    Htpasswd,
    /// The users of a token server, which runs beside it
    Token,
}

/// A step on the way, by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum StepName {
    /// Make a certificate, signed by an authority of its own
    Cert,
    /// Make the registry's user, with a password
    User,
    /// Write a group of the registry and its token server, with a certificate and a user
    Group,
    /// Have the agents trust the certificate, and bring them what the registry needs
    Trust,
    /// Write the registry's app
    App,
    /// Deploy it
    Deploy,
    /// Sign in at the registry
    Login,
    /// Push a test image
    Push,
    /// Bring the credentials for pulls to the agents
    Creds,
    /// Write an app of the test image, with the credentials
    Wire,
    /// Deploy that app
    Test,
}

impl StepName {
    /// The steps to a registry that lets these in, in their order.
    fn all(auth: UpAuth) -> Vec<Self> {
        let is_of = |step: &Self| match step {
            Self::Cert | Self::User | Self::App => auth == UpAuth::Htpasswd,
            Self::Group => auth == UpAuth::Token,
            _ => true,
        };
        Self::value_variants().iter().copied().filter(is_of).collect()
    }

    /// The steps after which it has to be done again.
    fn needs(self) -> &'static [Self] {
        match self {
            Self::Trust => &[Self::Cert, Self::User, Self::Group],
            Self::Creds => &[Self::Login],
            _ => &[],
        }
    }

    /// The name on the command line, and what the step does.
    fn words(self) -> (String, String) {
        let value = self.to_possible_value().unwrap_or_default();
        let help = value.get_help().map(ToString::to_string).unwrap_or_default();
        (value.get_name().to_owned(), help)
    }
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let all = StepName::all(args.auth);
    let listed = || all.iter().map(|name| name.words().0).collect::<Vec<_>>().join(", ");
    if let Some(foreign) = args.skip.iter().chain(&args.from).find(|name| !all.contains(name)) {
        bail!("there is no step {} with this --auth: the steps are {}", foreign.words().0, listed());
    }
    let steps = Steps::of(args)?;
    steps.check_names(term)?;
    expect_pushes(args, &steps, term)?;
    let mut rehearsal = if args.dry_run { Some(Rehearsal::of(&steps)?) } else { None };
    if !args.dry_run {
        expect_free_id(args, &steps, term)?;
    }
    let _held = if args.dry_run { None } else { Some(hold(&args.dir)?) };
    let mut ends = Exit::Fine;
    let (mut skipped, mut begun) = (Vec::new(), Vec::new());
    for (index, name) in all.iter().enumerate() {
        let (word, does) = name.words();
        let title = format!("step {} of {}, {word}", index + 1, all.len());
        if args.leaves_out(*name) {
            writeln!(term.err(), "{title}: skipped")?;
            skipped.push(word);
            continue;
        }
        let step = steps.step(*name);
        // A dry run leaves what an earlier step would make anew as it is.
        let is_outdated = name.needs().iter().any(|needed| begun.contains(needed));
        if let Some(done) = state::done(&steps, &step, term)?.filter(|_| !is_outdated) {
            writeln!(term.err(), "{title}: done before: {done}")?;
            continue;
        }
        writeln!(term.err(), "{title}: {}", lower_first(&does))?;
        for line in prepare::shown(&steps, *name).into_iter().chain(step.shown()) {
            writeln!(term.err(), "  {line}")?;
        }
        if args.dry_run {
            begun.push(*name);
            // What comes after a step that fails needs it.
            if let Some(exit) = rehearsal.as_ref().map_or(Ok(None), |tried| tried.step(*name, term))? {
                writeln!(term.err(), "  this step would fail, and the run end here")?;
                ends = exit;
                rehearsal = None;
            }
            continue;
        }
        if !args.yes {
            let undone = ("nothing of this step was done", "does all steps");
            match confirm("do this?", undone, term)? {
                Some(true) => {}
                Some(false) => {
                    writeln!(
                        term.err(),
                        "stopped before {word}: another run goes on there; --skip {word} leaves it out"
                    )?;
                    return Ok(Exit::Fine);
                }
                None => return Ok(Exit::Usage),
            }
        }
        let exit = steps.run(&step, term).inspect_err(|_| tell_failed(&word, term))?;
        if exit != Exit::Fine {
            tell_failed(&word, term);
            return Ok(exit);
        }
    }
    if !args.dry_run && !skipped.is_empty() {
        writeln!(term.err(), "done but for what was skipped: {}", skipped.join(", "))?;
    } else if !args.dry_run {
        writeln!(
            term.err(),
            "done: images go to {}/NAME:TAG, with the credentials in {}",
            args.host,
            shown_path(&steps.file("config.json"))
        )?;
    }
    Ok(ends)
}

impl Args {
    /// The step that makes the registry's definition.
    fn made_by(&self) -> StepName {
        match self.auth {
            UpAuth::Htpasswd => StepName::App,
            UpAuth::Token => StepName::Group,
        }
    }

    /// Whether this run leaves out a step.
    fn leaves_out(&self, name: StepName) -> bool {
        self.skip.contains(&name) || self.from.is_some_and(|from| name < from)
    }
}

/// Keeps other runs out of the directory: of two that make a certificate at the same time, agents would trust the one and the
/// registry have the other. A killed run holds nothing.
fn hold(dir: &Path) -> anyhow::Result<HeldFile> {
    let shown = shown_path(&dir);
    source::make_private_directory(dir).with_context(|| format!("cannot make the directory {shown}"))?;
    match source::hold(&dir.join("up"))? {
        Some(held) => Ok(held),
        None => bail!(
            "another `milepost registry up` works in {shown}: wait until that has ended, and run this again"
        ),
    }
}

/// Refuses options by which a later step must fail: they make no registry that runs, or one that takes no test image.
fn expect_pushes(args: &Args, steps: &Steps<'_>, term: &mut Terminal) -> anyhow::Result<()> {
    let made_by = args.made_by();
    if args.leaves_out(made_by) {
        return Ok(());
    }
    let app = match steps.app(term) {
        Ok(Some(app)) => app,
        Err(error) if error.downcast_ref::<RegistryError>().is_some_and(RegistryError::is_of_settings) => {
            return Err(error);
        }
        // The step tells what else is wrong with them.
        Ok(None) | Err(_) => return Ok(()),
    };
    match takes_no_pushes(&app) {
        Some(option) if !args.leaves_out(StepName::Push) || !args.leaves_out(StepName::Test) => bail!(
            "a registry with {option} takes no pushes, so that the step push fails, and test has no image: leave out {option}, or both \
             steps with --skip push,wire,test"
        ),
        _ => Ok(()),
    }
}

/// Refuses to begin where something else stands at the registry's id: all files and agents would be for nothing.
fn expect_free_id(args: &Args, steps: &Steps<'_>, term: &mut Terminal) -> anyhow::Result<()> {
    let made_by = args.made_by();
    if args.leaves_out(made_by) || args.leaves_out(StepName::Deploy) {
        return Ok(());
    }
    // What is there is looked at where it is: keys are among it.
    let why = if steps.file("registry.json").exists() {
        standing::foreign(steps, "registry.json", term)
    } else {
        Rehearsal::of(steps)?.stands_in_its_way(made_by, term)
    };
    match why {
        Some(why) => bail!(why),
        None => Ok(()),
    }
}

fn tell_failed(word: &str, term: &mut Terminal) {
    // That stderr is gone ends nothing.
    let _ = writeln!(
        term.err(),
        "the step {word} failed: another run goes on with it, and does not repeat those before"
    );
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
