// Puts the path of a column where the cursor stands in the mapping; the preview follows what is typed by itself.

const text = document.querySelector("#id_text");

for (const button of document.querySelectorAll("[data-path]")) {
  button.addEventListener("click", () => {
    const path = button.dataset.path;
    text.setRangeText(path, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}
