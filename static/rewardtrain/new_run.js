// The form of a new run: what belongs to a loss, a head, a penalty or an augmentation shows while that is chosen.
//
// <fieldset data-when="loss=bradley_terry">: shown while the field `loss` has that value; "on" is a ticked box. What is
// hidden is sent all the same, and the server takes only what is chosen. Without this script everything shows.
const form = document.querySelector("[data-recipe]");

function valueOf(name) {
  const field = form.elements[name];
  return field?.type === "checkbox" ? (field.checked ? "on" : "") : (field?.value ?? "");
}

function show() {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    part.hidden = valueOf(name) !== value;
  }
}

if (form) {
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show); // the browser fills the fields in again when one comes back
  show();
}
