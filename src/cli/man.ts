// The manual page, made of what the commands say of themselves (roff, in the macros of man).
import { ENVIRONMENT, EXIT_CODES, FILES, PURPOSE } from './help.js';
import type { Argument, Command } from './tree.js';

/** @param root as `commandTree` gives it */
export function manPage(root: Command, version: string): string {
  return [
    `.\\" Made by npm run man; not to be edited.`,
    `.TH KN\\-EDIT 1 "" "kn\\-edit ${version}" "User Commands"`,
    '.SH NAME',
    `kn\\-edit \\- ${roff(PURPOSE)}`,
    '.SH SYNOPSIS',
    '.B kn\\-edit',
    '[\\fIcommand\\fR] [\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    'Without a command, on a terminal, the interactive pipeline.',
    '.SH COMMANDS',
    ...root.commands.flatMap((command) => section(command, 'kn-edit')),
    '.SH OPTIONS',
    'Of every command:',
    ...root.options.flatMap(option),
    '.SH ENVIRONMENT',
    ...Object.entries(ENVIRONMENT).flatMap(([name, means]) => item(`\\fB${roff(name)}\\fR`, means)),
    '.SH FILES',
    ...Object.entries(FILES).flatMap(([name, means]) => item(`\\fI${roff(name)}\\fR`, means)),
    '.SH EXIT STATUS',
    roff(EXIT_CODES.replace(/^Exit codes: /, '').replaceAll('\n', ' ')),
    '',
  ].join('\n');
}

/** A command, and those below it. */
function section(command: Command, above: string): string[] {
  const name = `${above} ${command.name}`;
  const below = command.commands.flatMap((one) => section(one, name));
  if (below.length > 0 && command.positionals.length === 0) return below; // it does nothing itself
  const rest = command.usage.slice(command.name.length);
  return [
    `.SS "${roff(`${name}${rest}`)}"`,
    `${roff(command.describe)}.`,
    ...command.positionals.flatMap((one) => item(`\\fI${roff(one.name)}\\fR`, one.describe)),
    ...command.options.flatMap(option),
    ...(command.epilogue === '' ? [] : ['.PP', ...command.epilogue.split('\n').flatMap(paragraph)]),
    ...command.examples.flatMap(([line, what]) => [
      '.PP',
      ...(what === '' ? ['Example:'] : [`Example (${roff(what)}):`]),
      '.RS 4',
      '.nf',
      roff(line),
      '.fi',
      '.RE',
    ]),
    ...below,
  ];
}

function option({ name, type, choices, describe, default: usual }: Argument): string[] {
  const value = choices.length > 0 ? choices.join('|') : type === 'number' ? 'N' : 'TEXT';
  const shown = type === 'flag' ? '' : ` \\fI${roff(value)}\\fR`;
  return item(
    `\\fB${roff(`--${name}`)}\\fR${shown}`,
    usual === undefined ? describe : `${describe}  [default: ${usual}]`,
  );
}

function item(term: string, means: string): string[] {
  return ['.TP', term, roff(means)];
}

function paragraph(line: string): string[] {
  return line === '' ? ['.PP'] : [roff(line), '.br'];
}

/** Text as roff takes it: hyphens that can be searched for, and no line that is taken for a macro. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/"/g, '\\(dq')
    .replace(/^([.'])/, '\\&$1');
}
