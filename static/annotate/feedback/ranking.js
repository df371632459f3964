// Ranking: digits place the responses from best to worst, arrows and dragging move them.
import { make } from "../../js/dom.js";
import { fill } from "../../js/i18n.js";
import { KEYS, head, say } from "./_shared.js";
import { mount as mountTournament } from "./_tournament.js";

export function mount(root, { settings, responses, drawn, answer, changed }) {
  if (settings.schedule === "tournament") return mountTournament(root, { responses, drawn, answer, changed });
  const zone = (name) => root.querySelector(`[data-zone="${name}"]`);
  const chips = new Map([...root.querySelectorAll("[data-key]")].map((chip) => [chip.dataset.key, chip]));
  const label = (key) => responses.find((response) => response.key === key).label;
  const name = (key) => chips.get(key).querySelector(".fb-chip-name");
  let tiers = []; // keys by rank, the best first
  let out = []; // keys that are not rankable
  let last = null; // the key that was placed or moved last

  const pool = () => responses.map(({ key }) => key).filter((key) => !out.includes(key) && !tiers.flat().includes(key));
  const rankOf = (key) => tiers.findIndex((tier) => tier.includes(key));

  const refreshHead = head(root, {
    all: responses.length,
    done: () => responses.length - pool().length,
    clear() {
      set(null);
      name(responses[0].key).focus();
      changed();
    },
  });

  // ---- what is shown ----

  function place(key) {
    const rank = rankOf(key);
    const others = rank < 0 ? [] : tiers[rank].filter((other) => other !== key);
    const values = { label: label(key), rank: rank + 1, all: tiers.length, others: others.map(label).join(", ") };
    const { rank: alone, tied, unranked, unrankable } = root.dataset;
    return fill(rank < 0 ? (out.includes(key) ? unrankable : unranked) : others.length ? tied : alone, values);
  }

  function refresh() {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    zone("pool").append(...pool().map((key) => chips.get(key)));
    zone("pool").toggleAttribute("data-done", pool().length === 0);
    zone("out")?.append(...out.map((key) => chips.get(key)));
    zone("tiers").replaceChildren(
      ...tiers.map((tier) => make("li", { class: "fb-tier" }, ...tier.map((key) => chips.get(key)))),
    );
    for (const [key, chip] of chips) {
      const ranked = rankOf(key) >= 0;
      chip.querySelector("[data-place]").textContent = place(key);
      for (const button of chip.querySelectorAll("[data-move]")) {
        button.hidden = !ranked;
        button.setAttribute("aria-label", fill(button.dataset.move < 0 ? root.dataset.better : root.dataset.worse, { label: label(key) }));
      }
    }
    if (focused?.isConnected) focused.focus();
    refreshHead();
  }

  // ---- what is done ----

  function lift(key) {
    tiers = tiers.map((tier) => tier.filter((other) => other !== key)).filter((tier) => tier.length);
    out = out.filter((other) => other !== key);
  }

  function done(key) {
    last = key;
    refresh();
    say(root, place(key));
    changed();
  }

  /** Into the rank with this index, or as a rank of its own before it. */
  function put(key, index, { into = false } = {}) {
    const mark = {}; // keeps its place while the key is lifted out
    if (into) tiers[index].push(mark);
    else tiers.splice(index, 0, [mark]);
    lift(key);
    tiers = tiers.map((tier) => tier.map((other) => (other === mark ? key : other)));
    done(key);
  }

  /** As the next rank; what has a rank gets the focus, so that arrows can move it. */
  function next(key) {
    if (rankOf(key) < 0) put(key, tiers.length);
    else name(key).focus({ focusVisible: true });
  }

  function aside(key) {
    if (!settings.not_rankable || !key) return;
    lift(key);
    out.push(key);
    done(key);
  }

  function back(key) {
    lift(key);
    done(key);
  }

  /** One step up (-1) or down (1): out of a tie, into the tie beside it, or past its neighbour. */
  function move(key, by) {
    const rank = rankOf(key);
    if (rank < 0) return by < 0 ? next(key) : undefined;
    const beside = rank + by;
    if (tiers[rank].length > 1) put(key, by < 0 ? rank : rank + 1);
    else if (beside < 0 || beside >= tiers.length) return;
    else if (settings.ties) put(key, beside, { into: true });
    else put(key, by < 0 ? beside : beside + 1);
  }

  function tie(key) {
    const rank = rankOf(key);
    if (settings.ties && rank > 0) put(key, rank - 1, { into: true });
  }

  const focused = () => [...chips].find(([, chip]) => chip.contains(document.activeElement))?.[0];

  root.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    const by = Number(event.target.closest("[data-move]")?.dataset.move ?? 0);
    const mouse = event.detail > 0;
    if (!key || (mouse && dragged)) return;
    if (by) return move(key, by);
    const placed = rankOf(key) < 0;
    next(key);
    if (placed && mouse) name(key).blur(); // so that Enter submits
  });

  root.addEventListener("keydown", (event) => {
    const key = event.target.closest(".fb-chip-name") && focused();
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    const order = [...root.querySelectorAll(".fb-chip-name")];
    const beside = (by) => order[order.indexOf(event.target) + by]?.focus();
    const actions = {
      ArrowUp: () => move(key, -1),
      ArrowDown: () => move(key, 1),
      ArrowLeft: () => beside(-1),
      ArrowRight: () => beside(1),
      Delete: () => back(key),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });

  // ---- dragging, by mouse, pen or finger ----

  let dragged = false; // the click that ends a drag is no click

  root.addEventListener("pointerdown", (event) => {
    const chip = event.target.closest("[data-key]");
    if (!chip || event.button !== 0 || event.target.closest("[data-move]")) return;
    const start = { x: event.clientX, y: event.clientY };
    let goal = null;
    dragged = false;

    function show(to) {
      for (const tier of root.querySelectorAll("[data-drop]")) tier.removeAttribute("data-drop");
      goal = to;
      to?.element.setAttribute("data-drop", to.how);
    }

    function over({ clientX, clientY }) {
      const at = document.elementFromPoint(clientX, clientY);
      const home = at && root.contains(at) && at.closest("[data-zone]");
      if (!home) return null;
      if (home.dataset.zone !== "tiers") return { element: home, how: home.dataset.zone };
      const rows = [...home.children];
      if (!rows.length) return { element: home, how: "into", index: 0, fresh: true };
      const index = Math.max(0, rows.findLastIndex((row) => row.getBoundingClientRect().top <= clientY));
      const { top, height } = rows[index].getBoundingClientRect();
      const part = (clientY - top) / height;
      const how = settings.ties && part > 0.3 && part < 0.7 ? "into" : part < 0.5 ? "before" : "after";
      return { element: rows[index], how, index };
    }

    function drag(moved) {
      const x = moved.clientX - start.x;
      const y = moved.clientY - start.y;
      if (!dragged && Math.hypot(x, y) < 5) return;
      if (!dragged) chip.setPointerCapture(event.pointerId);
      dragged = true;
      chip.setAttribute("data-dragged", "");
      chip.style.translate = `${x}px ${y}px`;
      show(over(moved));
    }

    function drop(end) {
      chip.removeEventListener("pointermove", drag);
      chip.removeEventListener("pointerup", drop);
      chip.removeEventListener("pointercancel", drop);
      const to = end.type === "pointerup" && goal;
      show(null);
      chip.style.translate = "";
      chip.removeAttribute("data-dragged");
      if (!to) return;
      const { key } = chip.dataset;
      if (to.how === "pool") back(key);
      else if (to.how === "out") aside(key);
      else if (to.fresh) put(key, 0);
      else put(key, to.how === "after" ? to.index + 1 : to.index, { into: to.how === "into" });
    }

    chip.addEventListener("pointermove", drag);
    chip.addEventListener("pointerup", drop);
    chip.addEventListener("pointercancel", drop);
  });

  // ---- the contract ----

  const draft = () => {
    const ranks = [...tiers.entries()].flatMap(([index, tier]) => tier.map((key) => [key, index + 1]));
    const ranked = [...ranks, ...out.map((key) => [key, null])];
    return ranked.length ? Object.fromEntries(ranked) : null;
  };

  function set(given) {
    const ranked = Object.entries(given ?? {}).filter(([key]) => chips.has(key));
    const ranks = [...new Set(ranked.map(([, rank]) => rank))].filter((rank) => rank !== null).sort((x, y) => x - y);
    tiers = ranks.map((rank) => ranked.filter(([, other]) => other === rank).map(([key]) => key));
    out = ranked.filter(([, rank]) => rank === null).map(([key]) => key);
    refresh();
  }

  responses.forEach(({ key }, index) => (chips.get(key).querySelector("[data-hint]").textContent = KEYS[index] ?? ""));
  set(answer);

  return {
    value: () => (pool().length ? null : draft()),
    draft,
    set,
    keys: [
      ...responses.slice(0, KEYS.length).map(({ key }, index) => ({ key: KEYS[index], label: label(key), run: () => next(key) })),
      ...(settings.ties ? [{ key: "t", label: root.dataset.tieKey, run: () => tie(focused() ?? last) }] : []),
      ...(settings.not_rankable ? [{ key: "x", label: root.dataset.outKey, run: () => aside(focused() ?? pool()[0]) }] : []),
    ],
  };
}
