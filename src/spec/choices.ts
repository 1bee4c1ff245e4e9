// The words that settings and options choose from, and what stands for them when nothing is said. Light: the command line needs them before anything is loaded.
export { RULES } from '../locate/quadrature.js';

export const THRESHOLD_MODES = ['ratio', 'absolute', 'percentile', 'top-k'] as const;
export const SITES = ['post', 'pre'] as const;
export const PATHS = ['frozen-norm', 'plain'] as const;
export const PRESETS = ['default', 'dai2022', 'eleutherai'] as const;

/** How many neurons a rewrite may change where the edit does not say. */
export const NEURONS = { solve: 50, subject: 64 } as const;

/**
 * Native ones first, then the embedded ones. `auto` takes the fastest (`engine/choice/choose.ts`); `cpu` is the slow
 * reference and never chosen by itself.
 */
export const ENGINES = ['tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm+blas', 'wasm', 'cpu'] as const;
export type EngineName = (typeof ENGINES)[number];
export const ENGINE_CHOICES = ['auto', ...ENGINES] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Where the ledgers of models are when none is named. */
export const LEDGERS = '.kn-edit';

/** The model that ships with the program. */
export const DEFAULT_MODEL = 'kn-mini';
