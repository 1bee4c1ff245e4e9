// kn-edit attribute: the score map of one prompt.
import type { CommandModule } from 'yargs';
import { InputError } from '../../errors.js';
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
      .example('kn-edit attribute --prompt "The capital of Kazakhstan is [MASK]." --target Almaty', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const target = targetOf(argv);
      if (target === undefined)
        throw new InputError('--target: is missing; give --target WORD or --target-id N');
      const { attributionReport, strongestTable } = await import('../../report/attribution.js');
      const map = await session.attribute(argv.prompt, target, await locateSettings(argv), control);
      const { scores, layers, settings, completeness, prompt, seconds } = map;
      const width = scores.length / layers;
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
      return { json, text: (page) => attributionReport(map, page), table: () => strongestTable(map) };
    }),
};
