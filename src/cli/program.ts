// The commands of the command line. Heavy modules are loaded by the commands that need them.
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { InputError } from '../errors.js';
import { applyCommand } from './commands/apply.js';
import { attributeCommand } from './commands/attribute.js';
import { checkCommand } from './commands/check.js';
import { diffCommand } from './commands/diff.js';
import { doctorCommand } from './commands/doctor.js';
import { exportCommand } from './commands/export.js';
import { historyCommand } from './commands/history.js';
import { locateCommand } from './commands/locate.js';
import { patchCommand } from './commands/patch.js';
import { probeCommand } from './commands/probe.js';
import { redoCommand } from './commands/redo.js';
import { revertCommand } from './commands/revert.js';
import { showCommand } from './commands/show.js';
import { suiteCommand } from './commands/suite.js';
import { tuiCommand } from './commands/tui.js';
import { commonOptions } from './options.js';

const EXIT_CODES = `Exit codes: 0 done; 1 unexpected failure; 2 bad usage or input; 3 refused by the regression
check; 4 conflict with the ledger; 130 interrupted.`;

/** Runs the command that the arguments name. @throws InputError when the usage is wrong; whatever the command throws */
export async function runProgram(args: string[]): Promise<void> {
  const cli = commonOptions(yargs(args))
    .scriptName('kn-edit')
    .usage('kn-edit: find, change and restore the knowledge neurons of a language model\n\n$0 <command>')
    .command(tuiCommand)
    .command(probeCommand)
    .command(attributeCommand)
    .command(locateCommand)
    .command(applyCommand)
    .command(revertCommand)
    .command(redoCommand)
    .command(historyCommand)
    .command(showCommand)
    .command(diffCommand)
    .command(checkCommand)
    .command(suiteCommand)
    .command(exportCommand)
    .command(patchCommand)
    .command(doctorCommand)
    .epilogue(EXIT_CODES)
    .version(packageVersion())
    .strict()
    .strictCommands()
    .check(onlyOnce, true)
    .help()
    .alias({ h: 'help' })
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      if (error && error.name !== 'YError') throw error; // a YError is yargs's own complaint about the usage
      throw new InputError(`${message.replace(/\s*\n\s*/g, ' ')}; see kn-edit --help`);
    });
  if (args.length === 0) {
    process.stderr.write(`${await cli.getHelp()}\n`);
    process.exitCode = 2;
    return;
  }
  await cli.demandCommand(1, 'name a command').parseAsync();
}

/** An option that is given twice would come as a list, which nothing expects. */
function onlyOnce(argv: Record<string, unknown>): true {
  for (const [name, value] of Object.entries(argv)) {
    const several = name === '_' || name === 'id'; // patch export takes many ids
    if (several || !Array.isArray(value)) continue;
    throw new InputError(`--${name}: is given ${value.length} times; give it once`);
  }
  return true;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const found = /"version": *"([^"]+)"/.exec(text);
  return found?.[1] ?? 'unknown';
}
