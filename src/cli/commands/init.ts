// kn-edit init: a first edit file, from what is asked for.
import type { CommandModule } from 'yargs';
import { givenOrAsked } from '../ask.js';
import { expectNew, writeNewJson } from '../new-file.js';
import { type CommonArguments, dashed } from '../options.js';
import { runCommand } from '../run.js';

interface Arguments extends CommonArguments {
  file: string;
  subject?: string | undefined;
  relation?: string | undefined;
  object?: string | undefined;
  to?: string | undefined;
  prompt?: string[] | undefined;
}

/** From so many wordings on, one is kept for measuring. */
const ENOUGH = 4;

export const initCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'init [file]',
  describe: 'Write a first edit file: a fact with its prompts, and what the model should answer instead',
  builder: (argv) =>
    dashed(argv, 'file')
      .positional('file', { type: 'string', default: 'edit.json', describe: 'Edit file to write' })
      .option('subject', { type: 'string', requiresArg: true, describe: 'What the fact is about' })
      .option('relation', {
        type: 'string',
        requiresArg: true,
        describe: 'What of it, e.g. capital (kn-edit fact relations)',
      })
      .option('object', { type: 'string', requiresArg: true, describe: 'What the model answers now' })
      .option('to', { type: 'string', requiresArg: true, describe: 'What it should answer instead' })
      .option('prompt', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe:
          "Wordings of your own, each with one [MASK]  [default: the relation's that the model answers]",
      })
      .epilogue('On a terminal, what is missing is asked for.')
      .example('kn-edit init fix.json', '')
      .example('kn-edit init --subject Kazakhstan --relation capital --object Almaty --to Astana', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { file, prompt, model } = argv;
      expectNew(file, 'file');
      const [{ editSchema }, { validate }] = await Promise.all([
        import('../../spec/edit-file.js'),
        import('../../spec/json.js'),
      ]);
      const { to, ...names } = await givenOrAsked(
        argv,
        ['subject', 'relation', 'object', 'to'],
        control.signal,
      );
      const fact = prompt ? { ...names, prompts: prompt } : (await session.makeFact(names, {}, control)).fact;
      const { prompts } = fact;
      const heldOut = prompts.length >= ENOUGH ? prompts.slice(-1) : [];
      const located = { ...fact, prompts: prompts.slice(0, prompts.length - heldOut.length) };
      session.checkFact(located);
      const edit = {
        name: `${names.subject} ${fact.relation}`,
        fact: located,
        operation: { type: 'rewrite', to },
        probes: { paraphrase: heldOut.map((one) => ({ prompt: one, expect: to })) },
      };
      validate(file, edit, editSchema);
      writeNewJson(file, edit, 'file');
      const named = model === undefined ? '' : ` --model ${model}`;
      const change = `an edit with ${located.prompts.length} prompts is in ${file}`;
      return {
        json: { file, edit },
        text: ({ style }) =>
          `${change}\n${style.dim(` try it out: kn-edit apply ${file} --dry-run${named}`)}`,
        change,
      };
    }),
};
