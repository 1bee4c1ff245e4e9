// kn-edit map: how a fact, or a relation, runs through the layers.
import type { CommandModule } from 'yargs';
import { InputError, inFile } from '../../errors.js';
import type { NeuronMap } from '../../session/neuron-map.js';
import type { CommonArguments } from '../options.js';
import { expectWhole, type LocateArguments, locateOptions, locateSettings } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  fact?: string | undefined;
  relation?: string | undefined;
  neurons?: number | undefined;
  limit?: number | undefined;
  out?: string | undefined;
}

export const mapCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'map [fact]',
  describe: 'Map a fact through the layers: its neurons, and what flows between them',
  builder: (argv) =>
    locateOptions(argv)
      .positional('fact', {
        type: 'string',
        describe: 'Fact file, or edit file with a fact; - is standard input',
      })
      .option('relation', {
        type: 'string',
        requiresArg: true,
        describe: "In place of a fact: a relation of the model's fact base",
      })
      .option('neurons', {
        type: 'number',
        requiresArg: true,
        describe: 'Neurons that are shown, at most  [default: 24]',
      })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        describe: 'Facts of the relation that are located, at most  [default: 20]',
      })
      .conflicts('fact', 'relation')
      .example('kn-edit map edits/fix-capital.json', '')
      .example('kn-edit map --relation capital', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { neurons, limit, relation } = argv;
      if (neurons !== undefined) expectWhole('neurons', neurons, 1, 200);
      if (limit !== undefined) expectWhole('limit', limit);
      const { neuronMapReport } = await import('../../report/neuron-map.js');
      const found = await mapAsked();
      return { json: found, text: (page) => neuronMapReport(found, page) };

      async function mapAsked(): Promise<NeuronMap> {
        const settings = await locateSettings(argv);
        if (relation !== undefined) {
          return session.neuronMap(relation, { neurons, limit, locate: settings }, control);
        }
        if (argv.fact === undefined) throw new InputError('name a fact file, or --relation R');
        const [{ parseFact }, { openSource }] = await Promise.all([
          import('../../spec/read.js'),
          import('../../spec/source.js'),
        ]);
        const source = await openSource(argv.fact, control.signal);
        const { fact, locate, alone } = parseFact(source);
        const options = { neurons, locate: { ...locate, ...settings } };
        return inFile(source.name, () => session.neuronMap(fact, options, control), alone ? 'fact.' : '');
      }
    }),
};
