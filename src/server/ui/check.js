"use strict";

// A definition is pasted, and the server says what a target does with it. Uses what page.js has.
// The fragment of the page's address may fill the form: /ui/#target=dcos-2.2&definition=…

/** Lines of a definition as the server counts them. */
function linesOf(text) {
  return text.split(/\r\n|\r|\n/);
}

/** Puts the cursor where a finding is. */
function goTo(line) {
  const box = byId("definition");
  const before = linesOf(box.value).slice(0, line - 1);
  const start = before.reduce((sum, each) => sum + each.length + 1, 0);
  const length = linesOf(box.value)[line - 1]?.length ?? 0;
  box.focus();
  box.setSelectionRange(start, start + length);
  box.scrollTop = (box.scrollHeight * (line - 4)) / Math.max(1, linesOf(box.value).length);
}

function findingItem(finding, lines) {
  const { line, column } = finding.range.start;
  const button = make("button", { type: "button", class: "line" }, `line ${line}, column ${column}`);
  button.addEventListener("click", () => goTo(line));
  const text = lines[line - 1] ?? "";
  return make(
    "li",
    { class: finding.severity, "data-rule": finding.rule, "data-line": line },
    make("p", {}, make("strong", {}, finding.severity), ` [${finding.rule}] `, button),
    make("pre", {}, `${String(line).padStart(4)} | ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`),
    make("p", {}, finding.message),
    finding.help ? make("p", {}, `help: ${finding.help}`) : null,
    finding.answer?.now ? make("p", {}, `Marathon answers at ${finding.answer.path || "/"}: ${finding.answer.error}`) : null,
  );
}

function withTitle(title, ...children) {
  return make("div", {}, make("h3", {}, title), ...children);
}

function findings(said, text) {
  if (said.skipped) {
    return withTitle("Findings", make("p", {}, said.skipped));
  }
  if (said.diagnostics.length === 0) {
    return withTitle("Findings", make("p", { class: "good" }, "none"));
  }
  const lines = linesOf(text);
  const items = said.diagnostics.map((finding) => findingItem(finding, lines));
  return withTitle("Findings", make("ol", { class: "findings" }, ...items));
}

function answer(said) {
  if (!said.answer) {
    return null;
  }
  const { status, body } = said.answer;
  const title = status ? `Marathon's answer: status ${status}` : "Marathon's answer";
  return withTitle(title, make("pre", { tabindex: "0" }, JSON.stringify(body, null, 2)));
}

function normalized(said) {
  const text = said.normalized;
  return text ? withTitle("As it is stored", make("pre", { id: "normalized", tabindex: "0" }, text)) : null;
}

function diff(text) {
  const line = (each) => {
    const kind = each.startsWith("+") ? "added" : each.startsWith("-") ? "removed" : "";
    return make("span", { class: kind }, kind ? each : `${each}\n`);
  };
  const lines = text.split("\n").slice(2).filter((each) => each !== "");
  return make("pre", { id: "diff", tabindex: "0" }, ...lines.map(line));
}

function migration(said) {
  const title = "What a migration changes";
  const { why, steps, left, notes, diff: changes } = said.migration ?? {};
  if (!said.migration) {
    return null;
  }
  if (why) {
    return withTitle(title, make("p", {}, why));
  }
  const item = (place, ...parts) =>
    make("li", {}, make("code", {}, place.pointer || "/"), " ", parts.filter((part) => part).join(": "));
  const list = (items) => (items.length > 0 ? make("ul", {}, ...items) : null);
  return withTitle(
    title,
    steps.length > 0 ? null : make("p", { class: "good" }, "nothing"),
    list(steps.map((step) => item(step, step.rule, step.why, step.what))),
    list(left.map((form) => item(form, "left", form.rule, form.message, form.why))),
    list(notes.map((note) => item(note, note.text))),
    changes ? diff(changes) : null,
  );
}

function verdict(said) {
  const errors = said.diagnostics.filter((finding) => finding.severity === "error").length;
  const warnings = said.diagnostics.filter((finding) => finding.severity === "warning").length;
  const totals = `${count(errors, "error")}, ${count(warnings, "warning")}`;
  const target = said.target ?? "this server";
  const what = said.kind ? `${said.kind === "apps" ? "list of apps" : said.kind}` : "text";
  return `${target} (Marathon ${said.release}) ${said.accepted ? "accepts" : "does not accept"} this ${what}: ${totals}`;
}

async function judge() {
  const text = byId("definition").value;
  const place = byId("verdict");
  const result = byId("result");
  result.removeAttribute("data-done");
  if (text.trim() === "") {
    place.className = "bad";
    place.textContent = "The box is empty: paste a definition into it.";
    result.replaceChildren();
    return;
  }
  const query = new URLSearchParams({ target: byId("target").value, format: byId("format").value });
  try {
    const response = await fetch(`/milepost/check?${query}`, { method: "POST", body: text });
    const said = await response.json();
    if (!response.ok) {
      throw new Error(said.message);
    }
    place.className = !said.accepted ? "bad" : said.diagnostics.length > 0 ? "warn" : "good";
    place.textContent = verdict(said);
    const parts = [findings(said, text), answer(said), migration(said), normalized(said)];
    result.replaceChildren(...parts.filter((part) => part !== null));
  } catch (error) {
    place.className = "bad";
    place.textContent = `It was not checked: ${error.message}`;
    result.replaceChildren();
  }
  result.setAttribute("data-done", "true");
}

async function begin() {
  const { targets, formats } = await ask("/milepost/check");
  byId("target").append(...targets.map((name) => make("option", { value: name }, name)));
  byId("format").append(...formats.map((name) => make("option", { value: name }, name)));
  const given = new URLSearchParams(location.hash.slice(1));
  for (const name of ["target", "format", "definition"]) {
    if (given.has(name)) {
      byId(name).value = given.get(name);
    }
  }
  if (given.has("definition")) {
    await judge();
  }
}

byId("check-form").addEventListener("submit", (event) => {
  event.preventDefault();
  judge();
});
begin().catch((error) => {
  byId("verdict").textContent = error.message;
});
