// A picture of the reader's, or of the camera: read, shown, and the part in the crop box as 48 x 48.
import { SIZE } from "./graph.js";

const LONGEST = 1280; // pixels, to which a larger picture is brought
const MOST = 150e6; // pixels of a picture that is read at all
const LEAST = 16; // pixels a side, below which nothing of a face is left
const FINE = 4; // the crop is averaged from so many times as many pixels a side

// What is wrong with the reader's picture, in words for the reader.
export class Unfit extends Error {}

// A canvas with the picture of a file or address in it.
export async function readPicture(source, name) {
  const image = new Image();
  const address = typeof source === "string" ? source : URL.createObjectURL(source);
  image.src = address;
  try {
    await image.decode();
    return onCanvas(image, image.naturalWidth, image.naturalHeight, name);
  } catch (error) {
    if (error instanceof Unfit) throw error;
    const { naturalWidth: width, naturalHeight: height } = image;
    if (width && height) throw new Unfit(`${name}: ${width} × ${height} pixels are too many here.`);
    throw new Unfit(`${name} is no picture that this browser reads.`);
  } finally {
    if (address !== source) URL.revokeObjectURL(address);
  }
}

function onCanvas(image, width, height, name) {
  if (Math.min(width, height) < LEAST) {
    throw new Unfit(`${name}: ${width} × ${height} pixels cannot show a face; it takes ${LEAST} a side.`);
  }
  if (width * height > MOST) {
    throw new Unfit(`${name}: ${width} × ${height} pixels are too many; 12000 × 12000 are fine.`);
  }
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// A camera's stream in a video element, and how to end it.
export async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) throw new Unfit("This browser offers no camera here.");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 640 } },
    });
  } catch (error) {
    const refused = error.name === "NotAllowedError";
    throw new Unfit(refused ? "The camera was refused." : "No camera could be opened.");
  }
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  return { video, close: () => stream.getTracks().forEach((track) => track.stop()) };
}

// A square of a picture, kept inside it.
export class Crop {
  constructor(width, height, given) {
    Object.assign(this, { width, height });
    const side = 0.6 * Math.min(width, height);
    const centred = { x: (width - side) / 2, y: (height - side) / 2, side };
    Object.assign(this, given ?? centred);
    this.move(0, 0);
  }

  get largest() {
    return Math.min(this.width, this.height);
  }

  move(x, y) {
    this.x = Math.max(0, Math.min(this.width - this.side, this.x + x));
    this.y = Math.max(0, Math.min(this.height - this.side, this.y + y));
  }

  // Around its middle, to a share of the largest square.
  resize(share) {
    const side = Math.max(LEAST, share * this.largest);
    const less = (this.side - side) / 2;
    this.side = side;
    this.move(less, less);
  }
}

const fine = document.createElement("canvas");
fine.width = fine.height = SIZE * FINE;
const finePen = fine.getContext("2d", { willReadFrequently: true });
finePen.imageSmoothingQuality = "high";

// (2304,) grey in 0 to 1, as the networks take it.
export function cropped(picture, crop) {
  finePen.drawImage(picture, crop.x, crop.y, crop.side, crop.side, 0, 0, fine.width, fine.height);
  const { data } = finePen.getImageData(0, 0, fine.width, fine.height);
  const grey = new Float32Array(SIZE * SIZE);
  const share = 1 / (255 * FINE * FINE);
  for (let at = 0, pixel = 0; at < data.length; at += 4, pixel++) {
    const x = Math.floor((pixel % fine.width) / FINE);
    const y = Math.floor(pixel / (fine.width * FINE));
    const light = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
    grey[y * SIZE + x] += share * light;
  }
  return grey;
}
