// kn-edit diff: two edits side by side.
import type { CommandModule } from 'yargs';
import type { CommonArguments } from '../options.js';
import { runCommand } from '../run.js';
import { editId } from './revert.js';

interface Arguments extends CommonArguments {
  id: number;
  other: number;
}

export const diffCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'diff <id> <other>',
  describe: 'Compare two edits: specification, neurons, effects',
  builder: (argv) =>
    argv
      .positional('id', { type: 'number', demandOption: true, describe: 'An edit' })
      .positional('other', { type: 'number', demandOption: true, describe: 'The edit to hold it against' })
      .example('kn-edit diff 1 2', ''),
  handler: (argv) =>
    runCommand(argv, async (session) => {
      const { diffReport } = await import('../../report/diff.js');
      const diff = session.diff(editId(argv.id), editId(argv.other));
      return { json: diff, text: (page) => diffReport(diff, page) };
    }),
};
