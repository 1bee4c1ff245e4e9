// What a score map is, and the settings that it is computed under: plain data, for every face of the program.
import type { NoiseSettings } from '../spec/noise.js';
import type { Rule } from './quadrature.js';

/** Where the path runs: the activation after the non-linearity (the paper's), or the row before it. */
export type Site = 'post' | 'pre';

/**
 * How the path runs from zero to the activation, always straight. `frozen-norm`: where a norm acts on the FFN's output
 * alone, it divides by the root mean square that it meets at the end of the path. It would undo all scaling otherwise,
 * so that P changes in a corner near zero only.
 */
export type Path = 'plain' | 'frozen-norm';

/** Where the path runs, and how. */
export interface Course {
  site: Site;
  /** `plain` unless given. */
  path?: Path | undefined;
}

export interface AttributionSettings extends Course {
  rule: Rule;
  /** Nodes of a fixed rule; of `graded-gauss-legendre`, on each interval. */
  steps: number;
  /** Residual that `adaptive` stops at. */
  tolerance: number;
}

/** How a score map is computed. */
export interface MapSettings extends AttributionSettings {
  noise?: NoiseSettings | undefined;
}

/** Where the paths of all layers begin and end. */
export interface PathEnds {
  /** P(target) of the unperturbed prompt, where all paths end. */
  prob: number;
  /** P(a) - P(0), per layer. */
  deltas: number[];
}

/** How good the integral of one layer is. */
export interface Completeness {
  /** Sum of the layer's scores. */
  sum: number;
  /** P(a) - P(0), which the sum must equal. */
  delta: number;
  /** |sum - delta| / max over layers of |delta|. */
  residual: number;
  /** Nodes of the integral; those of attempts that were given up do not count. */
  nodes: number;
}

/** What is found for some layers. */
export interface LayerScores {
  /** [L, F], row by row. */
  scores: Float32Array;
  /** One per layer. */
  completeness: Completeness[];
}

export interface Attribution extends LayerScores {
  /** P(target) of the unperturbed prompt. */
  prob: number;
}
