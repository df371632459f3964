// Steps: one is marked, keys judge it and go on; arrows move the mark. What is judged stands in the controls themselves.
import { fill } from "../../js/i18n.js";
import { head, say } from "./_shared.js";

const LABELS = { right: "1", neutral: "2", wrong: "3", unsure: "0" };

export function mount(root, { settings, answer, changed }) {
  const traces = [...root.querySelectorAll("[data-response]")];
  const steps = [...root.querySelectorAll("[data-at]")];
  const stepsOf = (trace) => steps.filter((step) => trace.contains(step));
  const traceOf = (step) => step.closest("[data-response]");
  const inputs = (where) => [...where.querySelectorAll("[data-control]")];
  const { mode } = settings;
  let active = steps[0];

  // ---- three ways to read what is judged: one entry a step, null where it is open ----

  const chosen = (where) => inputs(where).find(({ checked }) => checked) ?? null;
  const READ = {
    labels: (trace) => stepsOf(trace).map((step) => chosen(step)?.value ?? null),
    progress: (trace) => stepsOf(trace).map((step) => (step.hasAttribute("data-judged") ? Number(inputs(step)[0].value) : null)),
    first_error: (trace) => {
      const at = chosen(trace)?.value;
      if (at === undefined) return stepsOf(trace).map(() => null);
      return at === "none" ? stepsOf(trace).map(() => "right") : [...Array(Number(at)).fill("right"), "wrong"];
    },
  };
  const short = mode === "first_error" || (mode === "labels" && settings.until_error);
  const read = (trace) => {
    const given = READ[mode](trace);
    const error = short ? given.indexOf("wrong") : -1;
    return error < 0 ? given : given.slice(0, error + 1);
  };
  const open = (step) => {
    const at = Number(step.dataset.at);
    const given = read(traceOf(step));
    return at < given.length && given[at] === null;
  };

  const refreshHead = head(root, {
    all: mode === "first_error" ? traces.length : steps.length,
    done: () => (mode === "first_error" ? traces.filter((trace) => chosen(trace)).length : steps.filter((step) => !open(step)).length),
    clear() {
      set(null);
      inputs(root)[0]?.focus();
      changed();
    },
  });
  // A wrong first step would hide the button: what is over is not yet what somebody did.
  const touched = () => (mode === "progress" ? root.querySelector("[data-judged]") : chosen(root)) !== null;

  // ---- what is shown ----

  function show(step, value) {
    const range = inputs(step)[0];
    step.toggleAttribute("data-judged", value !== null);
    range.value = value ?? 0;
    range.style.setProperty("--done", `${value ?? 0}%`);
    range.setAttribute("aria-valuetext", value === null ? root.dataset.clearWords : fill(root.dataset.percent, { value }));
    step.querySelector("output").textContent = value === null ? "–" : `${value} %`;
  }

  function refresh() {
    for (const trace of traces) {
      const given = read(trace);
      for (const step of stepsOf(trace)) {
        const at = Number(step.dataset.at);
        step.toggleAttribute("data-over", at >= given.length);
        if (mode === "labels") for (const input of inputs(step)) input.disabled = at >= given.length;
        if (mode !== "progress") step.dataset.label = given[at] ?? "";
      }
    }
    refreshHead();
    root.querySelector("[data-clear]").hidden = !touched();
  }

  function activate(step) {
    active = step;
    for (const other of steps) other.toggleAttribute("data-active", other === step);
  }

  function go(step) {
    if (!step) return;
    const inside = root.contains(document.activeElement);
    activate(step);
    step.scrollIntoView({ block: "nearest" });
    if (inside) (chosen(step) ?? inputs(step).find((input) => !input.disabled))?.focus();
    const own = stepsOf(traceOf(step));
    say(root, `${fill(root.dataset.step, { number: own.indexOf(step) + 1, all: own.length })}. ${step.querySelector(".prose")?.textContent.trim() ?? ""}`);
  }

  const beside = (by) => go(steps[steps.indexOf(active) + by]);

  /** To the next open step, the ones before it last. */
  function goOn() {
    const at = steps.indexOf(active);
    const next = [...steps.slice(at + 1), ...steps.slice(0, at)].find(open);
    if (next) go(next);
    else if (steps[at + 1] && mode === "progress") go(steps[at + 1]);
  }

  // ---- what is done ----

  function label(value) {
    const input = active && inputs(active).find((other) => other.value === value && !other.disabled);
    if (!input) return;
    input.checked = true;
    refresh();
    goOn();
    changed();
  }

  function firstError(value) {
    const where = value === "none" ? traceOf(active) : active;
    const input = where && inputs(where).find((other) => other.value === value);
    if (!input) return;
    input.checked = true;
    refresh();
    say(root, input.getAttribute("aria-label"));
    const next = traces.find((trace) => !chosen(trace));
    if (next) go(stepsOf(next)[0]);
    changed();
  }

  function done(value, { on = true } = {}) {
    if (!active) return;
    show(active, Math.min(100, Math.max(0, value)));
    refresh();
    say(root, active.querySelector("output").textContent);
    if (on) goOn();
    changed();
  }

  const judged = () => (active.hasAttribute("data-judged") ? Number(inputs(active)[0].value) : (before() ?? 0));
  /** How far it was after the step before. */
  function before() {
    const own = stepsOf(traceOf(active));
    const earlier = own[own.indexOf(active) - 1];
    return earlier?.hasAttribute("data-judged") ? Number(inputs(earlier)[0].value) : null;
  }

  root.addEventListener("focusin", (event) => {
    const step = event.target.closest("[data-at]");
    if (step) activate(step);
  });
  root.addEventListener("click", (event) => {
    const step = event.target.closest("[data-at]");
    if (step && !event.target.closest("[data-control], a, summary")) activate(step);
  });
  root.addEventListener("input", (event) => {
    const step = event.target.closest("[data-at]");
    if (mode === "progress" && step) show(step, Number(event.target.value));
    refresh();
    changed();
  });
  root.addEventListener("change", (event) => {
    refresh();
    changed();
    // After the mouse the keys are the page's again; the mark goes to what is open.
    if (mode === "labels" && event.target.matches(":hover") && !event.target.matches(":focus-visible")) goOn();
  });
  root.addEventListener("pointerup", (event) => {
    if (!event.target.matches('input[type="range"]')) return;
    const step = event.target.closest("[data-at]");
    show(step, Number(event.target.value)); // a click on 0 changes nothing, yet says so
    refresh();
    changed();
    event.target.blur();
  });

  // ---- the contract ----

  const draft = () => (touched() ? Object.fromEntries(traces.map((trace) => [trace.dataset.response, read(trace)])) : null);
  const complete = () => traces.every((trace) => stepsOf(trace).length && read(trace).every((entry) => entry !== null));

  function set(given) {
    for (const trace of traces) {
      const own = given?.[trace.dataset.response] ?? [];
      const all = stepsOf(trace);
      for (const [at, step] of all.entries()) {
        const value = own[at] ?? null;
        if (mode === "progress") show(step, value);
        else if (mode === "labels") for (const input of inputs(step)) input.checked = input.value === value;
      }
      if (mode === "first_error") {
        const at = own.indexOf("wrong");
        const none = own.length === all.length && own.every((entry) => entry === "right");
        for (const input of inputs(trace)) input.checked = input.value === (none ? "none" : String(at));
      }
    }
    refresh();
    activate(steps.find(open) ?? steps[0]);
  }
  set(answer);

  const input = (value) => root.querySelector(`[data-control][value="${value}"]`);
  const KEYS = {
    labels: () =>
      Object.entries(LABELS)
        .filter(([value]) => input(value))
        .map(([value, key]) => ({ key, label: input(value).getAttribute("aria-label"), run: () => label(value) })),
    first_error: () => {
      const [first, none] = [...root.querySelectorAll(".fb-legend-keys span")].map((span) => span.lastChild.textContent.trim());
      return [
        { key: "x", label: first, run: () => firstError(active.dataset.at) },
        { key: "0", label: none, run: () => firstError("none") },
      ];
    },
    progress: () => [
      ...[..."0123456789="].map((key) => {
        const value = key === "=" ? 100 : Number(key) * 10;
        return { key, label: fill(root.dataset.percent, { value }), run: () => done(value) };
      }),
      { key: "ArrowLeft", label: root.dataset.less, run: () => done(judged() - 5, { on: false }) },
      { key: "ArrowRight", label: root.dataset.more, run: () => done(judged() + 5, { on: false }) },
    ],
  };

  return {
    value: () => (complete() ? draft() : null),
    draft,
    set,
    keys: [
      ...KEYS[mode](),
      { key: "ArrowDown", label: root.dataset.next, run: () => beside(1) },
      { key: "ArrowUp", label: root.dataset.before, run: () => beside(-1) },
    ],
  };
}
