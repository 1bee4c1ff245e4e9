// The facts that lie beside a model's weights; they are read without loading it.

import { isPresent } from '../files.js';
import { companion } from '../lm/one-file.js';
import { type BaseFact, readFactBase } from '../spec/fact-base.js';
import { findModel } from './find-model.js';

/** @returns undefined where there are none */
export function ownFacts(directory: string): BaseFact[] | undefined {
  const path = companion(directory, 'facts.json');
  return isPresent(path) ? readFactBase(path) : undefined;
}

/** The relations of a model's own facts. @throws InputError when there is no such model */
export function relationNames(model?: string): { name: string; facts: number }[] {
  const counts = new Map<string, number>();
  for (const { relation } of ownFacts(findModel(model).directory) ?? []) {
    counts.set(relation, (counts.get(relation) ?? 0) + 1);
  }
  return [...counts].map(([name, facts]) => ({ name, facts }));
}
