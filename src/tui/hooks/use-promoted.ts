// The words that the value vectors of some neurons promote, asked for as they come into sight.
import { useEffect, useState } from 'react';
import type { Neuron, Session } from '../../index.js';
import { printable } from '../../report/style.js';
import { keyOf } from '../bench.js';

const WORDS = 6;

/** @param neurons the list whose words are wanted; @returns words by neuron key */
export function usePromoted(
  session: Session | undefined,
  neurons: readonly Neuron[],
): ReadonlyMap<string, string> {
  const [words, setWords] = useState<ReadonlyMap<string, string>>(new Map());
  const keys = neurons.map(keyOf);
  const wanted = keys.join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` stands for the neurons
  useEffect(() => {
    if (!session || wanted === '') return;
    let current = true;
    session.promoted(neurons, WORDS).then(
      (found) => {
        if (current)
          setWords(new Map(keys.map((key, i) => [key, (found[i] ?? []).map(printable).join(' ')])));
      },
      () => {}, // an ornament: what is wrong with the model is said elsewhere
    );
    return () => {
      current = false;
    };
  }, [session, wanted]);
  return words;
}
