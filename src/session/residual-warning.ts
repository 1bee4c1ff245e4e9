// Whether the integrals of score maps are as good as they were asked to be, in words.
import type { AttributionSettings, Completeness } from '../locate/score-map.js';
import { largest } from '../numbers.js';

/** Completeness residual above which a map by a fixed rule deserves a warning. */
const POOR = 0.05;
/** Layers that are named, at most. */
const LISTED = 5;

/**
 * @param maps completeness of every layer, of each map
 * @returns undefined where all is well
 */
export function residualWarning(
  { rule, tolerance }: AttributionSettings,
  maps: readonly (readonly Completeness[])[],
): string | undefined {
  const residuals = (maps[0] ?? []).map((_, layer) => largest(maps.map((map) => map[layer]?.residual ?? 0)));
  const worst = percent(largest(residuals));
  if (rule !== 'adaptive') {
    if (largest(residuals) <= POOR) return undefined;
    return `completeness residual up to ${worst}: use more --steps, or --rule adaptive`;
  }
  const short = [...residuals.keys()].filter((layer) => (residuals[layer] ?? 0) > tolerance);
  if (short.length === 0) return undefined;
  const asked = `(tolerance ${percent(tolerance)})`;
  if (short.length === 1) return `layer ${short[0]} kept a residual of ${worst} ${asked}`;
  const which =
    short.length > LISTED
      ? `${short.length} of ${residuals.length} layers`
      : `layers ${short.slice(0, -1).join(', ')} and ${short.at(-1)}`;
  return `${which} kept residuals of up to ${worst} ${asked}`;
}

/** With two digits: 2.1%, 0.1%. */
function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}%`;
}
