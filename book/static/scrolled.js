// What scrolls inside a box of its own is reached by keyboard; what does not is passed over.
const boxes = ".bd-article :is(table, pre, div.math, mjx-container)";
const reach = () => {
  for (const box of document.querySelectorAll(boxes)) {
    if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
};
addEventListener("load", () => {
  reach();
  window.MathJax?.startup?.promise?.then(reach); // formulas are set later
});
addEventListener("resize", reach);
document.addEventListener("toggle", reach, true); // a block that was opened
