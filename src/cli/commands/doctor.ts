// kn-edit doctor: the state of the installation.
import type { CommandModule } from 'yargs';
import { type CommonArguments, tableFormats } from '../options.js';
import { findProject } from '../project.js';
import { runCommand } from '../run.js';

export const doctorCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'doctor',
  describe: 'Check engines, model and ledger, and show what the project says',
  builder: (argv) => tableFormats(argv).example('kn-edit doctor', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const [{ diagnose }, { doctorReport, enginesTable }] = await Promise.all([
        import('../../session/doctor.js'),
        import('../../report/doctor.js'),
      ]);
      const project = (await findProject()) ?? null;
      const diagnosis = await diagnose(session, control);
      return {
        json: { ...diagnosis, project },
        text: (page) => doctorReport(diagnosis, project, page),
        table: (style) => enginesTable(diagnosis, style),
        exitCode: diagnosis.healthy ? 0 : 1,
      };
    }),
};
