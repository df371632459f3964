// The rubric editor: rows are added, removed, moved and split here; the form sends them in their order.
import { fill } from "../js/i18n.js";

const form = document.querySelector("[data-rubric-editor]");
const list = form.querySelector("[data-rows]");
const rows = () => [...list.querySelectorAll("[data-row]")];
const field = (row, name) => row.querySelector(`[name="${name}"]`);
let dirty = false;

function say(text) {
  form.querySelector("[data-status]").textContent = text;
}

function changed() {
  dirty = true;
  form.querySelector("[data-none]").hidden = rows().length > 0;
}

function fresh({ text = "", points = "1", category = "" } = {}) {
  const row = form.querySelector("[data-empty]").content.firstElementChild.cloneNode(true);
  field(row, "text").value = text;
  field(row, "points").value = points;
  field(row, "category").value = category;
  return row;
}

function move(row, by, focused = document.activeElement) {
  const other = rows()[rows().indexOf(row) + by];
  if (!other) return;
  if (by < 0) other.before(row);
  else other.after(row);
  focused.focus();
  say(fill(form.dataset.moved, { text: field(row, "text").value.slice(0, 40), place: rows().indexOf(row) + 1, all: rows().length }));
  changed();
}

/** Where a text falls into two: at the cursor, else after its first sentence, at a semicolon, or at "and". */
function cut(box) {
  const text = box.value;
  if (box.selectionStart > 0 && box.selectionStart < text.length) return box.selectionStart;
  const found = /[.;]\s+(?=\S)|,?\s+and\s+/.exec(text);
  return found ? found.index + (/^[.;]/.test(found[0]) ? 1 : 0) : text.length;
}

function split(row) {
  const box = field(row, "text");
  const at = cut(box);
  const half = String(Number(field(row, "points").value) / 2);
  const rest = box.value.slice(at).replace(/^[\s,;]*(and\s+)?/, "");
  const next = fresh({ text: rest, points: half, category: field(row, "category").value });
  box.value = box.value.slice(0, at).trim();
  field(row, "points").value = half;
  row.after(next);
  field(next, "text").focus();
  say(form.dataset.split);
  changed();
}

function remove(row) {
  const next = rows()[rows().indexOf(row) + 1] ?? rows()[rows().indexOf(row) - 1];
  row.remove();
  (next ? field(next, "text") : form.querySelector("[data-add]")).focus();
  changed();
}

form.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  const by = Number(event.target.closest("[data-move]")?.dataset.move ?? 0);
  if (row && by) move(row, by, event.target.closest("[data-move]"));
  else if (row && event.target.closest("[data-do-split]")) split(row);
  else if (row && event.target.closest("[data-remove]")) remove(row);
  else if (event.target.closest("[data-add]")) {
    const added = fresh();
    list.append(added);
    field(added, "text").focus();
    changed();
  }
});

form.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-row]");
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!row || !by || !event.altKey) return;
  event.preventDefault();
  move(row, by);
});

form.addEventListener("input", changed);
form.addEventListener("submit", () => (dirty = false));
addEventListener("beforeunload", (event) => dirty && event.preventDefault());

// ---- dragging, by mouse, pen or finger ----

list.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button !== 0) return;
  event.preventDefault();
  const row = handle.closest("[data-row]");
  handle.setPointerCapture(event.pointerId);
  row.setAttribute("data-dragged", "");

  function drag({ clientY }) {
    const before = rows().find((other) => {
      const { top, height } = other.getBoundingClientRect();
      return other !== row && clientY < top + height / 2;
    });
    const at = before ?? null;
    if (at === row.nextElementSibling) return;
    list.insertBefore(row, at);
    handle.setPointerCapture(event.pointerId); // moving it in the page let it go
    changed();
  }

  function drop() {
    row.removeAttribute("data-dragged");
    for (const [name, listener] of Object.entries(ENDS)) handle.removeEventListener(name, listener);
  }

  const ENDS = { pointermove: drag, pointerup: drop, pointercancel: drop };
  for (const [name, listener] of Object.entries(ENDS)) handle.addEventListener(name, listener);
});
