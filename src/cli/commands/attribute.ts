// kn-edit attribute: the score map of one prompt.
import type { CommandModule } from 'yargs';
import { InputError } from '../../errors.js';
import type { ScoreMap } from '../../session/ask.js';
import { expectNew, writeNew } from '../new-file.js';
import {
  type CommonArguments,
  type LocateArguments,
  locateSettings,
  ruleOptions,
  tableFormats,
  targetOf,
  targetOptions,
} from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends LocateArguments {
  prompt: string;
  target?: string | undefined;
  targetId?: number | undefined;
  out?: string | undefined;
}

export const attributeCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'attribute',
  describe: 'Score every FFN neuron of every layer for one prompt',
  builder: (argv) =>
    tableFormats(ruleOptions(targetOptions(argv)))
      .option('prompt', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Prompt with one [MASK], or a text to continue',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Also write the scores to F.npy [L, F], or F.csv',
      })
      .example('kn-edit attribute --prompt "The capital of Kazakhstan is [MASK]." --target Almaty', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const target = targetOf(argv);
      if (target === undefined)
        throw new InputError('--target: is missing; give --target WORD or --target-id N');
      if (argv.out !== undefined) expectMapFile(argv.out);
      const [{ attributionReport, strongestTable }, { paragraphs }] = await Promise.all([
        import('../../report/attribution.js'),
        import('../../report/page.js'),
      ]);
      const map = await session.attribute(argv.prompt, target, await locateSettings(argv), control);
      const { scores, layers, settings, completeness, prompt, seconds } = map;
      const width = scores.length / layers;
      const change = argv.out === undefined ? undefined : await writeMap(argv.out, map);
      const json = {
        prompt,
        target: map.target,
        prob: map.prob,
        rule: settings.rule,
        steps: settings.rule === 'adaptive' ? null : settings.steps,
        site: settings.site,
        path: settings.path,
        ...(settings.noise && { noise: settings.noise }),
        scores: completeness.map((_, layer) => [...scores.subarray(layer * width, (layer + 1) * width)]),
        completeness,
        unknownWords: map.unknownWords,
        seconds,
      };
      return {
        json,
        text: (page) => paragraphs(attributionReport(map, page), change),
        table: () => strongestTable(map),
        change,
      };
    }),
};

/** @throws InputError when the file is of no kind that is known, or there already */
function expectMapFile(path: string): void {
  if (!/\.(npy|csv)$/i.test(path)) throw new InputError('--out: must end in .npy or .csv');
  expectNew(path);
}

/** @returns what was done, in words */
async function writeMap(path: string, map: ScoreMap): Promise<string> {
  const shape = [map.layers, map.scores.length / map.layers];
  if (/\.npy$/i.test(path)) {
    const { npy } = await import('../../report/npy.js');
    writeNew(path, npy(map.scores, shape));
  } else {
    const [{ scoresTable }, { csvTable }] = await Promise.all([
      import('../../report/attribution.js'),
      import('../../report/table.js'),
    ]);
    writeNew(path, `${csvTable(scoresTable(map))}\n`);
  }
  return `${shape.join(' x ')} scores written to ${path}`;
}
