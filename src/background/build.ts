// Building a background: the facts that the model knows, and ordinary text in its tokens.
import { basename } from 'node:path';
import { isPresent } from '../files.js';
import { companion } from '../lm/one-file.js';
import type { BackgroundFiles } from './info.js';
import { findKnown, readFacts, shippedFacts } from './known.js';
import type { BackgroundStore } from './store.js';
import { chooseText, noText, readSentences, shippedText } from './text.js';
import type { Work } from './work.js';

/**
 * Asks the model which facts it knows, and chooses text for it; both are kept when all is done.
 * @throws InputError that names a file that cannot be used, or the directory that cannot be written
 */
export async function buildBackground(
  work: Work,
  store: BackgroundStore,
  files: BackgroundFiles,
): Promise<void> {
  const own = companion(work.model.directory, 'facts.json');
  const factFiles = [...(isPresent(own) ? [own] : []), ...shippedFacts(), ...(files.facts ?? [])];
  const bases = readFacts(factFiles);
  const sentences = readSentences(files.text?.length ? files.text : shippedText());
  const known = await findKnown(work, bases);
  const text = await chooseText(work, sentences, known.bases.flat());
  if (!text) throw noText(sentences.files);
  store.keepText(text);
  store.keepFacts({ sources: factFiles.map((file) => basename(file)), ...known });
}
