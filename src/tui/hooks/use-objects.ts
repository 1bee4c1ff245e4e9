// Objects that are proposed while one is typed: the model's own answers to the prompts, and words of its vocabulary.
import { useEffect, useRef, useState } from 'react';
import type { Session } from '../../index.js';
import { plainWord } from '../../report/words.js';
import type { Asked } from './use-answers.js';

export interface Proposal {
  text: string;
  /** Its mean probability over the prompts, of the model's own answers. */
  prob?: number | undefined;
  /** It stands in place of what was typed. */
  chosen: boolean;
}

const SHOWN = { own: 6, words: 12 };

/**
 * @param typed what was typed so far; undefined while nothing is
 * @param present what the field holds
 */
export function useObjects(
  session: Session | undefined,
  answers: ReadonlyMap<string, Asked>,
  typed: string | undefined,
  present: string,
): Proposal[] {
  const [words, setWords] = useState<readonly string[]>([]);
  // While the object changes, the prompts are asked again; what they are answered with stays the same.
  const known = useRef<ReadonlyMap<string, number>>(new Map());
  const own = ownAnswers(answers);
  if (own.size > 0) known.current = own;
  const beginning = typed?.trim() ?? '';
  useEffect(() => {
    let current = true;
    if (!session || beginning === '') setWords([]);
    else {
      session.vocabulary(beginning, SHOWN.words).then(
        (found) => current && setWords(found),
        () => current && setWords([]), // another model is being loaded
      );
    }
    return () => {
      current = false;
    };
  }, [session, beginning]);
  if (typed === undefined) return [];
  const said = [...known.current]
    .filter(([text]) => text.toLowerCase().startsWith(beginning.toLowerCase()))
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN.own);
  const others = words.filter((text) => !said.some(([one]) => one === text));
  return [
    ...said.map(([text, prob]) => ({ text, prob, chosen: text === present })),
    ...others.map((text) => ({ text, chosen: text === present })),
  ];
}

/** Mean probability of each of the model's top answers over the prompts. */
function ownAnswers(answers: ReadonlyMap<string, Asked>): Map<string, number> {
  const asked = [...answers.values()].flatMap((one) => ('answer' in one ? [one.answer.top] : []));
  const sums = new Map<string, number>();
  for (const { token, prob } of asked.flat()) {
    const text = plainWord(token);
    if (/^[\p{L}\p{N}]/u.test(text)) sums.set(text, (sums.get(text) ?? 0) + prob / asked.length);
  }
  return sums;
}
