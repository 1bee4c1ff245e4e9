// The commands of the command line. Heavy modules are loaded by the commands that need them.
import yargs, { type Argv, type CommandModule } from 'yargs';
import { version } from '../version.js';
import { applyCommand } from './commands/apply.js';
import { attributeCommand } from './commands/attribute.js';
import { backgroundCommand } from './commands/background.js';
import { checkCommand } from './commands/check.js';
import { diffCommand } from './commands/diff.js';
import { doctorCommand } from './commands/doctor.js';
import { eraseCommand } from './commands/erase.js';
import { exportCommand } from './commands/export.js';
import { historyCommand } from './commands/history.js';
import { locateCommand } from './commands/locate.js';
import { modelCommand } from './commands/model.js';
import { patchCommand } from './commands/patch.js';
import { probeCommand } from './commands/probe.js';
import { redoCommand } from './commands/redo.js';
import { revertCommand } from './commands/revert.js';
import { showCommand } from './commands/show.js';
import { suiteCommand } from './commands/suite.js';
import { tuiCommand } from './commands/tui.js';
import { type CommonArguments, commonOptions } from './options.js';
import { checkArguments, PARSER, usageError } from './usage.js';

const EXIT_CODES = `Exit codes: 0 done; 1 unexpected failure, of the network too, or doctor found something wrong;
2 bad usage or input; 3 the regression check failed; 4 conflict with the ledger; 130 interrupted.`;

/** Runs the command that the arguments name. @throws InputError when the usage is wrong; whatever the command throws */
export async function runProgram(args: string[]): Promise<void> {
  const usages: string[] = [];
  const cli: Argv<CommonArguments> = commonOptions(yargs(args))
    .scriptName('kn-edit')
    .locale('en') // as everything else that the program says
    .usage('kn-edit: find, change and restore the knowledge neurons of a language model\n\n$0 <command>')
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
      throw usageError(message, cli, args, usages);
    });
  const add = <T>(module: CommandModule<CommonArguments, T>) => {
    usages.push(String(module.command));
    cli.command(module);
  };
  add(tuiCommand);
  cli.command({ ...tuiCommand, command: '$0', describe: false });
  add(probeCommand);
  add(attributeCommand);
  add(locateCommand);
  add(applyCommand);
  add(eraseCommand);
  add(revertCommand);
  add(redoCommand);
  add(historyCommand);
  add(showCommand);
  add(diffCommand);
  add(checkCommand);
  add(suiteCommand);
  add(exportCommand);
  add(patchCommand);
  add(backgroundCommand);
  add(modelCommand);
  add(doctorCommand);
  if (args.length === 0) {
    process.stderr.write(`${await cli.getHelp()}\n`);
    process.exitCode = 2;
    return;
  }
  await cli.parseAsync();
}
