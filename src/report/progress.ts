// What a stage of long work is called.
import type { Progress } from '../session/context.js';

const STAGES: Record<Progress['stage'], string> = {
  load: 'loading the model',
  ask: 'asking the model for facts',
  text: 'measuring perplexity',
  covariance: 'activations on real text, once',
  background: 'locating background facts, once',
  locate: 'locating',
  probe: 'probing',
  operate: 'operating',
  control: 'measuring controls',
  check: 'asking other facts',
  export: 'writing',
  download: 'downloading',
};

export function stageText(stage: Progress['stage']): string {
  return STAGES[stage];
}
