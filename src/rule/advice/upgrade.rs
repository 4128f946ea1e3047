//! Upgrade strategies without room for an upgrade.

use crate::rule::view::AppView;
use crate::schema::table;
use crate::util::text;

use super::{Context, Rule};

static NO_ROOM_TO_UPGRADE: Rule =
    Rule::risky("no-room-to-upgrade", "An upgrade strategy leaves room to stop or start an instance")
        .why(
            "Marathon rounds minimumHealthCapacity up to instances, and maximumOverCapacity down. Where both give the same \
             number, no old instance may stop and no new one may start. Marathon then starts one more than allowed, \
             which cannot run if it needs the same host port, agent or GPU. If an old instance is unhealthy Marathon \
             does not even start that one, and the upgrade hangs until a user forces it. For an app with persistent \
             volumes it stops one more than allowed.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "instances": 1,
                "upgradeStrategy": {"minimumHealthCapacity": 0.5, "maximumOverCapacity": 0}}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "instances": 1,
                "upgradeStrategy": {"minimumHealthCapacity": 0, "maximumOverCapacity": 0}}"#);

pub(super) static RULES: &[&Rule] = &[&NO_ROOM_TO_UPGRADE];

/// Counts like `TaskReplaceActor.computeRestartStrategy` (1.5 … 1.11).
pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(strategy) = app.fields.object("upgradeStrategy", &table::UPGRADE_STRATEGY) else { return };
    let (Some(health), Some(over)) =
        (strategy.double("minimumHealthCapacity"), strategy.double("maximumOverCapacity"))
    else {
        return;
    };
    let Ok(count) = u32::try_from(app.instances()) else { return };
    let instances = f64::from(count);
    let (least, most) = ((instances * health).ceil(), (instances * (1.0 + over)).trunc());
    #[expect(clippy::float_cmp, reason = "both are whole numbers")]
    let has_room = least != most;
    // For apps with volumes Marathon's own defaults are 0.5 and 0.
    if count == 0 || has_room || (app.has_residency && health <= 0.5) {
        return;
    }
    let found = context.warn(&NO_ROOM_TO_UPGRADE, strategy.value);
    let of = text::count(count as usize, "instance");
    let then = if app.has_residency { "stops one anyway" } else { "starts one more anyway, or hangs" };
    found.message =
        format!("of {of} at least {least} must stay healthy and at most {most} may run: an upgrade {then}");
    let help = if app.has_residency {
        "lower `minimumHealthCapacity` (0 stops the old instance first)"
    } else if count == 1 {
        "lower `minimumHealthCapacity` (0 stops the old instance first), or raise `maximumOverCapacity` to 1 (the new one \
         starts first)"
    } else {
        "lower `minimumHealthCapacity` or raise `maximumOverCapacity` by one instance's share"
    };
    found.help = Some(help.into());
}
