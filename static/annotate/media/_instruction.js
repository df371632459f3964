// Where images or players fill the screen, the instruction stays in sight: one line of it, while the whole is not seen.

export function watchInstruction(root) {
  const line = root.querySelector("[data-instruction]");
  const whole = root.querySelector(".prompt");
  if (!line || !whole) return;
  const watch = new IntersectionObserver((entries) => {
    const { isIntersecting, boundingClientRect, rootBounds } = entries.at(-1); // the newest
    line.toggleAttribute("data-shown", !isIntersecting && boundingClientRect.top < (rootBounds?.bottom ?? innerHeight));
  });
  // The last thing said is the instruction; what stands before it may be gone.
  watch.observe(whole.querySelector(".turn:last-of-type") ?? whole);
}
