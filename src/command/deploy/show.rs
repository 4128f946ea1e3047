//! Shows a plan.

use std::io::{self, Write};

use serde_json::json;

use super::super::Terminal;
use crate::deploy::{Action, Plan, PlannedService};
use crate::diff::{Mask, What};
use crate::report::changes;
use crate::util::escape::on_one_line;
use crate::util::text::count;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// Shows what will happen, in order, what differs, and the totals.
pub(in super::super) fn text(plan: &Plan, mask: Mask, term: &mut Terminal) -> anyhow::Result<()> {
    let text = styled(plan, mask)?;
    term.out_styled(&text)?;
    term.out().flush()?;
    Ok(())
}

/// As [`text`], on standard error: standard output is for programs.
pub(in super::super) fn beside(plan: &Plan, mask: Mask, term: &mut Terminal) -> anyhow::Result<()> {
    let styled = styled(plan, mask)?;
    Ok(term.err().write_all(&styled)?)
}

/// As [`text`], with colours, for any stream.
pub(super) fn styled(plan: &Plan, mask: Mask) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::new();
    // The steps say all there is to say of what is created or removed.
    let mut shown = plan.changes.clone();
    shown.differences.retain(|difference| matches!(difference.what, What::Changed { .. }));
    if !shown.is_empty() {
        changes::text(&mut out, &shown, mask)?;
        writeln!(out)?;
    }
    steps(&mut out, plan)?;
    for id in &plan.left {
        let id = on_one_line(id);
        writeln!(
            out,
            "  {RED}! {BOLD}{id}{RESET}{RED}  is in a deployed group and in no file; it stays: --prune removes it{RESET}"
        )?;
    }
    for note in plan.notes.iter().chain(&plan.warnings) {
        writeln!(out, "  {DIM}note: {}{RESET}", on_one_line(note))?;
    }
    writeln!(out, "{}", summary(plan))?;
    Ok(out)
}

fn steps(out: &mut Vec<u8>, plan: &Plan) -> io::Result<()> {
    let mut step = 0;
    let mut level = None;
    for unit in plan.units.iter().filter(|unit| unit.change.is_some()) {
        if level != Some(unit.level) {
            level = Some(unit.level);
            step += 1;
            writeln!(out, "step {step}:")?;
        }
        if let (Some(change), true) = (&unit.change, unit.services.is_empty()) {
            writeln!(out, "  {YELLOW}~{RESET} {BOLD}{}{RESET}  group", on_one_line(&change.id))?;
        }
        for service in &unit.services {
            line(out, service)?;
        }
    }
    Ok(())
}

fn line(out: &mut Vec<u8>, service: &PlannedService) -> io::Result<()> {
    let (colour, sign) = match service.action {
        Action::Create { .. } => (GREEN, '+'),
        Action::Remove { .. } => (RED, '-'),
        Action::Nothing => (DIM, '='),
        _ => (YELLOW, '~'),
    };
    let id = on_one_line(&service.id);
    let words = service.action.words();
    let red = if matches!(service.action, Action::Remove { .. }) { RED } else { "" };
    writeln!(out, "  {colour}{sign}{RESET} {BOLD}{id}{RESET}  {red}{words}{RESET}")
}

/// The totals, in a sentence.
pub(super) fn summary(plan: &Plan) -> String {
    let totals = plan.totals();
    if plan.is_empty() {
        let number = totals.iter().map(|(_, number)| number).sum();
        return match number {
            0 => "nothing to do".to_owned(),
            1 => "nothing to do: 1 service is as it is written".to_owned(),
            number => format!("nothing to do: {} are as they are written", count(number, "service")),
        };
    }
    let words: Vec<String> = totals
        .into_iter()
        .map(|(name, number)| match name {
            "create" => format!("{number} to create"),
            "replace" => format!("{number} to replace"),
            "scale" => format!("{number} to scale"),
            "store" => format!("{number} to store"),
            "remove" => format!("{number} to remove"),
            _ => format!("{number} unchanged"),
        })
        .collect();
    format!("plan: {}", words.join(", "))
}

/// As one JSON document, with the server's own plans beside it.
pub(in super::super) fn as_json(
    plan: &Plan,
    server: &str,
    beside: &[serde_json::Value],
    mask: Mask,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let services = |unit: &crate::deploy::Unit| -> Vec<serde_json::Value> {
        unit.services
            .iter()
            .map(|service| {
                json!({"id": service.id, "kind": service.kind.name(), "action": service.action.name(),
                    "words": service.action.words()})
            })
            .collect()
    };
    let units: Vec<_> = plan
        .units
        .iter()
        .map(|unit| json!({"level": unit.level, "sends": unit.change.is_some(), "services": services(unit)}))
        .collect();
    let totals: serde_json::Map<String, serde_json::Value> =
        plan.totals().into_iter().map(|(name, number)| (name.to_owned(), number.into())).collect();
    let report = json!({"version": 1, "server": server, "steps": units, "totals": totals, "notInFiles": plan.left,
        "hasChanges": !plan.is_empty(), "differences": changes::differences_json(&plan.changes, mask),
        "notes": plan.notes.iter().chain(&plan.warnings).collect::<Vec<_>>(), "serversOwn": beside});
    Ok(term.out_value(&report)?)
}
