// Sessions of any model for tests, and what they apply.
import { join } from 'node:path';
import { type EditFile, Session } from 'kn-edit';
import { editSchema } from '../../src/spec/edit-file.js';
import { temporaryDirectory } from './temporary.js';

/** Options of `apply` with which nothing is measured or refused that a test does not ask for. */
export const quick = { control: 'none', allowRegressions: true } as const;

/** A session with a ledger of its own. */
export function openSession(model: string): Session {
  return new Session({ model, db: join(temporaryDirectory(), 'ledger.db') });
}

/** Works in such a session, and closes it. */
export async function withSession<T>(model: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = openSession(model);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** An edit of a fact that the golden models have prompts of; `Arabic` is several tokens in most of their vocabularies. */
export function editOf(change: object): EditFile {
  return editSchema.parse({
    name: 'languages',
    fact: {
      subject: 'Egypt',
      relation: 'language',
      object: 'Arabic',
      prompts: ['People in Egypt speak [MASK].', 'The official language of Egypt is [MASK].'],
    },
    ...change,
  });
}
