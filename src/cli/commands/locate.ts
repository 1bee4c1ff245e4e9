// kn-edit locate: the knowledge neurons of a fact.
import type { CommandModule } from 'yargs';
import { inFile } from '../../errors.js';
import {
  type CommonArguments,
  dashed,
  type LocateArguments,
  locateOptions,
  locateSettings,
  tableFormats,
} from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  fact: string;
}

export const locateCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'locate <fact>',
  describe: 'Find the knowledge neurons of a fact',
  builder: (argv) =>
    dashed(tableFormats(locateOptions(argv)), 'fact')
      .positional('fact', {
        type: 'string',
        demandOption: true,
        describe: 'Fact file, or edit file with a fact; - is standard input',
      })
      .example('kn-edit locate edits/fix-capital.json --threshold 0.1', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ parseFact }, { openSource }, { localizationReport, neuronTable }] = await Promise.all([
        import('../../spec/read.js'),
        import('../../spec/source.js'),
        import('../../report/localization.js'),
      ]);
      const source = await openSource(argv.fact, control.signal);
      const { fact, locate, alone } = parseFact(source);
      const options = { ...locate, ...(await locateSettings(argv)) };
      const work = () => session.locate(fact, options, control);
      const found = await inFile(source.name, work, alone ? 'fact.' : '');
      return {
        json: found,
        text: (page) => localizationReport(found, page),
        table: () => neuronTable(found),
      };
    }),
};
