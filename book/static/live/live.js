// The page "Leave a landmark alone": sources of a face, what covers it, and what three networks say.
import { SIZE, openGraph } from "./graph.js";
import { openDrawings } from "./drawn.js";
import { Crop, Unfit, cropped, openCamera, readPicture } from "./picture.js";
import { Cover } from "./cover.js";
import * as show from "./show.js";

const root = document.getElementById("live");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const near = (file) => new URL(file, import.meta.url);

async function begin() {
  const answer = await fetch(near("data.json"));
  if (!answer.ok) throw new Error(`data.json: ${answer.status}`);
  const data = await answer.json();
  const [look, draw] = await Promise.all([
    openGraph(near("graph.onnx")),
    openDrawings(near("faces.png"), data.axes),
  ]);
  page(data, look, draw);
}

function page(data, look, draw) {
  const { emotions, networks, axes } = data;
  const fill = show.bars(part("bars"), emotions, networks);
  const cover = new Cover(data.regions);
  const sliders = axes.map((axis) => slider(axis));
  const canvases = { face: part("face"), heatmap: part("heatmap"), picture: part("picture") };
  let source = { kind: "drawn" };
  let wanted = true; // something changed since the networks were last asked
  let busy = false;
  let frames = 0;
  const change = () => (wanted = true);

  function slider({ label, low, high, start }) {
    const box = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "range" });
    Object.assign(input, { min: 0, max: 1, step: 0.01, value: start });
    const ends = Object.assign(document.createElement("span"), { textContent: `${low} – ${high}` });
    box.append(Object.assign(document.createElement("b"), { textContent: label }), ends, input);
    part("sliders").append(box);
    const told = () => {
      const share = Math.round(100 * input.value);
      input.setAttribute("aria-valuetext", `${share} % of the way from ${low} to ${high}`);
    };
    told();
    input.addEventListener("input", () => {
      told();
      change();
    });
    return input;
  }

  // --- what the networks are shown ---------------------------------------------------------------

  function bareFace() {
    if (source.kind === "drawn") return draw(sliders.map((input) => Number(input.value)));
    return cropped(source.picture, source.crop);
  }

  async function frame() {
    requestAnimationFrame(frame);
    if (busy || document.hidden || !(wanted || source.kind === "camera")) return;
    busy = true;
    wanted = false;
    try {
      await ask();
    } finally {
      busy = false;
    }
  }

  async function ask() {
    const began = performance.now();
    const bare = bareFace();
    const before = await look(bare);
    const seen = cover.any ? cover.over(bare, before.landmarks) : bare;
    const now = cover.any ? await look(seen) : before;
    const took = performance.now() - began;
    if (source.picture) show.picture(canvases.picture, source.picture, source.crop);
    show.face(canvases.face, seen, now.landmarks);
    show.heatmap(canvases.heatmap, now.heatmap, data.magma);
    fill(now.probabilities, before.probabilities, cover.any);
    say(now.probabilities, before.probabilities);
    part("pace").textContent = `${took.toFixed(0)} ms for this face`;
    Object.assign(root.dataset, { frames: ++frames, took: took.toFixed(2), state: "ready" });
  }

  function say(now, before) {
    const opinions = networks.map(({ name }, at) => `${name}: ${show.first(now, at, emotions)}`);
    canvases.face.setAttribute("aria-label", `The face with 68 landmarks. ${opinions.join("; ")}`);
    tell(opinions.join("; "));
    const apart = show.moved(now, before, networks, emotions);
    part("moved").textContent = cover.any
      ? `Covering moved this share of each answer: ${apart
          .map(({ name, apart: share }) => `${name} ${Math.round(100 * share)} %`)
          .join(", ")} (0 %: as before, 100 %: all elsewhere).`
      : "Nothing is covered.";
  }

  // To those who do not see the bars, once they stand still.
  let telling = 0;
  function tell(words) {
    clearTimeout(telling);
    telling = setTimeout(() => (part("told").textContent = words), 800);
  }

  // --- where the face comes from -----------------------------------------------------------------

  function use(next, words = "") {
    if (next !== source) source.close?.();
    source = next;
    const drawn = next.kind === "drawn";
    part("sliders").hidden = !drawn;
    part("framing").hidden = drawn;
    part("said").textContent = words;
    cover.painted.fill(0);
    for (const input of part("sources").elements) {
      if (input.type === "radio") input.checked = input.value === next.kind;
    }
    part("pick").setAttribute("aria-pressed", next.kind === "own");
    if (!drawn) {
      const { width, height } = next.crop;
      const scale = 480 / Math.max(width, height);
      const [across, down] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
      Object.assign(canvases.picture, { width: across, height: down });
      part("zoom").value = next.crop.side / next.crop.largest;
    }
    change();
  }

  const still = (kind, picture, crop) => ({
    kind,
    picture,
    crop: new Crop(picture.width, picture.height, crop),
  });
  const sources = {
    drawn: () => ({ kind: "drawn" }),
    photograph: async () => still("photograph", await readPicture(near("collins.jpg").href), data.crop),
    own: async (file) => still("own", await readPicture(file, file.name)),
    camera: async () => {
      const { video, close } = await openCamera();
      const crop = new Crop(video.videoWidth, video.videoHeight);
      return { kind: "camera", picture: video, crop, close };
    },
  };

  async function choose(kind, file) {
    try {
      use(await sources[kind](file));
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      use(source, error.message);
    }
  }

  part("sources").addEventListener("change", ({ target }) => {
    if (target.type === "file") {
      const [file] = target.files;
      target.value = ""; // the same file again is a change again
      if (file) choose("own", file);
    } else choose(target.value);
  });
  part("pick").addEventListener("click", () => part("file").click());
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) choose("own", event.dataTransfer.files[0]);
  });
  addEventListener("pagehide", () => source.close?.());

  // --- the crop box ------------------------------------------------------------------------------

  dragged(canvases.picture, (from, to) => {
    const scale = source.crop.width;
    source.crop.move((to[0] - from[0]) * scale, (to[1] - from[1]) * scale);
    change();
  });
  canvases.picture.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!steps[event.key]) return;
    event.preventDefault();
    source.crop.move(...steps[event.key].map((step) => (step * source.crop.side) / 20));
    change();
  });
  part("zoom").addEventListener("input", ({ target }) => {
    source.crop.resize(Number(target.value));
    change();
  });

  // --- what covers it ----------------------------------------------------------------------------

  part("covers").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const { cover: name } = button.dataset;
    if (name === "nothing") cover.clear();
    else if (name === "mask") cover.mask = !cover.mask;
    else if (!cover.chosen.delete(name)) cover.chosen.add(name);
    for (const one of part("covers").querySelectorAll("[aria-pressed]")) {
      const on = one.dataset.cover === "mask" ? cover.mask : cover.chosen.has(one.dataset.cover);
      one.setAttribute("aria-pressed", on);
    }
    change();
  });
  dragged(canvases.face, (from, to) => {
    cover.paint(...[from, to].map((place) => place.map((share) => share * SIZE - 0.5)));
    change();
  });

  part("waiting").hidden = true;
  part("stage").hidden = false;
  use(source);
  requestAnimationFrame(frame);
}

// Calls with the places between which a pointer was drawn over an element, as shares of its width.
function dragged(element, moved) {
  let last = null;
  const place = ({ clientX, clientY }) => {
    const box = element.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.width];
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    last = place(event);
    if (event.pointerType !== "touch") moved(last, last); // a finger may be about to scroll
  });
  element.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = place(event);
    moved(last, next);
    last = next;
  });
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => (last = null));
}

begin().catch((error) => {
  part("waiting").textContent = `The networks could not be opened here (${error.message}).`;
  root.dataset.state = "failed";
});
