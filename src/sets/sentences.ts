// Sentences about facts: those that state a fact, and those that only name its subject. BingDistantTREx of Dai et al. 2022, in
// the order of ParaRel's facts; or of any set, by the ids of its facts.
import { InputError } from '../errors.js';
import { isDirectory, jsonFilesIn } from './files.js';
import { relationOfFile } from './format.js';
import { distant, sentences } from './formats/parts.js';
import { recognise } from './recognise.js';

/** What can be named. */
const FORMS = 'files of BingDistantTREx, or lines of {"id", "stated", "named"}';

/** The sentences about a fact. */
export interface FactSentences {
  /** Of the fact, as `SetItem` has it: `P36-17`. */
  id: string;
  /** With subject and object. */
  stated: string[];
  /** With the subject alone. */
  named: string[];
}

/**
 * Reads a file (BingDistantTREx's is named after its relation), or a directory of such files.
 * @throws InputError that names file, record and field
 */
export function readSentences(path: string): FactSentences[] {
  return (isDirectory(path) ? jsonFilesIn(path) : [path]).flatMap((file) => {
    const { format, entries } = recognise(file, sentences);
    if (format === sentences) {
      return Array.from(entries.all(), (entry) => {
        const { id, ...found } = sentences.part(entry, file);
        return { id: String(id), ...found };
      });
    }
    if (format !== distant) {
      throw new InputError(`${file}: holds ${format.title}; name ${FORMS}`);
    }
    return Array.from(entries.all(), (entry) => {
      const relation = relationOfFile(entry.file);
      if (!relation) throw new InputError(`${file}: its name does not say which relation it is of`);
      const { th_bags: stated, h_bags: named } = distant.part(entry, file);
      return { id: `${relation}-${entry.number - 1}`, stated, named };
    });
  });
}
