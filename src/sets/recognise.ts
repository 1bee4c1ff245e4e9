// Which format a file is of, told by what its first records hold.
import { InputError } from '../errors.js';
import { type Entries, entriesIn, take } from './entries.js';
import type { Format } from './format.js';
import { counterfact } from './formats/counterfact.js';
import { easyEdit, easyEditResults } from './formats/easyedit.js';
import { factBase } from './formats/fact-base.js';
import { ownFiles } from './formats/kn-edit.js';
import { knowEdit } from './formats/knowedit.js';
import { known } from './formats/known.js';
import { lama } from './formats/lama.js';
import { located } from './formats/located.js';
import { mquake } from './formats/mquake.js';
import { pararelBags } from './formats/pararel-bags.js';
import {
  distant,
  neuronBags,
  neuronsById,
  pairs,
  patterns,
  relations,
  sentences,
  templates,
  vocabulary,
} from './formats/parts.js';
import { zsre } from './formats/zsre.js';

/** Formats of facts, the more telling ones first. */
const SETS: readonly Format[] = [
  mquake,
  counterfact,
  easyEditResults,
  zsre,
  known,
  knowEdit,
  easyEdit,
  located,
  ownFiles,
  factBase,
  lama,
  pararelBags,
];

/** Those of parts of sets. */
const PARTS: readonly Format[] = [
  vocabulary,
  patterns,
  relations,
  distant,
  sentences,
  pairs,
  templates,
  neuronsById,
  neuronBags,
];

/** Records that are looked at: the first ones may be damaged, or empty. */
const LOOKED_AT = 20;

/** A file of which the format is known. */
export interface Recognised {
  path: string;
  format: Format;
  entries: Entries;
}

/**
 * @param expected of what a file is taken to be whose records fit no format, so that their faults are named
 * @throws InputError when the file cannot be read, is no JSON, or of no format that is known
 */
export function recognise(path: string, expected?: Format): Recognised {
  const ways = entriesIn(path);
  for (const entries of ways) {
    for (const entry of take(entries.all(), LOOKED_AT)) {
      const format = [...SETS, ...PARTS].find((one) => one.fits(entry));
      if (format) return { path, format, entries };
    }
  }
  const [entries] = ways;
  if (expected && entries && take(entries.all(), 1).length > 0) return { path, format: expected, entries };
  const titles = SETS.map(({ title }) => title).join(', ');
  throw new InputError(`${path}: is of no format that is known: ${titles}`);
}
