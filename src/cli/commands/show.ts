// kn-edit show: one edit with everything that is known of it.
import type { CommandModule } from 'yargs';
import { type CommonArguments, tableFormats } from '../options.js';
import { runCommand } from '../run.js';
import { editId } from './revert.js';

interface Arguments extends CommonArguments {
  id: number;
}

export const showCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'show <id>',
  describe: 'Show one edit with everything that is known of it',
  builder: (argv) =>
    tableFormats(argv)
      .positional('id', { type: 'number', demandOption: true, describe: 'Edit to show' })
      .example('kn-edit show 1', ''),
  handler: (argv) =>
    runCommand(argv, async (session) => {
      const [{ editReport }, { probesTable }] = await Promise.all([
        import('../../report/show.js'),
        import('../../report/probes.js'),
      ]);
      const edit = session.show(editId(argv.id));
      const vectors = edit.vectors.map(({ before, after, ...hashes }) => hashes);
      return {
        json: { ...edit, vectors },
        text: (page) => editReport(edit, page),
        table: () => probesTable(edit.before, edit.after),
      };
    }),
};
