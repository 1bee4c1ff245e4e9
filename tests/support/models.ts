// Models for tests, on an engine of their own.

import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import type { EngineName } from '../../src/spec/choices.js';
import { goldenDirectory } from './golden.js';

export const KN_MINI = new URL('../../fixtures/kn-mini', import.meta.url).pathname;

export async function loadGolden(family: string, engine: EngineName = 'wasm'): Promise<LanguageModel> {
  await prepareEngine(engine);
  return LanguageModel.load(goldenDirectory(family));
}

export async function loadMini(): Promise<LanguageModel> {
  await prepareEngine('wasm');
  return LanguageModel.load(KN_MINI);
}

/** Configurations of published models, as their hub has them; no weights. */
export const PUBLISHED = new URL('../published', import.meta.url).pathname;
