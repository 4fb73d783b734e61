// A drawn face between the drawings of a grid: its sliders are the grid's axes.
import { SIZE } from "./graph.js";

const PIXELS = SIZE * SIZE;

// The drawings as one picture, tiles in rows; the last axis changes from tile to tile.
export async function openDrawings(address, axes) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address.pathname}: ${answer.status}`);
  const picture = await createImageBitmap(await answer.blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(picture, 0, 0);
  const { data } = pen.getImageData(0, 0, picture.width, picture.height);
  const across = picture.width / SIZE;

  function tile(number, weight, into) {
    const left = (number % across) * SIZE;
    const top = Math.floor(number / across) * SIZE;
    for (let y = 0, out = 0; y < SIZE; y++) {
      let at = 4 * ((top + y) * picture.width + left);
      for (let x = 0; x < SIZE; x++, out++, at += 4) into[out] += weight * data[at];
    }
  }

  // `places`: for each axis 0 (its first drawing) to 1 (its last).
  return (places) => {
    const face = new Float32Array(PIXELS);
    const cells = axes.map(({ steps }, axis) => {
      const place = places[axis] * (steps - 1);
      const below = Math.min(Math.floor(place), steps - 2);
      return { below, share: place - below, steps };
    });
    for (let corner = 0; corner < 2 ** cells.length; corner++) {
      let number = 0;
      let weight = 1 / 255;
      cells.forEach(({ below, share, steps }, axis) => {
        const upper = (corner >> axis) & 1;
        number = number * steps + below + upper;
        weight *= upper ? share : 1 - share;
      });
      if (weight > 0) tile(number, weight, face);
    }
    return face;
  };
}
