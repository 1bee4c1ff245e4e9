// kn-edit history: all edits of the ledger.
import type { CommandModule } from 'yargs';
import { type CommonArguments, tableFormats } from '../options.js';
import { runCommand } from '../run.js';

export const historyCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'history',
  describe: 'List the edits of the ledger, newest first',
  builder: (argv) => tableFormats(argv).example('kn-edit history --json', ''),
  handler: (argv) =>
    runCommand(argv, async (session) => {
      const { historyReport, historyTable } = await import('../../report/history.js');
      const edits = session.history();
      return {
        json: { edits },
        text: (page) => historyReport(edits, page),
        table: (style) => historyTable(edits, style),
      };
    }),
};
