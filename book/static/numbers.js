// A number in a table says where it comes from, when it is pointed at, tapped, or chosen by key.
//
// The page carries the origins of its numbers as data, by their text; without this script the numbers
// stand there all the same, and the line beside each table says what runs it is made of.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const origins = new Map();
  for (const data of document.querySelectorAll("script.sources")) {
    for (const [text, found] of Object.entries(JSON.parse(data.textContent))) {
      origins.set(text, found);
    }
  }
  if (!origins.size || !("popover" in HTMLElement.prototype)) return;

  const root = document.documentElement.dataset.content_root ?? "";
  const box = document.createElement("div");
  box.id = "origin";
  box.popover = "auto";
  document.body.append(box);
  let shown = null;
  let leaving = 0;

  const plural = (count, thing) => `${count} ${thing}${count === 1 ? "" : "s"}`;

  function link(experiment) {
    const a = document.createElement("a");
    a.href = `${root}book/records.html#${experiment.replace("/", "-")}`;
    a.textContent = experiment;
    return a;
  }

  function said(origin) {
    const p = document.createElement("p");
    const seeds = `${plural(origin.seeds.length, "seed")} (${origin.seeds.join(", ")})`;
    const images = origin.images ? `, ${plural(origin.images.toLocaleString("en"), "image")}` : "";
    p.append(`${seeds}, tier ${origin.tier}${images}: `);
    const named = Map.groupBy
      ? Map.groupBy(origin.runs, (run) => run[0])
      : new Map(origin.runs.map(([name]) => [name, origin.runs.filter((run) => run[0] === name)]));
    let first = true;
    for (const [name, runs] of named) {
      if (!first) p.append("; ");
      first = false;
      p.append(link(name), ` ${runs.map((run) => run[1]).join(", ")}`);
    }
    return p;
  }

  function show(button) {
    clearTimeout(leaving);
    if (shown === button && box.matches(":popover-open")) return;
    const found = origins.get(button.dataset.number);
    const head = document.createElement("p");
    head.className = "number-head";
    const many = found.some((origin) => origin.seeds.length > 1);
    head.textContent = button.textContent.includes("[")
      ? `${many ? "Mean over seeds" : "One seed"} [95 % interval]`
      : "Computed from";
    box.replaceChildren(head, ...found.map(said));
    box.showPopover();
    const at = button.getBoundingClientRect();
    const left = Math.min(at.left, innerWidth - box.offsetWidth - 8);
    const below = at.bottom + 6;
    const fits = below + box.offsetHeight < innerHeight;
    box.style.left = `${Math.max(8, left)}px`;
    box.style.top = `${fits ? below : Math.max(8, at.top - box.offsetHeight - 6)}px`;
    shown = button;
  }
  const hide = () => box.matches(":popover-open") && box.hidePopover();
  const leave = () => (leaving = setTimeout(hide, 250));
  box.addEventListener("pointerenter", () => clearTimeout(leaving));
  box.addEventListener("pointerleave", leave);
  addEventListener("scroll", hide, { passive: true });

  const written = (cell) => cell.textContent.trim().replace(/\s+/g, " ");
  function head(cell) {
    const longest = [...(cell.closest("table").tHead?.rows ?? [])].reduce(
      (one, other) => (one && one.cells.length >= other.cells.length ? one : other),
      null,
    );
    const fromEnd = [...cell.parentElement.children].reverse().indexOf(cell) + 1;
    const above = longest?.cells[longest.cells.length - fromEnd];
    return above ? written(above) : "";
  }
  for (const cell of document.querySelectorAll(".bd-article td")) {
    if (cell.querySelector("a, button")) continue;
    // a number may be known by its row and column, or wherever it stands
    const row = [...cell.parentElement.querySelectorAll("th")].map(written).join(" ");
    const place = `${row}\n${head(cell)}\n${written(cell)}`;
    const text = [place, written(cell)].find((key) => origins.has(key));
    if (text === undefined) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "number";
    button.dataset.number = text;
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => show(button));
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(button));
    button.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
  }
});
