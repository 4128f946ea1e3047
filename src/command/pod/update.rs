//! `milepost pod update`

use std::slice;

use anyhow::anyhow;

use super::super::create::{DefinitionArgs, checked};
use super::super::deploy::{ChangeArgs, Run, ServerArgs, deploy_text, end, needs_wait};
use super::super::input::Input;
use super::super::remote::{CREATED, Intent, forced};
use super::super::{Exit, Terminal, ids, properties};
use crate::deploy::{DefinitionText, json_of};
use crate::http::Method;
use crate::marathon::{Resource, path_of_id};
use crate::source::Kind;

/// Change a pod: the whole of its definition is replaced
///
/// With --wait it goes the way of `milepost deploy`: what changes is shown, and the exit code says how it ended.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost pod update /shop/cache < cache.json
  milepost pod update /shop/cache cache.json --wait

Exit codes: 0 accepted; 1 the check found errors; 2 wrong usage, no such pod, or no connection; 3 refused; 4 locked by a \
deployment; 5 no answer in time; 8 it may have been changed; with --wait those of `milepost deploy`.")]
#[group(skip)]
#[command(mut_args(needs_wait))]
pub(in super::super) struct Args {
    /// The pod
    #[arg(value_name = "POD-ID", value_parser = ids::service)]
    id: String,
    #[command(flatten)]
    definition: DefinitionArgs,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    end(update(args, term), args.change.report(), || args.server.address(), term)
}

fn update(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let remote = args.server.remote()?;
    let id = args.id.as_str();
    let path = path_of_id("v2/pods", id);
    let inputs = args.definition.read(Resource::Pod, &remote.client)?;
    let [input] = <[Input; 1]>::try_from(inputs)
        .map_err(|inputs| anyhow!("`pod update` takes one pod, and there are {}", inputs.len()))?;
    properties::expect_id(&input, id)?;
    remote.document(&format!("{path}::status"), &remote.missing(Resource::Pod, id))?;
    if args.change.wait {
        let Input { name, document } = input;
        let text = DefinitionText { name, document, kind: Kind::Pod };
        return deploy_text(text, (remote, args.server.target()), &args.change, term);
    }
    if !checked(
        slice::from_ref(&input),
        Resource::Pod,
        (&args.definition, args.change.no_check),
        (args.server.target(), &remote),
        term,
    )? {
        return Ok(Run::Reported(Exit::Findings));
    }
    let intent = Intent { what: &format!("pod {id}"), undone: "was not changed" };
    let sent = (Method::PUT, &*forced(path, args.change.force));
    let exit = match remote.change(sent, Some(json_of(&input.document)), Some(&input), intent, term)? {
        Ok(accepted) => remote.deployed(&accepted, &format!("pod {id} is being changed"), CREATED, term)?,
        Err(exit) => exit,
    };
    Ok(Run::Reported(exit))
}
