// ParaRel from its parts (Elazar et al. 2021), as the preprocessing of Dai et al. 2022 puts them together: every fact of a
// relation in every pattern of it.
import { relative } from 'node:path';
import { InputError } from '../../errors.js';
import { MASK } from '../../spec/prompts.js';
import { itemOf, parse, relationOfFile } from '../format.js';
import type { Recognised } from '../recognise.js';
import type { ReadRecord } from '../set.js';
import { lama, lamaFact } from './lama.js';
import { pairs, patterns, relations, vocabulary } from './parts.js';

/** Relations with fewer patterns are not used: neurons are to be shared by many prompts. */
const FEWEST = 4;
const FEW = `its relation has fewer than ${FEWEST} patterns`;
const NONE = 'there is no pattern for its relation';

/** Where the facts may stand; of several, the first that is there. */
const FACTS = [pairs, lama, vocabulary] as const;

export const PARAREL = { name: 'pararel', title: 'ParaRel (patterns and facts)' } as const;

/** Whether some files are patterns and facts. */
export function isPararel(files: readonly Recognised[]): boolean {
  const are = (...formats: readonly { name: string }[]) =>
    files.some(({ format }) => formats.some((one) => one === format));
  return are(patterns, relations) && are(...FACTS);
}

interface PairFact {
  id: string;
  place: string;
  subject: string;
  object: string;
}

/**
 * The facts, relation by relation, each in the patterns of its relation.
 * @throws InputError that names file, record and field
 */
export function* readPararel(directory: string, files: readonly Recognised[]): Generator<ReadRecord> {
  const source = FACTS.find((one) => files.some(({ format }) => format === one));
  const wordings = wordingsIn(files);
  const seen = new Map<string, string>();
  for (const file of files.filter(({ format }) => format === source)) {
    for (const [relation, facts] of factsIn(directory, file)) {
      const other = seen.get(relation);
      if (other)
        throw new InputError(
          `${file.path}: holds facts of ${relation}, as ${other} does; name a directory with one of them`,
        );
      seen.set(relation, file.path);
      const { templates, enough } = wordings(relation);
      for (const { id, place, subject, object } of facts) {
        if (!enough) yield { place, items: [], setAside: templates.length === 0 ? NONE : FEW, leftOut: [] };
        else
          yield itemOf({
            id,
            place,
            subject,
            relation,
            object,
            prompts: templates.map((one) => inPattern(one, subject)),
          });
      }
    }
  }
}

function inPattern(pattern: string, subject: string): string {
  return pattern.replaceAll('[Y]', MASK).replaceAll('[X]', () => subject);
}

/** The patterns of a relation; where there are no pattern files, LAMA's one template. */
function wordingsIn(files: readonly Recognised[]) {
  const found = new Map<string, string[]>();
  const several = files.some(({ format }) => format === patterns);
  for (const { path, format, entries } of files) {
    for (const entry of format === patterns || (format === relations && !several) ? entries.all() : []) {
      const { relation, pattern } =
        format === patterns
          ? { relation: relationNamed(path, entry.file), pattern: patterns.part(entry, path).pattern }
          : { relation: relations.part(entry, path).relation, pattern: relations.part(entry, path).template };
      found.set(relation, [...(found.get(relation) ?? []), pattern]);
    }
  }
  return (relation: string) => {
    const templates = found.get(relation) ?? [];
    return { templates, enough: templates.length >= (several ? FEWEST : 1) };
  };
}

/** The facts of a file, by relation. */
function* factsIn(
  directory: string,
  { path, format, entries }: Recognised,
): Generator<[string, Iterable<PairFact>]> {
  const at = relative(directory, path);
  if (format === pairs) {
    for (const entry of entries.all()) {
      const relation = entry.place;
      yield [
        relation,
        pairs.part(entry, path).map(([subject, object], i) => ({
          id: `${relation}-${i}`,
          place: `${at}: ${relation}: record ${i + 1}`,
          subject,
          object,
        })),
      ];
    }
    return;
  }
  const facts = function* () {
    for (const entry of entries.all()) {
      const fact = format === lama ? parse(path, entry, lamaFact) : vocabulary.part(entry, path);
      yield {
        id: fact.uuid ?? `${relation}-${entry.number - 1}`,
        place: `${at}: ${entry.place}`,
        subject: fact.sub_label,
        object: fact.obj_label,
      };
    }
  };
  const relation = relationNamed(path, at);
  yield [relation, facts()];
}

function relationNamed(path: string, file: string): string {
  const relation = relationOfFile(file);
  if (relation) return relation;
  throw new InputError(`${path}: its name does not say which relation it is of; call it like P36.jsonl`);
}
