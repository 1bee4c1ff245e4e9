// kn-edit probe: what the model answers to a prompt.
import type { CommandModule } from 'yargs';
import { type CommonArguments, expectWhole, tableFormats, targetOf, targetOptions } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  prompt: string;
  target?: string | undefined;
  targetId?: number | undefined;
  top: number;
}

export const probeCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'probe',
  describe: 'Ask the model: answers with probabilities and ranks',
  builder: (argv) =>
    tableFormats(targetOptions(argv))
      .option('prompt', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'Prompt with one [MASK], or a text to continue',
      })
      .option('top', { type: 'number', default: 5, requiresArg: true, describe: 'How many answers' })
      .example('kn-edit probe --prompt "The capital of Kazakhstan is [MASK]." --target Astana', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      expectWhole('top', argv.top);
      const { answersReport, answersTable } = await import('../../report/answers.js');
      const answer = await session.probe(argv.prompt, targetOf(argv), argv.top, control);
      return {
        json: answer,
        text: (page) => answersReport(answer, page),
        table: (style) => answersTable(answer, style),
      };
    }),
};
