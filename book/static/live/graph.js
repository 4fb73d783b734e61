// The networks: one ONNX graph, computed by WebAssembly on one thread of the reader's processor.
//
// image (1, 1, 48, 48), grey in 0 to 1 -> landmarks (68, 2), heatmap (48, 48), probabilities (3, 7)
import * as ort from "../ort/ort.wasm.min.mjs";

export const SIZE = 48;

export async function openGraph(address) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("../ort/", import.meta.url).href;
  ort.env.logLevel = "error";
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address.pathname}: ${answer.status}`);
  const session = await ort.InferenceSession.create(await answer.arrayBuffer(), {
    executionProviders: ["wasm"],
  });
  return async (grey) => {
    const image = new ort.Tensor("float32", grey, [1, 1, SIZE, SIZE]);
    const out = await session.run({ image });
    return {
      landmarks: out.landmarks.data,
      heatmap: out.heatmap.data,
      probabilities: out.probabilities.data,
    };
  };
}
