// Which words may stand at the end of a command line. Only what the place asks for is loaded: never the model.
import { type Argument, type Command, commandTree } from '../tree.js';
import { editWords, modelWords, relationWords } from './values.js';
import { wordsOf } from './words.js';

/** A word, and what it means. */
export interface Word {
  value: string;
  means: string;
}

/** Words, or the names of files, which the shell knows best. */
export type Completion = readonly Word[] | 'files';

/** @param line the command line up to the cursor, the program's name first */
export async function complete(line: string): Promise<Completion> {
  const words = wordsOf(line).slice(1);
  const current = words.pop() ?? '';
  const place = placeOf(words, commandTree());
  const [option, assigned] = splitOption(current);
  if (assigned === undefined) return candidates(place, current);
  const found = await valuesOf(
    place.options.find((one) => dashed(one) === option),
    place,
    assigned,
  );
  return found === 'files' ? found : found.map((one) => ({ ...one, value: `${option}=${one.value}` }));
}

/** Where the words before the cursor lead to. */
interface Place {
  command: Command;
  /** Its options, and those of every command. */
  options: readonly Argument[];
  /** The option whose value is to come. */
  awaits: Argument | undefined;
  /** Values by the names of their options, where the last one stands. */
  given: ReadonlyMap<string, string>;
  /** Arguments so far that are no options. */
  arguments: readonly string[];
}

function placeOf(words: readonly string[], root: Command): Place {
  let command = root;
  let awaits: Argument | undefined;
  let plain = false;
  const given = new Map<string, string>();
  const found: string[] = [];
  const options = () => {
    const own = command === root ? [] : command.options;
    return [...own, ...root.options.filter(({ name }) => !own.some((one) => one.name === name))];
  };
  for (const word of words) {
    if (awaits) {
      given.set(awaits.name, word);
      awaits = undefined;
    } else if (word === '--') plain = true;
    else if (word.startsWith('-') && !plain) {
      const [name, value] = splitOption(word);
      const option = options().find((one) => dashed(one) === name);
      if (option) given.set(option.name, value ?? '');
      if (option && option.type !== 'flag' && value === undefined) awaits = option;
    } else {
      const below: Command | undefined =
        found.length === 0 ? command.commands.find(({ name }) => name === word) : undefined;
      if (below) command = below;
      else found.push(word);
    }
  }
  return { command, options: options(), awaits, given, arguments: found };
}

async function candidates(place: Place, current: string): Promise<Completion> {
  const { command, awaits, given, options } = place;
  if (awaits) return valuesOf(awaits, place, current);
  const unused = options.filter(({ name, several }) => several || !given.has(name));
  const optionWords = unused.map((one) => ({ value: dashed(one), means: one.describe }));
  if (current.startsWith('-')) return starting(current, optionWords);
  const { positionals } = command;
  if (command.commands.length > 0 && place.arguments.length === 0) {
    const words = command.commands.map(({ name, describe }) => ({ value: name, means: describe }));
    const commands = starting(current, words);
    if (commands.length > 0 || positionals.length === 0) return commands;
  }
  const last = positionals.at(-1);
  const positional = positionals[place.arguments.length] ?? (last?.several ? last : undefined);
  return positional ? valuesOf(positional, place, current) : starting(current, optionWords);
}

/** What an option, or an argument by its place, may be, as far as it begins like what is typed. */
async function valuesOf(
  argument: Argument | undefined,
  { command, given, arguments: found }: Place,
  typed: string,
): Promise<Completion> {
  if (!argument || argument.type === 'flag') return [];
  const { name, type, choices } = argument;
  if (choices.length > 0) {
    return starting(
      typed,
      choices.map((value) => ({ value, means: '' })),
    );
  }
  if (name === 'model' || (name === 'name' && command.name === 'info')) {
    const models = starting(typed, await modelWords());
    return models.length > 0 ? models : 'files'; // a directory, or a GGUF file
  }
  if (name === 'id' || name === 'other') {
    const edits = await editWords({ model: given.get('model'), db: given.get('db') });
    return starting(typed, edits).filter(({ value }) => !found.includes(value));
  }
  if (name === 'relation') return starting(typed, await relationWords({ model: given.get('model') }));
  return type === 'number' ? [] : 'files';
}

/** "--engine=wa" in its two parts; the second is undefined where there is no "=". */
function splitOption(word: string): readonly [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

const starting = (typed: string, words: readonly Word[]) =>
  words.filter(({ value }) => value.startsWith(typed));

const dashed = ({ name }: Argument) => `--${name}`;
