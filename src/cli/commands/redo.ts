// kn-edit redo: put a reverted edit on again.
import type { CommandModule } from 'yargs';
import type { CommonArguments } from '../options.js';
import { runCommand } from '../run.js';
import { changeOf, editId } from './revert.js';

interface Arguments extends CommonArguments {
  id: number;
  dryRun?: boolean | undefined;
}

export const redoCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'redo <id>',
  describe: 'Put a reverted edit on again, in its old place',
  builder: (argv) =>
    argv
      .positional('id', { type: 'number', demandOption: true, describe: 'Edit to put on again' })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would happen, change nothing' })
      .example('kn-edit redo 1', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { restackReport } = await import('../../report/edit.js');
      const result = await session.redo(editId(argv.id), argv.dryRun, control);
      return { json: result, text: (page) => restackReport(result, page), change: changeOf(result) };
    }),
};
