// kn-edit fact new | relations: a fact with prompts, made of the wordings of its relation.
import type { CommandModule } from 'yargs';
import { givenOrAsked } from '../ask.js';
import { expectNew, writeNewJson } from '../new-file.js';
import type { CommonArguments } from '../options.js';
import { runCommand } from '../run.js';

interface NewArguments extends CommonArguments {
  subject?: string | undefined;
  relation?: string | undefined;
  object?: string | undefined;
  out?: string | undefined;
  patterns?: string | undefined;
  all?: boolean | undefined;
  locate?: boolean | undefined;
}

const newCommand: CommandModule<CommonArguments, NewArguments> = {
  command: 'new',
  describe: 'Make a fact of subject, relation and object, with prompts that the model answers',
  builder: (argv) =>
    argv
      .option('subject', { type: 'string', requiresArg: true, describe: 'What the fact is about' })
      .option('relation', {
        type: 'string',
        requiresArg: true,
        describe: 'Property of Wikidata: its id (P36), label, or another name (kn-edit fact relations)',
      })
      .option('object', { type: 'string', requiresArg: true, describe: 'What the model should answer' })
      .option('out', { type: 'string', requiresArg: true, describe: 'Fact file to write' })
      .option('patterns', {
        type: 'string',
        requiresArg: true,
        describe: 'Wordings to use instead: a pattern file of ParaRel, with [X] and [Y]',
      })
      .option('all', {
        type: 'boolean',
        describe: 'Keep the prompts too that are not answered with the object, as where none is',
      })
      .option('locate', {
        type: 'boolean',
        describe: 'Show how far the prompts agree on the neurons, too; takes as long as locating',
      })
      .epilogue('On a terminal, what is missing is asked for.')
      .example('kn-edit fact new --subject Kazakhstan --relation P36 --object Almaty --out fact.json', ''),
  handler: (argv) =>
    runCommand(argv, async (session, control) => {
      const { all, locate, out, patterns } = argv;
      if (out !== undefined) expectNew(out);
      const [{ newFactReport }, { readPatterns }] = await Promise.all([
        import('../../report/new-fact.js'),
        import('../../sets/patterns.js'),
      ]);
      const names = await givenOrAsked(argv, ['subject', 'relation', 'object'], control.signal);
      const templates = patterns === undefined ? undefined : readPatterns(patterns);
      const made = await session.makeFact(names, { templates, all, locate }, control);
      const change = out === undefined ? undefined : write(out, made.fact);
      return { json: made, text: (page) => newFactReport(made, page, change), change };
    }),
};

/** @returns what was done, in words @throws InputError when the file is there already, or cannot be written */
function write(path: string, fact: { prompts: readonly string[] }): string {
  writeNewJson(path, fact);
  return `${fact.prompts.length} prompts written to ${path}`;
}

const relationsCommand: CommandModule<CommonArguments, CommonArguments & { relation?: string | undefined }> =
  {
    command: 'relations [relation]',
    describe: 'List the relations that have wordings, or the wordings of one',
    builder: (argv) =>
      argv
        .positional('relation', { type: 'string', describe: 'Its id, label, or another name' })
        .example('kn-edit fact relations P36', ''),
    handler: (argv) =>
      runCommand(argv, async () => {
        const [{ expectRelation, relations }, { relationReport, relationsReport }] = await Promise.all([
          import('../../spec/relations.js'),
          import('../../report/relations.js'),
        ]);
        if (argv.relation === undefined) {
          const all = relations();
          return { json: { relations: all }, text: (page) => relationsReport(all, page) };
        }
        const found = expectRelation(argv.relation);
        return { json: found, text: (page) => relationReport(found, page) };
      }),
  };

export const factCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'fact',
  describe: 'Make facts from subject, relation and object',
  builder: (argv) =>
    argv
      .command(newCommand)
      .command(relationsCommand)
      .demandCommand(1, 'name a command of fact: new or relations'),
  handler: () => undefined,
};
