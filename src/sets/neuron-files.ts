// Files of located neurons that others publish: EleutherAI's ({uuid: [[layer, neuron], ...]}) and the `kn_bag` files of
// Dai et al. 2022 (a list of neurons per fact of a relation).
import { join } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { makeDirectories, replaceFile } from '../files.js';
import type { NeuronId } from '../lm/overlay.js';
import { isDirectory, jsonFilesIn } from './files.js';
import { parse, relationOfFile } from './format.js';
import { located, locatedFact } from './formats/located.js';
import { neuronBags, neuronsById, vocabulary } from './formats/parts.js';
import { type Recognised, recognise } from './recognise.js';

/** The neurons of a fact, as far as it is known which fact that is. */
export interface FactNeurons {
  /** As `SetItem` has it: a uuid, or `P36-17`. */
  id: string;
  relation?: string | undefined;
  subject?: string | undefined;
  object?: string | undefined;
  neurons: readonly NeuronId[];
}

const TITLES = [neuronsById, neuronBags, located].map(({ title }) => title).join(', ');

/**
 * Reads neurons: EleutherAI's file, a `kn_bag` file, lines of facts with neurons, or a directory of these, in which facts by
 * uuid (`trex_lms_vocab`) say what EleutherAI's are.
 * @throws InputError that names file, record and field
 */
export function readNeurons(path: string): FactNeurons[] {
  const files = (isDirectory(path) ? jsonFilesIn(path) : [path]).map((file) => recognise(file));
  const names = new Map(files.flatMap(namesIn));
  const found = files.flatMap(neuronsIn).map((one) => ({ ...names.get(one.id), ...one }));
  if (found.length > 0) return found;
  throw new InputError(`${path}: holds no neurons; what can be read: ${TITLES}`);
}

function neuronsIn({ path, format, entries }: Recognised): FactNeurons[] {
  const all = () => Array.from(entries.all());
  switch (format) {
    case neuronsById:
      return all().map((entry) => ({ id: entry.place, neurons: neuronsById.part(entry, path) }));
    case neuronBags:
      return all().map((entry) => {
        const relation = relationOfFile(entry.file);
        if (!relation) {
          throw new InputError(
            `${path}: its name does not say which relation it is of; call it like kn_bag-P36.json`,
          );
        }
        return { id: `${relation}-${entry.number - 1}`, relation, neurons: neuronBags.part(entry, path) };
      });
    case located:
      return all().map((entry) => {
        const { uuid, relation, subject, object, neurons } = parse(path, entry, locatedFact);
        return { id: uuid, relation, subject, object, neurons };
      });
    default:
      return [];
  }
}

/** Facts by their uuid. */
function namesIn({ path, format, entries }: Recognised): [string, Omit<FactNeurons, 'id' | 'neurons'>][] {
  if (format !== vocabulary) return [];
  return Array.from(entries.all(), (entry) => {
    const { uuid, sub_label: subject, obj_label: object } = vocabulary.part(entry, path);
    return [uuid, { relation: relationOfFile(entry.file), subject, object }];
  });
}

/** Writes EleutherAI's file. @throws InputError when it cannot be written */
export function writeNeurons(path: string, facts: readonly FactNeurons[]): void {
  replaceFile(path, `${JSON.stringify(Object.fromEntries(facts.map(({ id, neurons }) => [id, neurons])))}\n`);
}

/**
 * Writes the paper's files, `kn_bag-P36.json` for every relation, into a directory. A fact that is not among them has no neurons.
 * @param facts with ids of ParaRel's facts by their place: `P36-17`
 * @throws InputError when an id is another one, or a file cannot be written
 */
export function writeNeuronBags(directory: string, facts: readonly FactNeurons[]): void {
  const relations = new Map<string, (readonly NeuronId[])[]>();
  for (const { id, neurons } of facts) {
    const [, relation = '', index = ''] = /^(P\d+)-(\d{1,6})$/.exec(id) ?? [];
    if (relation === '') {
      throw new InputError(
        `${id}: says no place in a relation, as P36-17 does; kn_bag files are for facts of ParaRel`,
      );
    }
    const bags = relations.get(relation) ?? [];
    bags[Number(index)] = neurons;
    relations.set(relation, bags);
  }
  try {
    makeDirectories(directory);
  } catch (error) {
    throw new InputError(`${directory}: cannot be made: ${systemReason(error)}`);
  }
  for (const [relation, bags] of relations) {
    const whole = Array.from(bags, (bag) => bag ?? []);
    replaceFile(join(directory, `kn_bag-${relation}.json`), `${JSON.stringify(whole, null, 2)}\n`);
  }
}
