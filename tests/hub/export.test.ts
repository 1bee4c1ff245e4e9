// A model of the hub's cache, where every file is a link into the blobs: edited and exported as files of its own.
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from 'kn-edit';
import { expect, it, vi } from 'vitest';
import { pullModel } from '../../src/session/models.js';
import { expectSameAnswers } from '../support/answers.js';
import { type Rewriting, rewritten } from '../support/checkpoints.js';
import { HubServer } from '../support/hub-server.js';
import { editOf, quick, withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

const edit = editOf({
  neurons: [
    [0, 3],
    [1, 7],
  ],
  operation: { type: 'scale', factor: 0.25 },
});
const ask = (session: Session) => session.probe('People in Egypt speak [MASK].', 'Arabic', 3);

it.each<[string, Rewriting]>([
  ['roberta', {}],
  ['gpt2', { shards: 3 }],
])('%s', async (family, rewriting) => {
  const server = await HubServer.start();
  vi.stubEnv('HF_HOME', temporaryDirectory());
  vi.stubEnv('HF_ENDPOINT', server.url);
  const source = rewritten(family, rewriting);
  // What this program does not read goes along for those who do.
  const others = [
    'tokenizer.model',
    'chat_template.jinja',
    'processor_config.json',
    'preprocessor_config.json',
  ];
  for (const name of others) writeFileSync(join(source, name), `{"of": "${name}"}`);
  const names = readdirSync(source).filter(
    (name) => /^(config|tokenizer|model)/.test(name) || others.includes(name),
  );
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(source, name))]));
  server.models.set(`golden/${family}`, { files });
  const { directory } = await pullModel(`golden/${family}`);
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:9'); // what follows needs no hub

  const target = join(temporaryDirectory(), 'exported');
  const edited = await withSession(`golden/${family}`, async (session) => {
    await session.apply(edit, quick);
    await session.export(target);
    return ask(session);
  });
  expectSameAnswers(await withSession(target, ask), edited);
  expect(await withSession(`golden/${family}`, ask)).not.toEqual(edited);

  expect(readdirSync(target).sort()).toEqual([...names, 'kn-edit.json'].sort());
  for (const name of names) {
    expect(lstatSync(join(target, name)).isFile()).toBe(true);
    expect(readFileSync(join(directory, name)).equals(files[name] as Buffer)).toBe(true);
  }
  vi.unstubAllEnvs();
});
