// What the wasm engines do in one step where tfjs would take many. AssemblyScript: `npm run build` compiles it to
// dist/engine/assembly.wasm and assembly-relaxed.wasm, which work on the memory of tfjs' own module
// (../backends/wasm/code.ts). Arguments are addresses there.
export { activate } from './activation';
export { attend, attendBack } from './attention';
export { expand } from './expand';
export { normalise, normaliseBack } from './norm';
export { multiply } from './product';
export { turn } from './rotary';
export { answer } from './softmax';
