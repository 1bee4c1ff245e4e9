// One question put to a pool of workers, as `locate` puts it: what several of them can share of it, they do.
import { attributeMany } from '../engine/pool/attributions.js';
import type { ModelPool } from '../engine/pool/pool.js';
import type { NetworkInfo } from '../lm/model-info.js';
import { NO_OVERLAY } from '../lm/overlay.js';
import type { Question } from '../lm/prompt.js';
import type { Attribution, AttributionSettings } from '../locate/score-map.js';

/** What users get unless they ask for something else. */
export const ADAPTIVE: AttributionSettings = { rule: 'adaptive', steps: 20, tolerance: 1e-3, site: 'post' };

const task = { overlay: NO_OVERLAY };

export function describe(pool: ModelPool): Promise<NetworkInfo> {
  return pool.run('describe', {}, task);
}

/** The question's score map by `adaptive`. @param info of the pool's model */
export async function attributePooled(
  pool: ModelPool,
  info: NetworkInfo,
  question: Question,
): Promise<Attribution> {
  const [map] = attributeMany(
    (name, input) => pool.run(name, input, task),
    pool.workers,
    info,
    [question],
    ADAPTIVE,
  );
  if (!map) throw new Error('no score map was computed');
  return map;
}
