// The settings of locating as a row of dials: how each is shown, and what one step up or down makes of it.
import type { ModelInfo } from '../../lm/model-info.js';
import { scientific } from '../../report/numbers.js';
import { PATHS, PRESETS, RULES, SITES, THRESHOLD_MODES } from '../../spec/choices.js';
import type { LocateOptions, LocateSettings } from '../../spec/settings.js';

export interface Dial {
  label: string;
  show: (settings: LocateSettings, options: LocateOptions) => string;
  /** @param by 1 or -1 */
  turn: (settings: LocateSettings, by: number, options: LocateOptions) => LocateOptions;
}

/** Where a threshold starts when its mode is chosen. */
const START = { ratio: 0.2, absolute: 0.001, percentile: 99.5, 'top-k': 20 };

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
const round = (value: number) => Number(value.toFixed(4));

export function next<T>(choices: readonly T[], present: T, by: number): T {
  const at = choices.indexOf(present) + by + choices.length;
  return choices[at % choices.length] as T;
}

function turnThreshold({ thresholdMode, threshold }: LocateSettings, by: number): number {
  switch (thresholdMode) {
    case 'ratio':
      return round(clamp(threshold + 0.02 * by, 0, 1));
    case 'percentile':
      return round(clamp(threshold + 0.1 * by, 0, 100));
    case 'top-k':
      return Math.max(1, threshold + by);
    case 'absolute':
      return threshold * 1.25 ** by;
  }
}

function showThreshold({ thresholdMode, threshold }: LocateSettings): string {
  if (thresholdMode === 'absolute') return scientific(threshold);
  return thresholdMode === 'top-k' ? String(threshold) : threshold.toFixed(2);
}

/**
 * The dials for a model, in the order in which the tab key goes through them: those that choose from the maps, then
 * those that make them. Where there is one path only, nothing is to be chosen.
 */
export function dialsFor(model: ModelInfo | undefined): readonly Dial[] {
  return model?.normsOutput ? [...DIALS, PATH] : DIALS;
}

const DIALS: readonly Dial[] = [
  {
    label: 'threshold',
    show: showThreshold,
    turn: (settings, by) => ({ threshold: turnThreshold(settings, by) }),
  },
  {
    label: 'share',
    show: ({ share }) => share.toFixed(2),
    turn: ({ share }, by) => ({ share: round(clamp(share + 0.05 * by, 0, 1)) }),
  },
  {
    label: 'mode',
    show: ({ thresholdMode }) => thresholdMode,
    turn: ({ thresholdMode }, by) => {
      const mode = next(THRESHOLD_MODES, thresholdMode, by);
      return { thresholdMode: mode, threshold: START[mode] };
    },
  },
  {
    label: 'min prompts',
    show: ({ minPrompts }) => String(minPrompts),
    turn: ({ minPrompts }, by) => ({ minPrompts: Math.max(1, minPrompts + by) }),
  },
  {
    label: 'max generic',
    show: ({ maxGeneric }) => maxGeneric.toFixed(2),
    turn: ({ maxGeneric }, by) => ({ maxGeneric: round(clamp(maxGeneric + 0.05 * by, 0, 1)) }),
  },
  {
    label: 'preset',
    show: (_, { preset = 'default' }) => preset,
    // A preset is a fresh start: what was changed before goes.
    turn: (_, by, { preset = 'default' }) => ({ ...UNSET, preset: next(PRESETS, preset, by) }),
  },
  {
    label: 'rule',
    show: ({ rule }) => rule,
    turn: ({ rule }, by) => ({ rule: next(RULES, rule, by) }),
  },
  {
    label: 'accuracy',
    show: ({ rule, steps, tolerance }) => (rule === 'adaptive' ? scientific(tolerance) : `${steps} steps`),
    turn: ({ rule, steps, tolerance }, by) =>
      rule === 'adaptive'
        ? { tolerance: clamp(tolerance * 10 ** -by, 1e-6, 0.1) }
        : { steps: clamp(steps + by, 2, 1000) },
  },
  {
    label: 'site',
    show: ({ site }) => site,
    turn: ({ site }, by) => ({ site: next(SITES, site, by) }),
  },
];

const PATH: Dial = {
  label: 'path',
  show: ({ path }) => path,
  turn: ({ path }, by) => ({ path: next(PATHS, path, by) }),
};

/** Dials that choose from the maps; the others follow. */
export const CHOOSING = 5;

const UNSET: LocateOptions = {
  rule: undefined,
  steps: undefined,
  tolerance: undefined,
  site: undefined,
  path: undefined,
  thresholdMode: undefined,
  threshold: undefined,
  share: undefined,
  minPrompts: undefined,
  maxGeneric: undefined,
  wanted: undefined,
};
