// The table of all numbers: sorted by its headers, filtered by paper, verdict and text.
//
// What is chosen stands in the address after "#", so that a link can lead to a filtered view; what
// stands there otherwise is the id of a row. Without this script the table is there, whole.
"use strict";
(() => {
  const table = document.getElementById("verdicts");
  const form = document.getElementById("filters");
  if (!table || !form) return;

  const KEYS = ["paper", "verdict", "text", "sort", "order"];
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const names = headers.map((header) => header.textContent.trim());
  const verdictColumn = names.indexOf("verdict");
  const rows = [...body.rows].map((row, place) => ({
    row,
    place,
    paper: row.dataset.paper,
    verdict: row.cells[verdictColumn].textContent.trim(),
    text: row.textContent.toLowerCase(),
    keys: [...row.cells].map(keyOf),
  }));
  let state = {};

  // A number where the cell has one; else its text; nothing where it is empty.
  function keyOf(cell) {
    const text = cell.textContent.trim();
    const number = Number.parseFloat(cell.dataset.value ?? text);
    if (!Number.isNaN(number)) return number;
    return text === "" || text === "–" ? null : text;
  }

  // Numbers before texts, texts as people read them ("table2" before "table10"), nothing last.
  function compare(one, other, sign) {
    if (one === null || other === null) return (one === null) - (other === null);
    if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
    if (typeof one === "number") return sign * (one - other);
    return sign * one.localeCompare(other, "en", { numeric: true });
  }

  function sorted() {
    const column = names.indexOf(state.sort);
    if (column < 0) return rows;
    const sign = state.order === "descending" ? -1 : 1;
    return [...rows].sort(
      (a, b) => compare(a.keys[column], b.keys[column], sign) || a.place - b.place,
    );
  }

  // Every word must be there, in whatever order.
  function fits(entry) {
    const words = (state.text ?? "").toLowerCase().split(/\s+/);
    return (
      (!state.paper || entry.paper === state.paper) &&
      (!state.verdict || entry.verdict === state.verdict) &&
      words.every((word) => entry.text.includes(word))
    );
  }

  function show() {
    body.append(...sorted().map((entry) => entry.row));
    for (const entry of rows) entry.row.hidden = !fits(entry);
    headers.forEach((header, column) => {
      if (names[column] !== state.sort) header.removeAttribute("aria-sort");
      else header.setAttribute("aria-sort", state.order ?? "ascending");
    });
    for (const name of ["paper", "verdict", "text"]) form.elements[name].value = state[name] ?? "";
    const count = rows.filter((entry) => !entry.row.hidden).length;
    form.querySelector("output").textContent = `${count} of ${rows.length} numbers`;
  }

  function change(wanted) {
    state = { ...state, ...wanted };
    for (const key of KEYS) if (!state[key]) delete state[key];
    const hash = new URLSearchParams(state).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    show();
  }

  // The address leads to a row, or says what to show; an id that is none of ours is the page's.
  function follow() {
    const hash = location.hash.slice(1);
    const target = rows.find((entry) => entry.row.id === decode(hash));
    if (target) {
      if (!fits(target)) state = { sort: state.sort, order: state.order };
      show();
      target.row.scrollIntoView({ block: "center" });
      return;
    }
    const given = new URLSearchParams(hash);
    if (hash && !KEYS.some((key) => given.has(key))) return show();
    const known = KEYS.map((key) => [key, given.get(key)]).filter(isPossible);
    state = Object.fromEntries(known);
    show();
    if (known.length) form.scrollIntoView({ block: "start" });
  }

  // An address may be mistyped, or of a book with other rows.
  function isPossible([key, value]) {
    if (key === "sort") return names.includes(value);
    if (key === "order") return ["ascending", "descending"].includes(value);
    return value && (key === "text" || rows.some((entry) => entry[key] === value));
  }

  function decode(hash) {
    try {
      return decodeURIComponent(hash);
    } catch {
      return hash;
    }
  }

  function fill(select, values) {
    for (const value of new Set(values)) select.add(new Option(value, value));
  }

  headers.forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = names[column];
    button.addEventListener("click", () => {
      const again = state.sort === names[column] && state.order !== "descending";
      change({ sort: names[column], order: again ? "descending" : "ascending" });
    });
    header.replaceChildren(button);
  });
  fill(form.elements.paper, rows.map((entry) => entry.paper));
  fill(form.elements.verdict, rows.map((entry) => entry.verdict).sort());
  form.addEventListener("input", (event) => change({ [event.target.name]: event.target.value }));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change({ paper: "", verdict: "", text: "" });
  });
  window.addEventListener("hashchange", follow);
  form.hidden = false;
  follow();
})();
