// What stands on a screen that has nothing to work on yet: what is missing, or being worked out.
import { useDesk } from '../desk.js';
import { Lines } from './lines.js';

/** The label of the work that locates a fact. */
export const LOCATING = 'locating';

export const NO_FACT = 'No fact is chosen yet: 1 goes to the facts.';

/** @returns undefined where a fact with its neurons is on the bench */
export function useMissing(): string | undefined {
  const { bench, located, model, work } = useDesk();
  if (!bench.edit) return NO_FACT;
  if (located || bench.edit.neurons) return undefined;
  if (!model) return 'The model is being loaded.';
  if (work?.label === LOCATING) return 'The fact is being located: 2 shows how far it is.';
  return 'The fact is not located yet: 2 locates it.';
}

export function NotYet({ text, width, height }: { text: string | undefined; width: number; height: number }) {
  return <Lines lines={['', ` ${text ?? ''}`]} width={width} height={height} />;
}
