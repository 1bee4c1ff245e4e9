// kn-edit locate: the knowledge neurons of a fact.

import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { inFile } from '../../errors.js';
import type { Control } from '../../session/context.js';
import type { Localization } from '../../session/locate.js';
import type { Fact } from '../../spec/edit-file.js';
import { expectNew, makeNew, writeNew, writeNewJson } from '../new-file.js';
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
  out?: string | undefined;
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
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Also write a directory: maps.npy [prompts, L, F], neurons.csv, and the fact as fact.json',
      })
      .example('kn-edit locate edits/fix-capital.json --threshold 0.1', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ parseFact }, { openSource }, { localizationReport, neuronTable }, { paragraphs }] =
        await Promise.all([
          import('../../spec/read.js'),
          import('../../spec/source.js'),
          import('../../report/localization.js'),
          import('../../report/page.js'),
        ]);
      if (argv.out !== undefined) expectNew(argv.out);
      const source = await openSource(argv.fact, control.signal);
      const { fact, locate, alone } = parseFact(source);
      const options = { ...locate, ...(await locateSettings(argv)) };
      const maps = new Map<string, Float32Array>();
      const onMap: Control['onMap'] = (i, { scores }) => maps.set(fact.prompts[i] ?? '', scores);
      const work = () =>
        session.locate(fact, options, argv.out === undefined ? control : { ...control, onMap });
      const found = await inFile(source.name, work, alone ? 'fact.' : '');
      const change =
        argv.out === undefined ? undefined : await writeLocalization(argv.out, found, fact, maps);
      return {
        json: found,
        text: (page) => paragraphs(localizationReport(found, page), change),
        change,
        table: () => neuronTable(found),
      };
    }),
};

/**
 * Writes what notebooks go on with.
 * @param maps scores of each prompt, [L, F]
 * @returns what was done, in words
 */
async function writeLocalization(
  directory: string,
  found: Localization,
  fact: Fact,
  maps: ReadonlyMap<string, Float32Array>,
): Promise<string> {
  const [{ npy }, { neuronTable }, { csvTable }] = await Promise.all([
    import('../../report/npy.js'),
    import('../../report/localization.js'),
    import('../../report/table.js'),
  ]);
  const prompts = found.prompts.map(({ prompt }) => prompt);
  const layers = found.prompts[0]?.completeness.length ?? 0;
  const width = (maps.get(prompts[0] ?? '')?.length ?? 0) / layers;
  const scores = new Float32Array(prompts.length * layers * width);
  for (const [i, prompt] of prompts.entries()) scores.set(maps.get(prompt) ?? [], i * layers * width);
  makeNew(directory);
  writeNew(join(directory, 'maps.npy'), npy(scores, [prompts.length, layers, width]));
  writeNew(join(directory, 'neurons.csv'), `${csvTable(neuronTable(found))}\n`);
  writeNewJson(join(directory, 'fact.json'), { ...fact, prompts });
  return `${prompts.length} maps and ${found.neurons.length} neurons written to ${directory}`;
}
