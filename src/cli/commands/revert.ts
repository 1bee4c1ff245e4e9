// kn-edit revert: take edits back.
import type { CommandModule } from 'yargs';
import { InputError } from '../../errors.js';
import type { RestackResult } from '../../session/restack.js';
import type { CommonArguments } from '../options.js';
import { REFUSED, runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  id?: number[] | undefined;
  last?: boolean | undefined;
  all?: boolean | undefined;
  dryRun?: boolean | undefined;
  allowRegressions?: boolean | undefined;
}

export const revertCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'revert [id..]',
  describe: 'Take edits back, bit for bit',
  builder: (argv) =>
    argv
      .positional('id', { type: 'number', array: true, describe: 'Edits to take back' })
      .option('last', { type: 'boolean', describe: 'The newest applied edit' })
      .option('all', { type: 'boolean', describe: 'Every applied edit' })
      .option('dry-run', { type: 'boolean', describe: 'Tell what would happen, change nothing' })
      .option('allow-regressions', {
        type: 'boolean',
        describe: 'Do it even if other edits lose by it; without it, exit 3',
      })
      .example('kn-edit revert --last', '')
      .example('kn-edit revert 2 5', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { id: ids = [], last, all } = argv;
      if ([ids.length > 0, last, all].filter(Boolean).length !== 1) {
        throw new InputError('revert: name one of ID, --last, --all');
      }
      const { dryRun, allowRegressions } = argv;
      const { restackReport } = await import('../../report/restack.js');
      const choice = ids.length > 0 ? { ids: ids.map(editId) } : last ? 'last' : 'all';
      const result = await session.revert(choice, { dryRun, allowRegressions }, control);
      return {
        json: result,
        text: (page) => restackReport(result, page),
        change: changeOf(result),
        exitCode: result.wouldRefuse ? REFUSED : 0,
      };
    }),
};

/** What was changed, in a few words. */
export function changeOf({ dryRun, status, edits }: RestackResult): string | undefined {
  return dryRun ? undefined : edits.map(({ id }) => `edit ${id} is ${status}`).join(', ');
}

/** @throws InputError when an id is not a positive whole number */
export function editId(id: number): number {
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new InputError('ID: must be the number of an edit; see kn-edit history');
}
