// What is wrong with a command line, in words.
import type { Argv } from 'yargs';
import { InputError } from '../errors.js';
import { isPresent } from '../files.js';
import { didYouMean } from '../spec/closest.js';
import type { Command } from './tree.js';

/** How yargs is to read the arguments. */
export const PARSER = {
  // A prompt or a target may begin with a dash, and a file may be called 007.
  'nargs-eats-options': true,
  'parse-positional-numbers': false,
  // --no-prompt and --prompt.x would make something else of an option that is a text.
  'boolean-negation': false,
  'dot-notation': false,
};

/** Arguments that name a file or a directory, which cannot be a stream. */
const PATHS = ['model', 'db', 'out', 'destination', 'name', 'file'];

/**
 * Checks what holds for the arguments of every command.
 * @param args as they were typed
 * @throws InputError that names the first option that is wrong
 */
export function checkArguments(argv: Record<string, unknown>, cli: Argv, args: readonly string[]): true {
  const fault = optionFault(cli, args);
  if (fault) throw new InputError(fault);
  const { lists } = optionsOf(cli);
  for (const [name, value] of Object.entries(argv)) {
    const several = name === '_' || name === 'id' || lists.includes(name); // commands that take many ids, or files
    if (!several && Array.isArray(value)) {
      throw new InputError(`--${name}: is given ${value.length} times; give it once`);
    }
    if (value === '-' && PATHS.includes(name)) {
      const label = args.includes(`--${name}`) ? `--${name}` : name;
      throw new InputError(
        `${label}: "-" is standard input or output, which cannot be this; write ./- for a file called so`,
      );
    }
  }
  return true;
}

/**
 * What yargs complains about, as this program says it.
 * @param commands those that there are, each with those below it
 */
export function usageError(
  complaint: string,
  cli: Argv,
  args: readonly string[],
  commands: readonly Command[],
): InputError {
  const at = args.findIndex((arg) => !arg.startsWith('-'));
  const command = commands.find(({ name }) => name === args[at]);
  const next = args[at + 1];
  const below = command?.commands.find(({ name }) => name === next);
  const usage = below ? `${command?.name} ${below.usage}` : command?.usage;
  const misspelt = below ? undefined : command && commandFault(command, next);
  const fault =
    optionFault(cli, args) ??
    misspelt ??
    inWords(
      complaint,
      usage,
      args,
      commands.map(({ name }) => name),
    );
  return new InputError(
    `${fault}${fault.endsWith('?') ? '' : ';'} see kn-edit ${command ? `${command.name} ` : ''}--help`,
  );
}

/** What there is not below a command: `suite mak`. What does something by itself may be given a file there: `sweep SET`. */
function commandFault({ name, positionals, commands }: Command, word: string | undefined) {
  if (commands.length === 0 || word === undefined || word.startsWith('-')) return undefined;
  const meant = didYouMean(
    word,
    commands.map((one) => one.name),
  );
  if (positionals.length === 0) return `unknown command "${name} ${word}"${meant}`;
  return isPresent(word) ? undefined : `"${word}" is no file, and no command of ${name}${meant}`;
}

function inWords(
  complaint: string,
  usage: string | undefined,
  args: readonly string[],
  commands: readonly string[],
): string {
  const [what = ''] = complaint.split(': ', 1);
  const words = complaint.slice(what.length + 2).split(', ');
  const [word = ''] = words;
  switch (what) {
    case 'Unknown command':
    case 'Unknown commands':
    case 'Unknown argument':
    case 'Unknown arguments':
      if (!args.includes(word)) return `unknown option ${dashed(word)}`;
      if (usage) return `unexpected argument "${word}"`;
      return `unknown command "${word}"${didYouMean(word, commands)}`;
    case 'Not enough arguments following':
      if (args.includes('-')) return '"-" is standard input, which is named once, before the files';
      return `${dashed(word)}: its value is missing`;
    case 'Not enough non-option arguments':
      return usage ? `an argument is missing: kn-edit ${usage}` : 'an argument is missing';
    case 'Missing required argument':
    case 'Missing required arguments':
      return words.map((name) => `${dashed(name)}: is missing`).join('; ');
    case 'Invalid values:\n  Argument':
      return complaint.split('\n').slice(1).map(wrongChoice).join('; ');
    default:
      return complaint;
  }
}

/** A line of yargs: `Argument: engine, Given: "tensorflw", Choices: "auto", "tensorflow"`. */
function wrongChoice(line: string): string {
  const [, name = '', given = '', choices = ''] =
    /Argument: (.*?), Given: "(.*)", Choices: (.*)/.exec(line) ?? [];
  const words = choices.replaceAll('"', '').split(', ');
  return `${dashed(name)}: must be one of ${words.join(', ')}${didYouMean(given, words)}`;
}

/** The first option that does not exist, or whose value was forgotten: `--prompt --target Astana`. */
function optionFault(cli: Argv, args: readonly string[]): string | undefined {
  const { known, flags, numbers } = optionsOf(cli);
  for (let i = 0; i < args.length && args[i] !== '--'; i++) {
    const [option = '', value] = (args[i] ?? '').split('=', 2);
    if (!option.startsWith('--')) continue;
    if (!known.includes(option)) return `unknown option ${option}${didYouMean(option, known)}`;
    if (value !== undefined || flags.includes(option)) {
      if (value === '' && numbers.includes(option)) return `${option}: its value is missing`; // yargs takes it for 0
      continue;
    }
    const next = args[++i];
    if (next === '' && numbers.includes(option)) return `${option}: its value is missing`;
    if (next !== undefined && known.includes(next)) {
      return `${option}: its value is missing; if ${next} is the value, write ${option}=${next}`;
    }
  }
  return undefined;
}

/** The options of the command that is being read, as they are typed: all, those without a value, numbers, and those that take several values. */
function optionsOf(cli: Argv): { known: string[]; flags: string[]; numbers: string[]; lists: string[] } {
  const options: unknown =
    'getOptions' in cli && typeof cli.getOptions === 'function' ? cli.getOptions() : {};
  const found = typeof options === 'object' && options !== null ? options : {};
  const known = 'key' in found ? Object.keys(found.key ?? {}) : [];
  const flags = 'boolean' in found && Array.isArray(found.boolean) ? found.boolean.map(String) : [];
  const lists = 'array' in found && Array.isArray(found.array) ? found.array.map(String) : [];
  const numbers = 'number' in found && Array.isArray(found.number) ? found.number.map(String) : [];
  return { known: known.map(dashed), flags: flags.map(dashed), numbers: numbers.map(dashed), lists };
}

const dashed = (name: string) => (name.length > 1 ? `--${name}` : `-${name}`);
