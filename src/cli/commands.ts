// Every command there is: what the command line runs, and what completion and the manual page are made of.
import type { CommandModule } from 'yargs';
import { applyCommand } from './commands/apply.js';
import { attributeCommand } from './commands/attribute.js';
import { backgroundCommand } from './commands/background.js';
import { cacheCommand } from './commands/cache.js';
import { checkCommand } from './commands/check.js';
import { completionCommand } from './commands/completion.js';
import { diffCommand } from './commands/diff.js';
import { doctorCommand } from './commands/doctor.js';
import { eraseCommand } from './commands/erase.js';
import { exportCommand } from './commands/export.js';
import { factCommand } from './commands/fact.js';
import { historyCommand } from './commands/history.js';
import { initCommand } from './commands/init.js';
import { locateCommand } from './commands/locate.js';
import { modelCommand } from './commands/model.js';
import { neuronCommand } from './commands/neuron.js';
import { patchCommand } from './commands/patch.js';
import { probeCommand } from './commands/probe.js';
import { redoCommand } from './commands/redo.js';
import { reportCommand } from './commands/report.js';
import { revertCommand } from './commands/revert.js';
import { setCommand } from './commands/set.js';
import { showCommand } from './commands/show.js';
import { suiteCommand } from './commands/suite.js';
import { sweepCommand } from './commands/sweep.js';
import { tuiCommand } from './commands/tui.js';
import type { CommonArguments } from './options.js';

/** Hands every command over, in the order of --help. */
export function everyCommand(add: <T>(module: CommandModule<CommonArguments, T>) => void): void {
  add(tuiCommand);
  add(initCommand);
  add(probeCommand);
  add(attributeCommand);
  add(factCommand);
  add(locateCommand);
  add(neuronCommand);
  add(applyCommand);
  add(eraseCommand);
  add(revertCommand);
  add(redoCommand);
  add(historyCommand);
  add(showCommand);
  add(diffCommand);
  add(reportCommand);
  add(checkCommand);
  add(suiteCommand);
  add(exportCommand);
  add(patchCommand);
  add(setCommand);
  add(sweepCommand);
  add(backgroundCommand);
  add(cacheCommand);
  add(modelCommand);
  add(doctorCommand);
  add(completionCommand);
}
