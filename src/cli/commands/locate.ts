// kn-edit locate: the knowledge neurons of a fact.
import type { CommandModule } from 'yargs';
import { inFile } from '../../errors.js';
import { type CommonArguments, type LocateArguments, locateOptions, locateSettings } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  fact: string;
}

export const locateCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'locate <fact>',
  describe: 'Find the knowledge neurons of a fact',
  builder: (argv) =>
    locateOptions(argv)
      .positional('fact', {
        type: 'string',
        demandOption: true,
        describe: 'Fact file, or edit file with a fact',
      })
      .example('kn-edit locate edits/fix-capital.json --threshold 0.1', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ readFact }, { localizationReport }] = await Promise.all([
        import('../../spec/read.js'),
        import('../../report/localization.js'),
      ]);
      const { fact, locate, alone } = readFact(argv.fact);
      const options = { ...locate, ...(await locateSettings(argv)) };
      const work = () => session.locate(fact, options, control);
      const found = await inFile(argv.fact, work, alone ? 'fact.' : '');
      return { json: found, text: (page) => localizationReport(found, page) };
    }),
};
