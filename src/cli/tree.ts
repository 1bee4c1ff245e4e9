// The commands as data: what each of them says of itself to yargs, recorded. Completion and the manual page read it.
import yargs, { type Argv } from 'yargs';
import { everyCommand } from './commands.js';
import { commonOptions } from './options.js';

/** An option, or an argument by its place. */
export interface Argument {
  name: string;
  describe: string;
  /** What stands behind it; nothing behind a flag. */
  type: 'text' | 'number' | 'flag';
  choices: readonly string[];
  /** What it is when it is not given, as far as the parser knows. */
  default: string | undefined;
  required: boolean;
  several: boolean;
}

export interface Command {
  /** "apply". */
  name: string;
  /** "apply <edit> [more..]". */
  usage: string;
  describe: string;
  positionals: Argument[];
  /** Without those of every command, unless they have more choices here. */
  options: Argument[];
  commands: Command[];
  /** Command lines, each with what they are for. */
  examples: (readonly [line: string, what: string])[];
  epilogue: string;
}

/** All commands, below one that stands for the program and has the options of all. */
export function commandTree(): Command {
  const root = emptyCommand('kn-edit', 'kn-edit <command>', '');
  commonOptions(recorder(root, []));
  everyCommand((module) => root.commands.push(recorded(module, root.options)));
  root.commands = root.commands.filter(({ describe }) => describe !== '');
  return root;
}

function emptyCommand(name: string, usage: string, describe: string): Command {
  return { name, usage, describe, positionals: [], options: [], commands: [], examples: [], epilogue: '' };
}

/** How yargs calls what a command with others below it does itself. */
const DEFAULT = '$0';

/** What a command says of itself, where its default command says it. */
function ownOf({ usage, describe, positionals, options, examples, epilogue }: Command, { name }: Command) {
  return { usage: usage.replace(DEFAULT, name), describe, positionals, options, examples, epilogue };
}

/** A command module of yargs, with what its builder says. */
function recorded(module: unknown, shared: readonly Argument[]): Command {
  const usage = textOf(field(module, 'command'));
  const command = emptyCommand(usage.split(' ', 1).join(), usage, textOf(field(module, 'describe')));
  const builder = field(module, 'builder');
  if (typeof builder === 'function') builder(recorder(command, shared));
  return command;
}

/**
 * Takes the calls of a builder down. Everything that says nothing of the command's looks passes by.
 * @param shared the options of every command, of which one may have more choices
 */
function recorder(command: Command, shared: readonly Argument[]): Argv {
  const listeners: Record<string, (...said: unknown[]) => void> = {
    option: (name, details) => command.options.push(argumentOf(name, details)),
    positional: (name, details) => command.positionals.push(argumentOf(name, details)),
    choices: (name, values) => {
      const common = shared.find((one) => one.name === name);
      const more = Array.isArray(values) ? values.map(String) : [];
      if (common) command.options.push({ ...common, choices: [...common.choices, ...more] });
    },
    command: (module) => {
      const below = recorded(module, shared);
      if (below.name === DEFAULT) Object.assign(command, ownOf(below, command));
      else command.commands.push(below);
    },
    example: (line, what) => command.examples.push([textOf(line), textOf(what)]),
    epilogue: (text) => {
      command.epilogue = textOf(text);
    },
  };
  const told: Argv = new Proxy(yargs(), {
    get: (_, method) => {
      return (...said: unknown[]) => {
        listeners[String(method)]?.(...said);
        return told;
      };
    },
  });
  return told;
}

function argumentOf(name: unknown, details: unknown): Argument {
  const type = field(details, 'type');
  const choices = field(details, 'choices');
  const usual = field(details, 'default');
  return {
    name: textOf(name),
    describe: textOf(field(details, 'describe')),
    type: type === 'boolean' ? 'flag' : type === 'number' ? 'number' : 'text',
    choices: Array.isArray(choices) ? choices.map(String) : [],
    default: usual === undefined ? undefined : String(usual),
    required: field(details, 'demandOption') === true,
    several: field(details, 'array') === true,
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
