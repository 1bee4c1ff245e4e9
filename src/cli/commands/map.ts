// kn-edit map: how a fact, or a relation, runs through the layers.
import { extname } from 'node:path';
import type { CommandModule } from 'yargs';
import { InputError, inFile } from '../../errors.js';
import type { NeuronMap } from '../../session/neuron-map.js';
import type { CommonArguments } from '../options.js';
import {
  expectWhole,
  type LocateArguments,
  locateOptions,
  locateSettings,
  tableFormats,
} from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  fact?: string | undefined;
  relation?: string | undefined;
  run?: string | undefined;
  neurons?: number | undefined;
  limit?: number | undefined;
  out?: string | undefined;
}

export const mapCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'map [fact]',
  describe: 'Map a fact through the layers: its neurons, and what flows between them',
  builder: (argv) =>
    tableFormats(locateOptions(argv))
      .positional('fact', {
        type: 'string',
        describe: 'Fact file, or edit file with a fact; - is standard input',
      })
      .option('relation', {
        type: 'string',
        requiresArg: true,
        describe: "In place of a fact: a relation of the model's fact base, or of --run",
      })
      .option('run', {
        type: 'string',
        requiresArg: true,
        describe:
          "A finished sweep's directory: whose its neurons are, or those of its --relation; nothing is located",
      })
      .option('neurons', {
        type: 'number',
        requiresArg: true,
        describe: 'Neurons that are shown, at most  [default: 24]',
      })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        describe: 'Facts that are located, or with --run asked for the flows, at most  [default: 20]',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'File to write it to as well: .svg, .html or .json',
      })
      .conflicts('fact', ['relation', 'run', 'limit'])
      .example('kn-edit map edits/fix-capital.json', '')
      .example('kn-edit map --relation capital --out capital.html', '')
      .example('kn-edit map --run runs/kn-mini --out run.html', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { neurons, limit, relation, run } = argv;
      if (neurons !== undefined) expectWhole('neurons', neurons, 1, 200);
      if (limit !== undefined) expectWhole('limit', limit);
      const write = await writerOf(argv.out);
      const { flowTable, neuronMapReport, runNeuronTable } = await import('../../report/neuron-map.js');
      const found = await mapAsked();
      write?.(found);
      return {
        json: found,
        text: (page) => neuronMapReport(found, page),
        table: () => (found.all ? runNeuronTable : flowTable)(found),
        change: argv.out === undefined ? undefined : `${argv.out} is written`,
      };

      async function mapAsked(): Promise<NeuronMap> {
        const settings = await locateSettings(argv);
        if (run !== undefined) {
          return session.neuronMap({ run, relation }, { neurons, limit, locate: settings }, control);
        }
        if (relation !== undefined) {
          return session.neuronMap(relation, { neurons, limit, locate: settings }, control);
        }
        if (argv.fact === undefined) throw new InputError('name a fact file, --relation R, or --run RUN');
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

/** Writes a map to a file, in the form that the file's name ends in. @throws InputError when that is none of these */
async function writerOf(path: string | undefined): Promise<((map: NeuronMap) => void) | undefined> {
  if (path === undefined) return undefined;
  const [{ replaceFile }, { neuronMapPage, neuronMapSvg }, { printableJson }] = await Promise.all([
    import('../../files.js'),
    import('../../report/pages/neuron-map.js'),
    import('../../report/style.js'),
  ]);
  const forms: Record<string, (map: NeuronMap) => string> = {
    '.svg': neuronMapSvg,
    '.html': neuronMapPage,
    '.json': (map) => `${printableJson(map)}\n`,
  };
  const form = forms[extname(path).toLowerCase()];
  if (!form) throw new InputError('--out: must end in .svg, .html or .json');
  return (map) => replaceFile(path, form(map));
}
