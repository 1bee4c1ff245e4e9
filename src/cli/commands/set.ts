// kn-edit set info | convert: the field's data sets, what of them can be used, and as lines of kn-edit's own.
import type { CommandModule } from 'yargs';
import { InputError } from '../../errors.js';
import { type CommonArguments, dashed, tableFormats } from '../options.js';
import { findProject, sessionOptions } from '../project.js';
import { runCommand } from '../run.js';

interface InfoArguments extends CommonArguments {
  set: string;
  edit?: boolean | undefined;
}

const SET = 'File or directory of a data set';

const infoCommand: CommandModule<CommonArguments, InfoArguments> = {
  command: 'info <set>',
  describe: 'Show what a data set is, and, with a model, what of it the model can be asked for',
  builder: (argv) =>
    tableFormats(dashed(argv, 'set'))
      .positional('set', { type: 'string', demandOption: true, describe: SET })
      .option('edit', {
        type: 'boolean',
        describe: 'For editing: facts with several true objects cannot be used',
      })
      .example('kn-edit set info counterfact.json --model ./gpt2', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ describeSet }, { relationTable, setInfoReport }] = await Promise.all([
        import('../../sets/info.js'),
        import('../../report/data-set.js'),
      ]);
      const { edit, set } = argv;
      const { model } = sessionOptions(argv, await findProject());
      if (edit && model === undefined)
        throw new InputError('--edit: is for what a model can be asked; name it with --model');
      const judge = model !== undefined && {
        model,
        usable: (items: Parameters<typeof session.usable>[0]) => session.usable(items, { edit }, control),
      };
      const info = await describeSet(set, judge || undefined, control.signal);
      return {
        json: info,
        text: (page) => setInfoReport(info, page),
        table: () => relationTable(info),
      };
    }),
};

interface ConvertArguments extends CommonArguments {
  set: string;
  out: string;
}

const convertCommand: CommandModule<CommonArguments, ConvertArguments> = {
  command: 'convert <set>',
  describe: 'Write a data set as JSON Lines: a fact per line, with its new answer and its probes',
  builder: (argv) =>
    dashed(argv, 'set')
      .positional('set', { type: 'string', demandOption: true, describe: SET })
      .option('out', { type: 'string', demandOption: true, requiresArg: true, describe: 'File to write' })
      .example('kn-edit set convert counterfact.json --out facts.jsonl', ''),
  handler: (argv) =>
    runCommand(argv, async (_, { signal }) => {
      const [{ convertSet }, { conversionReport }] = await Promise.all([
        import('../../sets/convert.js'),
        import('../../report/data-set.js'),
      ]);
      const written = await convertSet(argv.set, argv.out, signal);
      const change = `${written.out} is written`;
      return { json: written, text: (page) => conversionReport(written, page), change };
    }),
};

export const setCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'set',
  describe: 'Look into data sets, and convert them',
  builder: (argv) =>
    argv
      .command(infoCommand)
      .command(convertCommand)
      .demandCommand(1, 'name a command of set: info or convert'),
  handler: () => undefined,
};
