// What covers a face: a mask, whole regions, and strokes of a brush. All of it moves with the landmarks
// of the uncovered face but the strokes, which stay where they were painted.
import { SIZE } from "./graph.js";

const GREY = 0.5;
const CLOTH = 0.8;
const FOLD = 0.62;
const MARGIN = 2; // pixels between a region's landmarks and the edge of what covers it
const BRUSH = 2.6; // pixels
const FINE = 4; // the mask's edge is averaged from so many times as many pixels a side

const point = (landmarks, index) => [landmarks[2 * index], landmarks[2 * index + 1]];

export class Cover {
  constructor(regions) {
    this.regions = regions; // {name: landmarks, one list for each part}
    this.chosen = new Set();
    this.mask = false;
    this.painted = new Uint8Array(SIZE * SIZE);
    const canvas = new OffscreenCanvas(SIZE * FINE, SIZE * FINE);
    this.pen = canvas.getContext("2d", { willReadFrequently: true });
  }

  get any() {
    return this.mask || this.chosen.size > 0 || this.painted.includes(1);
  }

  clear() {
    this.chosen.clear();
    this.mask = false;
    this.painted.fill(0);
  }

  // A stroke from one place to the next, in pixels of the face.
  paint([fromX, fromY], [toX, toY]) {
    const steps = Math.max(1, Math.ceil(Math.hypot(toX - fromX, toY - fromY)));
    for (let step = 0; step <= steps; step++) {
      const x = fromX + ((toX - fromX) * step) / steps;
      const y = fromY + ((toY - fromY) * step) / steps;
      for (let row = 0; row < SIZE; row++) {
        for (let column = 0; column < SIZE; column++) {
          if (Math.hypot(column - x, row - y) < BRUSH) this.painted[row * SIZE + column] = 1;
        }
      }
    }
  }

  // `face` (2304,) with its cover on, a new array.
  over(face, landmarks) {
    const covered = Float32Array.from(face);
    if (this.mask) this.wear(covered, landmarks);
    for (const name of this.chosen) {
      for (const part of this.regions[name]) this.box(covered, landmarks, part);
    }
    this.painted.forEach((on, pixel) => on && (covered[pixel] = GREY));
    return covered;
  }

  box(covered, landmarks, part) {
    const places = part.map((index) => point(landmarks, index));
    const [left, top] = [0, 1].map((axis) => Math.min(...places.map((at) => at[axis])) - MARGIN);
    const [right, bottom] = [0, 1].map((axis) => Math.max(...places.map((at) => at[axis])) + MARGIN);
    for (let y = Math.max(0, Math.round(top)); y <= Math.min(SIZE - 1, Math.round(bottom)); y++) {
      for (let x = Math.max(0, Math.round(left)); x <= Math.min(SIZE - 1, Math.round(right)); x++) {
        covered[y * SIZE + x] = GREY;
      }
    }
  }

  // A surgical mask: from one side of the jaw below the chin to the other, and over the nose.
  wear(covered, landmarks) {
    const { pen } = this;
    const at = (index) => point(landmarks, index).map((value) => (value + 0.5) * FINE);
    const between = (a, b, share) => a.map((value, axis) => value + share * (b[axis] - value));
    pen.clearRect(0, 0, SIZE * FINE, SIZE * FINE);
    pen.beginPath();
    pen.moveTo(...at(2));
    for (let index = 3; index <= 14; index++) pen.lineTo(...at(index));
    const [right, bridge, left] = [at(14), between(at(28), at(29), 0.3), at(2)];
    pen.quadraticCurveTo(...between(right, bridge, 0.6), ...bridge);
    pen.quadraticCurveTo(...between(left, bridge, 0.6), ...left);
    pen.closePath();
    pen.fillStyle = `rgb(${255 * CLOTH} 0 0)`;
    pen.fill();
    pen.strokeStyle = `rgb(${255 * FOLD} 0 0)`;
    pen.lineWidth = FINE * 0.7;
    for (const [from, to, share] of [[3, 13, 0.25], [4, 12, 0.3], [5, 11, 0.35]]) {
      const middle = between(at(30), at(8), share);
      pen.beginPath();
      pen.moveTo(...between(at(from), middle, 0.12));
      pen.quadraticCurveTo(...middle, ...between(at(to), middle, 0.12));
      pen.stroke();
    }
    const { data } = pen.getImageData(0, 0, SIZE * FINE, SIZE * FINE);
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        let [grey, opaque] = [0, 0];
        for (let row = 0; row < FINE; row++) {
          for (let column = 0; column < FINE; column++) {
            const place = 4 * ((y * FINE + row) * SIZE * FINE + x * FINE + column);
            grey += (data[place] / 255) * (data[place + 3] / 255);
            opaque += data[place + 3] / 255;
          }
        }
        const share = opaque / FINE ** 2;
        const pixel = y * SIZE + x;
        covered[pixel] = covered[pixel] * (1 - share) + grey / FINE ** 2;
      }
    }
  }
}
