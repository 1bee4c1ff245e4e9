// kn-edit redo: put a reverted edit on again.
import type { CommandModule } from 'yargs';
import type { CommonArguments } from '../options.js';
import { REFUSED, runCommand } from '../run.js';
import { changeOf, editId } from './revert.js';

interface Arguments extends CommonArguments {
  id: number;
  dryRun?: boolean | undefined;
  allowRegressions?: boolean | undefined;
}

export const redoCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'redo <id>',
  describe: 'Put a reverted edit on again, in its old place',
  builder: (argv) =>
    argv
      .positional('id', { type: 'number', demandOption: true, describe: 'Edit to put on again' })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would happen, change nothing' })
      .option('allow-regressions', {
        type: 'boolean',
        describe: 'Do it even if other edits lose by it; without it, exit 3',
      })
      .example('kn-edit redo 1', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { dryRun, allowRegressions } = argv;
      const { restackReport } = await import('../../report/restack.js');
      const result = await session.redo(editId(argv.id), { dryRun, allowRegressions }, control);
      return {
        json: result,
        text: (page) => restackReport(result, page),
        change: changeOf(result),
        exitCode: result.wouldRefuse ? REFUSED : 0,
      };
    }),
};
