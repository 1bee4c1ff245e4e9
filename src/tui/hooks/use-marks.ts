// Two entries of a list that are marked, to be compared.
import { useState } from 'react';
import { useDesk } from '../desk.js';

/**
 * @param present all that could be marked; what is not among them has no mark
 * @returns the marked ones, in the order in which they were marked; and marks one, or takes its mark away
 */
export function useMarks<T>(present: readonly T[]): [readonly T[], (one: T) => void] {
  const { tell } = useDesk();
  const [marked, setMarks] = useState<readonly T[]>([]);
  const marks = marked.filter((one) => present.includes(one));
  const mark = (one: T) => {
    if (marks.includes(one)) setMarks(marks.filter((other) => other !== one));
    else if (marks.length < 2) setMarks([...marks, one]);
    else tell('two are marked already: space on one of them takes its mark away', 'bad');
  };
  return [marks, mark];
}
