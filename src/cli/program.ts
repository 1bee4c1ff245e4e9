// The command line. Heavy modules are loaded by the commands that need them.
import yargs, { type Argv } from 'yargs';
import { version } from '../version.js';
import { tuiCommand } from './commands/tui.js';
import { everyCommand } from './commands.js';
import { EXIT_CODES, PURPOSE } from './help.js';
import { type CommonArguments, commonOptions } from './options.js';
import { commandTree } from './tree.js';
import { checkArguments, PARSER, usageError } from './usage.js';

/** Runs the command that the arguments name. @throws InputError when the usage is wrong; whatever the command throws */
export async function runProgram(args: string[]): Promise<void> {
  const cli: Argv<CommonArguments> = commonOptions(yargs(args))
    .scriptName('kn-edit')
    .locale('en') // as everything else that the program says
    .usage(`kn-edit: ${PURPOSE}\n\n$0 <command>`)
    .parserConfiguration(PARSER)
    .epilogue(EXIT_CODES)
    .version(version())
    .strict()
    .strictCommands()
    .check((argv) => checkArguments(argv, cli, args), true)
    .help()
    .alias({ h: 'help' })
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      // A YError is yargs's own complaint about the usage, and so is this, of a positional argument.
      const own = error?.name === 'YError' || message?.startsWith('Not enough arguments following');
      if (error && !own) throw error;
      throw usageError(message, cli, args, commandTree().commands);
    });
  everyCommand((module) => cli.command(module));
  cli.command({ ...tuiCommand, command: '$0', describe: false });
  if (args.length === 0) {
    process.stderr.write(`${await cli.getHelp()}\n`);
    process.exitCode = 2;
    return;
  }
  await cli.parseAsync();
}
