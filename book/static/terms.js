// What a word means, at its mention: to a pointer, to a finger (a second tap follows the link), and
// to the keyboard. Without this script the browser shows the same as the link's title.
addEventListener("DOMContentLoaded", () => {
  const links = [...document.querySelectorAll("article a.reference[title]")].filter((link) =>
    link.querySelector(".std-term"),
  );
  if (!links.length) return;
  const box = document.createElement("div");
  box.className = "meaning";
  box.id = "meaning";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  let shown = null;
  let leaving = 0;

  const show = (link) => {
    clearTimeout(leaving);
    if (shown && shown !== link) shown.removeAttribute("aria-describedby");
    shown = link;
    box.textContent = link.dataset.meaning;
    box.hidden = false;
    link.setAttribute("aria-describedby", box.id);
    const word = link.getClientRects()[0];
    const room = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(word.left, room - box.offsetWidth - 8));
    const below = word.bottom + 6 + box.offsetHeight <= innerHeight;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${(below ? word.bottom + 6 : word.top - 6 - box.offsetHeight) + scrollY}px`;
  };
  const hide = () => {
    clearTimeout(leaving);
    if (shown) shown.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
  };
  const leave = () => {
    leaving = setTimeout(hide, 200); // time to move onto the box
  };

  for (const link of links) {
    link.dataset.meaning = link.title;
    link.removeAttribute("title");
    let tapped = false; // by a finger, while its meaning was not yet shown
    link.addEventListener("pointerdown", (event) => {
      tapped = event.pointerType !== "mouse" && shown !== link;
    });
    link.addEventListener("click", (event) => {
      if (tapped) event.preventDefault();
      tapped = false;
      show(link);
    });
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") show(link);
    });
    link.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") leave();
    });
    link.addEventListener("focus", () => {
      if (!tapped) show(link);
    });
    link.addEventListener("blur", leave);
  }
  box.addEventListener("pointerenter", () => clearTimeout(leaving));
  box.addEventListener("pointerleave", leave);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  addEventListener("pointerdown", (event) => {
    if (shown && event.target !== box && !event.target.closest("a.reference")) hide();
  });
});
