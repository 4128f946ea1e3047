"use strict";

// What the server holds and does: asked for whenever an event came, and every few seconds where none comes.
// All text is set as text, never as HTML: ids, messages and labels are whatever a client has sent.

/** Every event that the server sends. */
const EVENTS = [
  "add_health_check_event",
  "api_post_event",
  "app_terminated_event",
  "deployment_failed",
  "deployment_info",
  "deployment_step_failure",
  "deployment_step_success",
  "deployment_success",
  "event_stream_attached",
  "event_stream_detached",
  "failed_health_check_event",
  "group_change_failed",
  "group_change_success",
  "health_status_changed_event",
  "instance_changed_event",
  "instance_health_changed_event",
  "pod_created_event",
  "pod_deleted_event",
  "pod_updated_event",
  "remove_health_check_event",
  "status_update_event",
  "unhealthy_instance_kill_event",
];

/** So many services, instances of one, and events are shown at once. */
const MOST_SERVICES = 500;
const MOST_INSTANCES = 100;
const MOST_EVENTS = 100;
/** Milliseconds between two questions to the server, where events come and where none come. */
const SHORTEST = 250;
const LONGEST = 5000;

const byId = (id) => document.getElementById(id);

/** An element with children: elements, or texts. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `InsufficientCpus` as `insufficient cpus`. */
function inWords(name) {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

async function ask(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw new Error(`${path} was answered with status ${answer.status}`);
  }
  return answer.json();
}

// Services

function ofApp(app) {
  const checked = app.healthChecks?.length > 0;
  const failure = app.lastTaskFailure;
  return {
    id: app.id,
    kind: "app",
    wanted: app.instances,
    running: app.tasksRunning,
    health: checked ? `${app.tasksHealthy} healthy, ${app.tasksUnhealthy} unhealthy` : "no checks",
    isBad: checked && app.tasksUnhealthy > 0,
    isChanging: app.deployments.length > 0,
    failure: failure ? [failure.state, failure.message].filter((text) => text).join(": ") : "",
    instances: app.tasks.map((task) => ({
      id: task.id,
      state: task.state,
      host: task.host,
      ports: task.ports ?? [],
      health: (task.healthCheckResults ?? []).map((result) => (result.alive ? "healthy" : "unhealthy")),
    })),
  };
}

function ofPod(pod, held) {
  const instances = pod.instances ?? [];
  const last = (pod.terminationHistory ?? [])[0];
  return {
    id: pod.id,
    kind: "pod",
    wanted: pod.spec?.scaling?.instances ?? instances.length,
    running: instances.filter((each) => ["STABLE", "DEGRADED"].includes(each.status)).length,
    health: `${pod.status ?? ""}`.toLowerCase(),
    isBad: pod.status === "DEGRADED",
    isChanging: held.has(pod.id),
    failure: last?.message ?? "",
    instances: instances.map((each) => ({
      id: each.id,
      state: each.status,
      host: each.agentHostname ?? "",
      ports: [],
      health: (each.containers ?? []).map((container) => `${container.name} ${container.status}`),
    })),
  };
}

function groupOf(id) {
  return id.slice(0, id.lastIndexOf("/")) || "/";
}

function allGroups(group) {
  const found = [];
  const open = [group];
  while (open.length > 0) {
    const next = open.pop();
    found.push(next.id);
    open.push(...(next.groups ?? []));
  }
  return found;
}

/** The rows that are shown, by their keys: one that has not changed stays, with its focus and what is open in it. */
const shown = new Map();

function keep(key, content, build) {
  const text = JSON.stringify(content);
  const before = shown.get(key);
  if (before?.text === text) {
    return before.element;
  }
  const element = build(content);
  const wasOpen = before?.element.querySelector("details")?.open;
  if (wasOpen && element.querySelector("details")) {
    element.querySelector("details").open = true;
  }
  const hadFocus = before?.element.contains(document.activeElement);
  shown.set(key, { text, element });
  if (hadFocus) {
    queueMicrotask(() => element.querySelector("summary")?.focus());
  }
  return element;
}

/** A cell that carries the name of its column, which is shown where the rows are stacked. */
function cell(column, tone, ...content) {
  return make("td", { "data-column": column, class: tone }, ...content);
}

function serviceRow(service) {
  const { id, kind, wanted, running, health, isBad, isChanging, failure, instances } = service;
  const line = (each) =>
    make(
      "li",
      {},
      `${each.id} ${each.state}`,
      each.host ? ` on ${[each.host, ...each.ports].join(":")}` : "",
      each.health.length > 0 ? ` (${each.health.join(", ")})` : "",
    );
  const lines = instances.slice(0, MOST_INSTANCES).map(line);
  const more = instances.length > lines.length ? [make("li", {}, `and ${instances.length - lines.length} more`)] : [];
  const summary = make("summary", {}, count(instances.length, "instance"));
  const list = make("details", {}, summary, make("ul", {}, ...lines, ...more));
  const state = isChanging ? "in a deployment" : running < wanted ? "waiting" : "settled";
  return make(
    "tr",
    { "data-id": id },
    make("th", { scope: "row" }, id.slice(id.lastIndexOf("/") + 1), instances.length > 0 ? list : null),
    cell("Kind", "", kind),
    cell("Running", running < wanted ? "warn" : "good", `${running} of ${wanted}`),
    cell("Health", isBad ? "bad" : "", health),
    cell("State", "", state, failure ? make("div", { class: "bad" }, `last failure: ${failure}`) : null),
  );
}

function replaceChildren(parent, children) {
  // Rows that stay where they are are not moved: moving one would take its focus.
  children.forEach((child, index) => {
    if (parent.children[index] !== child) {
      parent.insertBefore(child, parent.children[index] ?? null);
    }
  });
  while (parent.children.length > children.length) {
    parent.lastElementChild.remove();
  }
}

function showServices(services, groups) {
  const wanted = byId("filter").value.trim();
  const matching = services.filter((service) => service.id.includes(wanted));
  const visible = matching.slice(0, MOST_SERVICES);
  const names = new Set(visible.map((service) => groupOf(service.id)));
  if (wanted === "" && matching.length <= MOST_SERVICES) {
    groups.filter((id) => id !== "/").forEach((id) => names.add(id));
  }
  const bodies = [...names].sort().map((name) => {
    const rows = visible.filter((service) => groupOf(service.id) === name);
    const title = rows.length > 0 ? name : `${name} (no apps or pods)`;
    const head = keep(`group ${name}`, title, () =>
      make("tr", {}, make("th", { scope: "rowgroup", colspan: "5" }, title)),
    );
    const body = keep(`body ${name}`, name, () => make("tbody", {}));
    replaceChildren(body, [head, ...rows.map((row) => keep(`service ${row.id}`, row, serviceRow))]);
    return body;
  });
  replaceChildren(byId("services"), [byId("services").caption, byId("services").tHead, ...bodies]);
  const left = matching.length - visible.length;
  const rest = left > 0 ? `, ${left} more are not shown` : "";
  byId("services-note").textContent =
    matching.length === 0 ? "There are none." : `${visible.length} shown${rest}`;
}

// Deployments and the queue

function actionWords(action) {
  return `${inWords(action.action.replace(/Application|Pod/, "")).trim() || action.action} ${action.app ?? action.pod}`;
}

function showDeployments(deployments) {
  const row = (deployment) => {
    const { id, affectedApps, affectedPods, currentStep, totalSteps, currentActions } = deployment;
    const name = `step ${currentStep} of ${totalSteps}`;
    const bar = make("progress", { max: totalSteps, value: Math.max(0, currentStep - 1), "aria-label": name });
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, make("code", {}, id)),
      cell("Changes", "", [...affectedApps, ...affectedPods].join(", ")),
      cell("Step", "", name, " ", bar),
      cell("Now", "", currentActions.map(actionWords).join(", ")),
    );
  };
  const rows = deployments.map((each) => keep(`deployment ${each.id}`, each, row));
  replaceChildren(byId("deployments").tBodies[0], rows);
  byId("deployments-note").textContent = rows.length === 0 ? "None is running." : "";
}

function reasonsOf(item) {
  const summary = item.processedOffersSummary;
  const last = summary.rejectSummaryLastOffers.filter((each) => each.declined > 0);
  if (last.length > 0) {
    return last.map((each) => `${inWords(each.reason)}: ${each.declined} of ${each.processed}`).join("; ");
  }
  return summary.processedOffersCount > 0 ? "no offer was refused last" : "no offer yet";
}

function showQueue(items) {
  const rows = items.map((item) => {
    const content = {
      id: item.app?.id ?? item.pod?.id,
      count: item.count,
      delay: item.delay.overdue ? "none" : `${item.delay.timeLeftSeconds} s`,
      reasons: reasonsOf(item),
    };
    return keep(`queue ${content.id}`, content, ({ id, count, delay, reasons }) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, id),
        cell("Waiting", "", String(count)),
        cell("Delay", "", delay),
        cell("Last offers refused for", "", reasons),
      ),
    );
  });
  replaceChildren(byId("queue").tBodies[0], rows);
  byId("queue-note").textContent = rows.length === 0 ? "Nothing waits." : "";
}

// Events

let isPaused = false;

function subjectOf(event) {
  const id = event.appId ?? event.runSpecId ?? event.groupId ?? event.appDefinition?.id ?? event.uri ?? "";
  const state = event.taskStatus ?? event.condition ?? "";
  const plan = event.plan?.id ?? event.id ?? "";
  const alive = event.alive ?? event.healthy;
  const health = alive === undefined || alive === null ? "" : alive ? "healthy" : "unhealthy";
  return [id, state, plan, health, event.reason ?? "", event.message ?? ""].filter((text) => text !== "").join(" ");
}

function showEvent(name, event) {
  const list = byId("events");
  const at = String(event.timestamp ?? "");
  const time = make("time", { datetime: at }, at.slice(11, 23));
  list.prepend(make("li", {}, time, ` ${name} `, subjectOf(event)));
  while (list.children.length > MOST_EVENTS) {
    list.lastElementChild.remove();
  }
}

function listen() {
  const events = new EventSource("/v2/events");
  const state = byId("connection");
  events.addEventListener("open", () => {
    state.textContent = "Connected";
    state.className = "good";
    refreshSoon();
  });
  events.addEventListener("error", () => {
    state.textContent = "The event stream is closed; trying again";
    state.className = "bad";
  });
  for (const name of EVENTS) {
    events.addEventListener(name, (message) => {
      if (!isPaused) {
        showEvent(name, JSON.parse(message.data));
      }
      refreshSoon();
    });
  }
}

// Asking

let timer = null;
let isAsking = false;
let isStale = false;
let pause = SHORTEST;

function refreshSoon() {
  if (isAsking) {
    isStale = true;
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, pause);
}

let latest = { services: [], groups: [] };

async function refresh() {
  isAsking = true;
  isStale = false;
  const begun = performance.now();
  try {
    const embeds = ["counts", "tasks", "deployments", "lastTaskFailure"].map((name) => `embed=apps.${name}`).join("&");
    const [{ apps }, pods, group, deployments, { queue }] = await Promise.all([
      ask(`/v2/apps?${embeds}`),
      ask("/v2/pods/::status"),
      ask("/v2/groups?embed=group.groups"),
      ask("/v2/deployments"),
      ask("/v2/queue"),
    ]);
    const held = new Set(deployments.flatMap((each) => each.affectedPods));
    const services = [...apps.map(ofApp), ...pods.map((pod) => ofPod(pod, held))];
    services.sort((a, b) => (a.id < b.id ? -1 : 1));
    latest = { services, groups: allGroups(group) };
    showServices(latest.services, latest.groups);
    showDeployments(deployments);
    showQueue(queue);
    for (const [key, row] of shown) {
      if (!row.element.isConnected) {
        shown.delete(key);
      }
    }
    byId("services").setAttribute("data-loaded", "true");
  } catch (error) {
    byId("services-note").textContent = `This may be out of date: ${error.message}`;
  }
  // A server with thousands of apps is asked less often.
  pause = Math.max(SHORTEST, 4 * (performance.now() - begun));
  isAsking = false;
  timer = setTimeout(refresh, isStale ? pause : Math.max(pause, LONGEST));
}

async function showServer() {
  const info = await ask("/v2/info");
  const config = info.marathon_config;
  const features = (config.features ?? []).join(", ") || "none";
  byId("server").textContent =
    `An embedded Marathon ${info.version} at ${info.leader}; features: ${features}; role ${config.mesos_role ?? "*"}`;
}

byId("filter").addEventListener("input", () => showServices(latest.services, latest.groups));
byId("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  byId("pause").setAttribute("aria-pressed", String(isPaused));
  byId("events-note").textContent = isPaused ? "Events that come now are not shown." : "The newest is first.";
});
showServer().catch((error) => {
  byId("server").textContent = error.message;
});
listen();
refresh();
