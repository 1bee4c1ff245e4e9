// Loading the model: once, however many ask for it at the same time.
import { InterruptedError, Session } from 'kn-edit';
import { afterEach, expect, it } from 'vitest';

let session: Session;
afterEach(() => session.close());

it('two that ask at once get the same, loaded once', async () => {
  session = new Session({ base: true });
  const seen: number[] = [];
  const onProgress = ({ done }: { done: number }) => seen.push(done);
  const [one, two] = await Promise.all([session.model({ onProgress }), session.model({ onProgress })]);
  expect(two).toBe(one);
  expect(seen).toEqual([0, 1]);
});

it('one that was interrupted takes nothing from another', async () => {
  session = new Session({ base: true });
  const abort = new AbortController();
  const stopped = session.model({ signal: abort.signal, onProgress: () => abort.abort() });
  const other = session.model();
  await expect(stopped).rejects.toThrow(InterruptedError);
  expect(await other).toMatchObject({ name: 'kn-mini' });
});

it('a failure is not kept: the next call tries again', async () => {
  session = new Session({ base: true });
  await expect(session.model({ signal: AbortSignal.abort() })).rejects.toThrow(InterruptedError);
  expect(await session.model()).toMatchObject({ name: 'kn-mini' });
});
