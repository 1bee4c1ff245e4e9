// kn-edit check: a regression check of the model as edited.
import { join, parse } from 'node:path';
import type { CommandModule } from 'yargs';
import { InputError, inFile } from '../../errors.js';
import { replaceFile } from '../../files.js';
import { type CommonArguments, dashed, tableFormats } from '../options.js';
import { REFUSED, runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  suite?: string | undefined;
  record?: boolean | undefined;
  edits?: boolean | undefined;
  reporter: 'text' | 'junit' | 'tap';
}

export const checkCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'check [suite]',
  describe: 'Check that the model, as edited, still answers what it should',
  builder: (argv) =>
    dashed(tableFormats(argv), 'suite')
      .positional('suite', {
        type: 'string',
        describe: 'Suite file; - is standard input; without one, 200 facts of the fact base',
      })
      .option('record', {
        type: 'boolean',
        describe: "Write the base model's answers beside the suite, as SUITE.recorded.json",
      })
      .option('edits', {
        type: 'boolean',
        describe: 'Check how every applied edit stands; exit 3 if one is weakened or lost',
      })
      .option('reporter', {
        choices: ['text', 'junit', 'tap'] as const,
        requiresArg: true,
        default: 'text' as const,
        describe: 'Output',
      })
      .example('kn-edit check suite.json --reporter junit > check.xml', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ parseSuite }, { openSource, STANDARD_INPUT }, report] = await Promise.all([
        import('../../spec/suite-file.js'),
        import('../../spec/source.js'),
        import('../../report/check.js'),
      ]);
      const { suite: path, record, edits, reporter } = argv;
      if (edits) {
        if (path !== undefined || record)
          throw new InputError('--edits: checks the edits alone; leave the rest out');
        const result = await session.checkEdits(control);
        const text = { text: report.editsReport, junit: report.junitEdits, tap: report.tapEdits }[reporter];
        return {
          json: result,
          text: (page) => text(result, page),
          table: (style) => report.standingsTable(result, style),
          exitCode: result.failed > 0 ? REFUSED : 0,
        };
      }
      const source = path === undefined ? undefined : await openSource(path, control.signal);
      const suite = source && parseSuite(source);
      if (record) {
        if (!path || path === STANDARD_INPUT || !suite) {
          throw new InputError('--record: name the suite file beside which the answers are to be recorded');
        }
        const recorded = await inFile(path, () => session.recordSuite(suite, control));
        const file = recordingOf(path);
        replaceFile(file, `${JSON.stringify(recorded, null, 2)}\n`);
        const change = `${recorded.probes.length} answers recorded in ${file}`;
        return { json: recorded, text: () => change, change };
      }
      const result = await inFile(source?.name ?? 'facts.json', () => session.check(suite, control));
      const text = {
        text: report.checkReport,
        junit: report.junitReport,
        tap: report.tapReport,
      }[reporter];
      return {
        json: result,
        text: (page) => text(result, page),
        table: (style) => report.failuresTable(result, style),
        exitCode: result.failed > 0 ? REFUSED : 0,
      };
    }),
};

/** Where a suite's recorded answers go: beside it, since what a person wrote is theirs. A recording is renewed in place. */
function recordingOf(suite: string): string {
  const { dir, name } = parse(suite);
  return join(dir, `${name.replace(/\.recorded$/, '')}.recorded.json`);
}
