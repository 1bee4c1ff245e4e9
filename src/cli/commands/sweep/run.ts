// kn-edit sweep SET: does what is missing of a run.
import type { CommandModule } from 'yargs';
import { InputError } from '../../../errors.js';
import { paceText } from '../../../report/progress.js';
import type { Control, Progress } from '../../../session/context.js';
import { CHOSEN_BY, type ChosenBy, REWRITES, SWEEP_OPERATIONS } from '../../../spec/choices.js';
import {
  type CommonArguments,
  dashed,
  expectWhole,
  formatOf,
  type LocateArguments,
  locateOptions,
  locateSettings,
} from '../../options.js';
import { printNote } from '../../output.js';
import { REFUSED, runCommand } from '../../run.js';

interface Arguments extends LocateArguments {
  set: string;
  do?: (typeof SWEEP_OPERATIONS)[number] | undefined;
  by?: ChosenBy | undefined;
  out: string;
  templates?: boolean | undefined;
  relation?: string[] | undefined;
  known?: boolean | undefined;
  limit?: number | undefined;
  seed?: number | undefined;
  method?: (typeof REWRITES)[number] | undefined;
  neurons?: number | undefined;
  layer?: number | undefined;
  lambdaOld?: number | undefined;
  lambdaNew?: number | undefined;
  factor?: number | undefined;
  value?: 'zero' | 'unk' | undefined;
  controls?: number | undefined;
  seeds?: number | undefined;
  text?: number | undefined;
  full?: boolean | undefined;
  sequential?: boolean | undefined;
  retry?: boolean | undefined;
  shard?: string | undefined;
  queue?: string | undefined;
}

export const runSweepCommand: CommandModule<CommonArguments, Arguments> = {
  command: '$0 <set>',
  describe: 'Do what is missing of a run: every fact of the set by itself, nothing is applied',
  builder: (argv) =>
    dashed(locateOptions(argv), 'set')
      .positional('set', {
        type: 'string',
        demandOption: true,
        describe: 'Data set: a file, or a directory (kn-edit set info)',
      })
      .option('do', {
        choices: SWEEP_OPERATIONS,
        requiresArg: true,
        describe: 'What is done with each fact; edit: a rewrite  [default: locate]',
      })
      .option('by', {
        choices: CHOSEN_BY,
        requiresArg: true,
        describe:
          'Which neurons suppress, amplify and erase change; activation: the baseline  [default: attribution]',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'Run directory; what is done there is not done again',
      })
      .option('templates', {
        type: 'boolean',
        describe: 'Ask each fact in the wordings of its relation, too (kn-edit fact relations)',
      })
      .option('relation', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'These relations only',
      })
      .option('known', { type: 'boolean', describe: 'Only facts that the model answers' })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        describe: 'At most so many facts: the first ones, or with --seed some drawn at random',
      })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        describe: 'Draws facts, and new answers where the set names none',
      })
      .option('method', {
        choices: REWRITES,
        requiresArg: true,
        describe: 'Method of --do edit  [default: as apply]',
      })
      .option('neurons', {
        type: 'number',
        requiresArg: true,
        describe: 'Neurons that an edit changes, at most; of solve no fewer than are located in its layer',
      })
      .option('layer', { type: 'number', requiresArg: true, describe: 'Layer of --method subject and rome' })
      .option('lambda-old', {
        type: 'number',
        requiresArg: true,
        describe: 'Strength at the old answer, of --method relative and absolute',
      })
      .option('lambda-new', { type: 'number', requiresArg: true, describe: 'The same at the new answer' })
      .option('factor', {
        type: 'number',
        requiresArg: true,
        describe: 'Factor of --do amplify, above 1  [default: 2]',
      })
      .option('value', {
        choices: ['zero', 'unk'] as const,
        requiresArg: true,
        describe: 'What --do erase leaves  [default: zero]',
      })
      .option('controls', {
        type: 'number',
        requiresArg: true,
        describe: 'Facts of which random neurons are changed, too, for comparison  [default: all]',
      })
      .option('seeds', {
        type: 'number',
        requiresArg: true,
        describe: 'Random draws of a control  [default: 5]',
      })
      .option('text', {
        type: 'number',
        requiresArg: true,
        describe: 'Tokens of ordinary text on which perplexity is measured, about  [default: 500]',
      })
      .option('full', {
        type: 'boolean',
        describe: 'Keep every score, not only those of a tenth of the largest',
      })
      .option('sequential', {
        type: 'boolean',
        describe:
          'Make each edit in the model that those before it left, and ask all again after every tenth',
      })
      .option('retry', { type: 'boolean', describe: 'Try again what failed' })
      .option('shard', {
        type: 'string',
        requiresArg: true,
        describe: 'Do part i of n, e.g. 2/4; kn-edit sweep merge joins them',
      })
      .option('queue', {
        type: 'string',
        requiresArg: true,
        describe: 'Redis server whose workers compute (kn-edit sweep work), e.g. redis://localhost:6379',
      })
      .conflicts('queue', 'shard')
      .example('kn-edit sweep fixtures/kn-mini/facts.json --out runs/kn-mini', '')
      .example('kn-edit sweep counterfact.json --do edit --known --limit 100 --out runs/cf', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ readSetPatiently }, { countReasons }, { sweepReport }] = await Promise.all([
        import('../../../sets/read.js'),
        import('../../../sets/reasons.js'),
        import('../../../report/sweep.js'),
      ]);
      if (argv.seeds !== undefined) expectWhole('seeds', argv.seeds, 1, 100);
      for (const option of ['limit', 'neurons', 'text'] as const) {
        if (argv[option] !== undefined) expectWhole(option, argv[option]);
      }
      for (const option of ['seed', 'layer', 'controls'] as const) {
        if (argv[option] !== undefined) expectWhole(option, argv[option], 0);
      }
      const { out, do: what = 'locate', by, templates, relation: relations } = argv;
      const { method, neurons, layer, lambdaOld, lambdaNew, factor, value } = argv;
      const { known, limit, seed, controls, seeds, text, full, sequential, retry } = argv;
      const {
        items,
        format,
        records,
        setAside,
        leftOut: partsLeftOut,
      } = await readSetPatiently(argv.set, control.signal);
      const summary = await session.sweep(
        items,
        {
          out,
          do: what,
          by,
          operation: { method, neurons, layer, lambdaOld, lambdaNew, factor, value },
          ...{ templates, relations, known, limit, seed, controls, seeds, text, full, sequential, retry },
          shard: shardOf(argv.shard),
          source: {
            ...{ path: argv.set, format, records, partsLeftOut },
            setAside: countReasons(setAside.map(({ reason }) => reason)),
          },
          queue: argv.queue,
          command: process.argv.slice(2).map(withoutPassword),
          locate: await locateSettings(argv),
        },
        telling(control, argv),
      );
      return {
        json: summary,
        text: (page) => sweepReport(summary, page),
        exitCode: summary.counts.failed > 0 ? REFUSED : 0,
        change: `the run is in ${summary.out}`,
      };
    }),
};

/** The manifest is for everybody. What stands before the last `@` of an address's host is who may ask it. */
function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^/:]*:).*@/, '$1***@');
}

/** @throws InputError when it is not "i/n" */
function shardOf(text: string | undefined) {
  if (text === undefined) return undefined;
  const [, index = 0, of = 0] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > of) throw new InputError('--shard: must be a part of a number of parts, e.g. 2/4');
  return { index, of };
}

/** Milliseconds between two lines where there is no terminal. */
const LINES_MS = 30_000;

/** Where there is no terminal for a bar, a line now and then says how far it has come. */
function telling(control: Control, argv: CommonArguments): Control {
  const bar = process.stderr.isTTY && formatOf(argv) !== 'json';
  if (bar || argv.quiet) return control;
  let last = performance.now();
  const onProgress = (progress: Progress) => {
    control.onProgress?.(progress);
    const { stage, done, total, pace } = progress;
    const now = performance.now();
    if (stage !== 'sweep' || !pace || now - last < LINES_MS) return;
    last = now;
    printNote(`${done} of ${total} facts, ${paceText(pace)}`);
  };
  return { ...control, onProgress };
}
