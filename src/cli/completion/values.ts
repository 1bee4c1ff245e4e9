// Words that only the machine at hand knows: its models, their relations, and the edits of a ledger. Where they cannot be had, there are none.
import type { CommonArguments } from '../options.js';
import { findProject, sessionOptions } from '../project.js';
import type { Word } from './complete.js';

/** The names of models that `--model` takes. */
export async function modelWords(): Promise<Word[]> {
  const { modelNames } = await import('../../session/model-names.js');
  return modelNames().map(({ name, source }) => ({ value: name, means: source }));
}

/** The numbers of edits, with their names; the ledger is only read. */
export async function editWords(named: Pick<CommonArguments, 'model' | 'db'>): Promise<Word[]> {
  const { Session } = await import('../../session/session.js');
  try {
    const session = new Session(sessionOptions(named, await findProject()));
    const edits = session.history();
    await session.close();
    return edits.map(({ id, name, status }) => ({
      value: String(id),
      means: status === 'applied' ? name : `${name}, ${status}`,
    }));
  } catch {
    return []; // no ledger, or none that can be read: a command would say why
  }
}

/** The relations of a model's facts. */
export async function relationWords(named: Pick<CommonArguments, 'model'>): Promise<Word[]> {
  const { relationNames } = await import('../../session/own-facts.js');
  try {
    const { model } = sessionOptions(named, await findProject());
    return relationNames(model).map(({ name, facts }) => ({ value: name, means: `${facts} facts` }));
  } catch {
    return []; // no such model, or facts that cannot be read: a command would say why
  }
}
