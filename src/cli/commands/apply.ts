// kn-edit apply: locate, operate, check, record.
import type { CommandModule } from 'yargs';
import { InputError, inFile } from '../../errors.js';
import { VERDICTS } from '../../probe/verdict.js';
import type { ApplyResult } from '../../session/apply.js';
import type { SetResult } from '../../session/apply-set.js';
import type { Sweep } from '../../session/swept.js';
import { SWEPT } from '../../spec/choices.js';
import type { SourcedEdit } from '../../spec/read.js';
import {
  type CommonArguments,
  dashed,
  type JudgingArguments,
  judging,
  judgingOptions,
  type LocateArguments,
  locateOptions,
  locateSettings,
  tableFormats,
} from '../options.js';
import type { Output } from '../output.js';
import { REFUSED, runCommand } from '../run.js';

interface Arguments extends LocateArguments, JudgingArguments {
  edit: string;
  more?: string[] | undefined;
  dryRun?: boolean | undefined;
  whatIf?: boolean | undefined;
  dose?: string | undefined;
  sweep?: string | undefined;
}

export const applyCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'apply <edit> [more..]',
  describe: 'Apply an edit, or several together: locate, probe, operate, probe again, check, record',
  builder: (argv) =>
    dashed(tableFormats(judgingOptions(locateOptions(argv))), 'edit', 'more')
      .positional('edit', {
        type: 'string',
        demandOption: true,
        describe: 'Edit file, or a file with an edit per line; - is standard input',
      })
      .positional('more', {
        type: 'string',
        array: true,
        describe: 'Further files: all edits are applied together',
      })
      .option('dry-run', { type: 'boolean', describe: 'Measure everything, change nothing' })
      .option('what-if', {
        type: 'boolean',
        describe: 'Scale activations at the mask instead of weights; a dry run',
      })
      .option('dose', {
        type: 'string',
        requiresArg: true,
        describe: 'Also measure at doses, e.g. 0,0.5,1,1.5,2',
      })
      .option('sweep', {
        type: 'string',
        requiresArg: true,
        describe: `Try a setting of a rewrite at several values, and apply the smallest that works and harms nothing: ${SWEPT.join(', ')}, e.g. lambdaNew=0.2,0.4,0.8`,
      })
      .example('kn-edit apply edits/fix-capital.json --dry-run', '')
      .example('kn-edit apply capital.json currency.json more.jsonl', '')
      .epilogue(
        [
          'Verdicts:',
          ...Object.entries(VERDICTS).map(([word, means]) => `  ${word}: ${means}`),
          '',
          'Where layers share value vectors (ALBERT), an edit acts in all of them: its neurons are listed by the first.',
        ].join('\n'),
      ),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const edits = await readAll([argv.edit, ...(argv.more ?? [])], control.signal);
      const { dryRun, whatIf } = argv;
      const locate = await locateSettings(argv);
      const doses = numbersOf('dose', argv.dose);
      const sweep = sweepOf(argv.sweep);
      if (whatIf && sweep) throw new InputError('--sweep: is for rewrites, which --what-if cannot try');
      const shared = { dryRun, locate, ...judging(argv) };
      const [first, ...others] = edits;
      if (!first || others.length > 0) {
        if (whatIf || doses || sweep)
          throw new InputError('--what-if, --dose and --sweep try one edit out; name one');
        return setOutput(await session.applySet(edits, shared, control));
      }
      const options = { ...shared, whatIf, doses, sweep };
      return applyOutput(await inFile(first.source, () => session.apply(first.edit, options, control)));
    }),
};

async function readAll(paths: readonly string[], signal: AbortSignal | undefined): Promise<SourcedEdit[]> {
  const [{ parseEdits }, { openSource }] = await Promise.all([
    import('../../spec/read.js'),
    import('../../spec/source.js'),
  ]);
  const edits: SourcedEdit[] = [];
  for (const path of paths) edits.push(...parseEdits(await openSource(path, signal)));
  return edits;
}

async function applyOutput(result: ApplyResult): Promise<Output> {
  const [{ applyReport }, { probesTable }] = await Promise.all([
    import('../../report/edit.js'),
    import('../../report/probes.js'),
  ]);
  return {
    json: result,
    text: (page) => applyReport(result, page),
    table: () => probesTable(result.before, result.after),
    exitCode: result.wouldRefuse ? REFUSED : 0,
    change: result.editId === null ? undefined : `edit ${result.editId} is applied`,
  };
}

async function setOutput(result: SetResult): Promise<Output> {
  const { setReport, editTable } = await import('../../report/set.js');
  const ids = result.edits.flatMap(({ editId }) => editId ?? []);
  return {
    json: result,
    text: (page) => setReport(result, page),
    table: (style) => editTable(result, style),
    exitCode: result.wouldRefuse ? REFUSED : 0,
    change: ids.length > 0 ? `edits ${ids.join(', ')} are applied` : undefined,
  };
}

/** What the library takes at most. */
const MOST = 50;

/** @throws InputError when it is not a list of numbers, or too long a one */
function numbersOf(option: string, text: string | undefined): number[] | undefined {
  const numbers = text?.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers && !numbers.every(Number.isFinite)) {
    throw new InputError(`--${option}: must be numbers with commas between them, e.g. 0,0.5,1,1.5,2`);
  }
  if (numbers && numbers.length > MOST) {
    throw new InputError(`--${option}: names ${numbers.length} values; at most ${MOST} are measured`);
  }
  return numbers;
}

/** @throws InputError when it is not a setting with its values */
function sweepOf(text: string | undefined): Sweep | undefined {
  if (text === undefined) return undefined;
  const [name, list, ...rest] = text.split('=');
  const field = SWEPT.find((one) => one === name);
  const values = rest.length > 0 ? undefined : numbersOf('sweep', list);
  if (field && values) return { field, values };
  throw new InputError(
    `--sweep: must be one of ${SWEPT.join(', ')} with its values, e.g. lambdaNew=0.2,0.4,0.8`,
  );
}
