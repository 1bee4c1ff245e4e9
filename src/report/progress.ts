// What a stage of long work is called.
import type { Pace, Progress } from '../session/context.js';

const STAGES: Record<Progress['stage'], string> = {
  load: 'loading the model',
  ask: 'asking the model for facts',
  text: 'measuring perplexity',
  covariance: 'activations on real text, once',
  background: 'locating background facts, once',
  locate: 'locating',
  flows: 'following activations through the layers',
  probe: 'probing',
  operate: 'operating',
  control: 'measuring controls',
  check: 'asking other facts',
  export: 'writing',
  download: 'downloading',
  sweep: 'facts',
  relations: 'asking about relations',
};

export function stageText(stage: Progress['stage']): string {
  return STAGES[stage];
}

/** "14.2 a second, 1 min 20 s left, 2 failed" */
export function paceText({ perSecond, secondsLeft, failed }: Pace): string {
  const rate =
    perSecond < 1 ? `${(60 * perSecond).toPrecision(2)} a minute` : `${perSecond.toFixed(1)} a second`;
  return `${rate}, ${durationText(secondsLeft)} left${failed > 0 ? `, ${failed} failed` : ''}`;
}

/** "45 s", "12 min", "3 h 20 min" */
export function durationText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
