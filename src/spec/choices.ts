// The words that settings and options choose from, and what stands for them when nothing is said. Light: the command line needs them before anything is loaded.
export { RULES } from '../locate/quadrature.js';

export const THRESHOLD_MODES = ['ratio', 'absolute', 'percentile', 'top-k'] as const;
export const SITES = ['post', 'pre'] as const;
export const PATHS = ['frozen-norm', 'plain'] as const;
export const PRESETS = ['default', 'dai2022', 'eleutherai'] as const;

/** How a rewrite finds its vectors: two closed formulas, and four that solve for them. */
export const REWRITES = ['relative', 'absolute', 'solve', 'subject', 'rome', 'memit'] as const;
export type Method = (typeof REWRITES)[number];

/** Those that change every value vector of their layers. */
export const OF_WHOLE_LAYERS: readonly (Method | undefined)[] = ['rome', 'memit'];
/** Those that locate nothing. */
export const AT_SUBJECT: readonly (Method | undefined)[] = ['subject', ...OF_WHOLE_LAYERS];

/** How facts are rewritten in a model unless an edit says otherwise: at the subject where it reads what it knows there. */
export function usualMethod(causal: boolean): Method {
  return causal ? 'subject' : 'solve';
}

/** Of the depth: there decoders look their subjects up (Meng et al. 2022, section 2; measured on SmolLM2). */
const DEPTH = 0.4;

/** The layer in which a rewrite acts at the subject. @param layers of the model */
export function usualLayer(layers: number): number {
  return Math.round(DEPTH * layers);
}

/** How many neurons a rewrite that is solved for may change where the edit does not say. */
export const NEURONS = { solve: 128, subject: 64 } as const;
/** How many more for each other edit that it holds: what is held takes freedom away. */
const MORE_NEURONS = 16;

/**
 * How many neurons a rewrite changes where its file does not say: at most half of the layer's, so that others are left to
 * compare with.
 * @param others edits that it holds
 * @param width F
 */
export function neuronsFor(method: keyof typeof NEURONS, others: number, width: number): number {
  return Math.min(NEURONS[method] + MORE_NEURONS * others, Math.floor(width / 2));
}

/** What a sweep does with each fact; `edit` is a rewrite. */
export const SWEEP_OPERATIONS = ['locate', 'edit', 'suppress', 'amplify', 'erase'] as const;
export type SweepOperation = (typeof SWEEP_OPERATIONS)[number];

/** By what the neurons are chosen that a sweep changes; activation: the baseline of Dai et al. 2022, section 4. */
export const CHOSEN_BY = ['attribution', 'activation'] as const;
export type ChosenBy = (typeof CHOSEN_BY)[number];

/** Settings of a rewrite that can be tried at several values. */
export const SWEPT = ['lambdaNew', 'lambdaOld', 'neurons'] as const;

/**
 * By which share perplexity on ordinary text may rise with an edit. On SmolLM2, rewrites that hold the text in place raise
 * it by .001, and on random neurons by .04; closed formulas by .27 and far more, in kn-mini by .02 to .85.
 */
export const PERPLEXITY_LIMIT = 0.1;

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
