// How large a network is, told from the shapes that its plan asks for: no weights are needed.
import type { Design, Family } from './families/family.js';
import type { Extent } from './model-info.js';
import { Parts } from './parts.js';

/** Up to a layer's number: how the names of all its tensors start. */
const LAYER = /^.*?\.\d+\./;

/** What a configuration comes to, whether there are weights for it or not. */
export function extentOf({ layout }: Family, { plan, sizes, value }: Design): Extent {
  const parts = new Parts(layout);
  plan(parts);
  const usual = [...parts.shapes].filter(([name]) => !parts.rare.has(name));
  const [start = ''] = LAYER.exec(value(0)) ?? [];
  const inBlock = usual.filter(([name, shape]) => name.startsWith(start) && shape.length === 2);
  const outputs = inBlock.map(([, [rows = 0, columns = 0]]) => (layout === 'out-in' ? rows : columns));
  const [, unembedding = []] = usual.find(([, [rows]]) => rows === sizes.vocabulary) ?? [];
  return {
    parameters: total(usual.map(([, shape]) => shape)),
    block: total(inBlock.map(([, shape]) => shape)),
    outputs: outputs.reduce((sum, width) => sum + width, 0),
    head: total([unembedding]),
  };
}

function total(shapes: readonly (readonly number[])[]): number {
  return shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
}
