// What the reader sees: the face with its landmarks, the heatmap, the bars.
import { SIZE } from "./graph.js";

const SEEN = 0.02; // a smaller move of a bar is not marked

const small = document.createElement("canvas");
small.width = small.height = SIZE;
const smallPen = small.getContext("2d");

// Values (2304,) in 0 to 1, each a colour of the scale, over the whole canvas.
function raster(canvas, values, colour) {
  const image = smallPen.createImageData(SIZE, SIZE);
  values.forEach((value, pixel) => {
    const [red, green, blue] = colour(Math.max(0, Math.min(1, value)));
    image.data.set([red, green, blue, 255], 4 * pixel);
  });
  smallPen.putImageData(image, 0, 0);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  return pen;
}

export function face(canvas, grey, landmarks) {
  const pen = raster(canvas, grey, (value) => [255 * value, 255 * value, 255 * value]);
  const scale = canvas.width / SIZE;
  pen.fillStyle = "#00e0ff";
  pen.strokeStyle = "#00303a";
  pen.lineWidth = scale / 6;
  for (let index = 0; index < landmarks.length; index += 2) {
    pen.beginPath();
    const [x, y] = [landmarks[index], landmarks[index + 1]].map((value) => (value + 0.5) * scale);
    pen.arc(x, y, scale / 2.6, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }
}

// `scale`: colours [red, green, blue], from 0 to 1 in even steps.
export function heatmap(canvas, values, scale) {
  raster(canvas, values, (value) => scale[Math.round(value * (scale.length - 1))]);
}

export function picture(canvas, source, crop) {
  const pen = canvas.getContext("2d");
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const scale = canvas.width / crop.width;
  const box = [crop.x, crop.y, crop.side, crop.side].map((value) => value * scale);
  pen.fillStyle = "rgb(0 0 0 / 45%)";
  pen.beginPath();
  pen.rect(0, 0, canvas.width, canvas.height);
  pen.rect(...box);
  pen.fill("evenodd");
  pen.strokeStyle = "#ffb000";
  pen.lineWidth = canvas.width / 120;
  pen.strokeRect(...box);
}

// A row for each emotion, a cell for each network; returns what fills them in.
export function bars(table, emotions, networks) {
  const percent = (value) => `${Math.round(100 * value)} %`;
  const head = table.createTHead().insertRow();
  const th = (row, text, scope) => {
    const cell = document.createElement("th");
    cell.scope = scope;
    cell.textContent = text;
    row.append(cell);
    return cell;
  };
  th(head, "emotion", "col");
  for (const { name } of networks) th(head, name, "col");
  const body = table.createTBody();
  const cells = emotions.map((emotion) => {
    const row = body.insertRow();
    th(row, emotion, "row");
    return networks.map(({ colour }) => {
      const cell = row.insertCell();
      cell.className = "live-bar";
      cell.style.setProperty("--colour", colour);
      cell.append(document.createElement("span"));
      return cell;
    });
  });
  return (now, bare, covered) => {
    cells.forEach((row, emotion) =>
      row.forEach((cell, network) => {
        const at = network * emotions.length + emotion;
        cell.style.setProperty("--now", now[at]);
        cell.style.setProperty("--bare", bare[at]);
        cell.classList.toggle("covered", covered && Math.abs(now[at] - bare[at]) > SEEN);
        cell.firstChild.textContent = percent(now[at]);
        const own = now.slice(network * emotions.length, (network + 1) * emotions.length);
        cell.classList.toggle("first", now[at] === Math.max(...own));
      }),
    );
  };
}

// How far each network's answer moved: the share of probability that lies elsewhere now.
export function moved(now, bare, networks, emotions) {
  return networks.map(({ name }, network) => {
    let apart = 0;
    for (let emotion = 0; emotion < emotions.length; emotion++) {
      const at = network * emotions.length + emotion;
      apart += Math.abs(now[at] - bare[at]) / 2;
    }
    return { name, apart };
  });
}

export function first(values, network, emotions) {
  const own = Array.from(values.slice(network * emotions.length, (network + 1) * emotions.length));
  const best = own.indexOf(Math.max(...own));
  return `${emotions[best]} ${Math.round(100 * own[best])} %`;
}
