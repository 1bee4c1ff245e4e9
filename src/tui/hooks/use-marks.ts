// Two entries of a list that are marked, to be compared.
import { useState } from 'react';

/** @returns the marked ones, in the order in which they were marked; and marks one, or takes its mark away */
export function useMarks<T>(): [readonly T[], (one: T) => void] {
  const [marks, setMarks] = useState<readonly T[]>([]);
  const mark = (one: T) =>
    setMarks(marks.includes(one) ? marks.filter((other) => other !== one) : [...marks, one].slice(-2));
  return [marks, mark];
}
