// kn-edit check: a regression check of the model as edited.
import { writeFileSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { InputError, inFile } from '../../errors.js';
import type { CommonArguments } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  suite?: string | undefined;
  record?: boolean | undefined;
  reporter: 'text' | 'junit' | 'tap';
}

const FAILED = 3;

export const checkCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'check [suite]',
  describe: 'Check that the model, as edited, still answers what it should',
  builder: (argv) =>
    argv
      .positional('suite', {
        type: 'string',
        describe: 'Suite file; without one, 200 facts of the fact base',
      })
      .option('record', { type: 'boolean', describe: "Write the base model's answers into the suite file" })
      .option('reporter', {
        choices: ['text', 'junit', 'tap'] as const,
        default: 'text' as const,
        describe: 'Output',
      })
      .example('kn-edit check suite.json --reporter junit > check.xml', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ readSuite }, report] = await Promise.all([
        import('../../spec/suite-file.js'),
        import('../../report/check.js'),
      ]);
      const { suite: path, record, reporter } = argv;
      if (record) {
        if (path === undefined) throw new InputError('--record: name the suite file to write into');
        const suite = readSuite(path);
        const recorded = await inFile(path, () => session.recordSuite(suite, control));
        writeFileSync(path, `${JSON.stringify(recorded, null, 2)}\n`);
        return { json: recorded, text: () => `${recorded.probes.length} answers recorded in ${path}` };
      }
      const suite = path === undefined ? undefined : readSuite(path);
      const result = await inFile(path ?? 'facts.json', () => session.check(suite, control));
      const text = {
        text: report.checkReport,
        junit: report.junitReport,
        tap: report.tapReport,
      }[reporter];
      return { json: result, text: (page) => text(result, page), exitCode: result.failed > 0 ? FAILED : 0 };
    }),
};
