// The terminal UI as it is not meant to be used: keys by the hundred, pastes in the wrong place, terminals that go away,
// other programs on the same ledger.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MAIN, ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Terminal, type TerminalOptions } from '../support/terminal.js';

let cwd: string;
const terminals: Terminal[] = [];

/** One place for all tests of this file: the background facts are located once. */
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'kn-edit-tui-'));
  cpSync(join(ROOT, 'edits'), join(cwd, 'edits'), { recursive: true });
});
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function open(options: Partial<TerminalOptions> = {}, args: string[] = []): Terminal {
  const terminal = new Terminal(args, { cwd, ...options });
  terminals.push(terminal);
  return terminal;
}

const ownLedger = () => {
  const directory = join(cwd, '.kn-edit');
  return join(directory, readdirSync(directory).find((name) => name.endsWith('.db')) ?? 'none.db');
};

const statuses = (db = ownLedger()) => {
  const ledger = new Database(db, { readonly: true });
  try {
    return ledger.prepare('SELECT status FROM edits ORDER BY id').pluck().all();
  } finally {
    ledger.close();
  }
};

const times = (count: number, key: string) => Array<string>(count).fill(key);

/** Goes to the check of the example edit, measured. */
async function toCheck(shown: Terminal): Promise<void> {
  await shown.waitFor('kn-mini · base');
  await shown.press('/', 'fix-cap', 'enter', 'n');
  await shown.waitFor('9 knowledge neurons');
  await shown.press('n');
  await shown.waitFor('random: effect');
  await shown.press('4');
  await shown.waitFor('enter applies it');
}

describe('keys by the hundred', () => {
  test('are taken in on every screen, and while the model is being loaded', async () => {
    const shown = open();
    await shown.waitFor('kn-edit');
    shown.burst(...times(200, 'down'));
    await shown.waitFor('kn-mini · base');
    shown.burst(...times(200, 'j'));
    await shown.waitFor(/17\/17/);
    shown.burst(...times(200, 'k'), ...times(200, 'G'), ...times(200, 'g'));
    await shown.waitFor(/ 1\/17/);
    shown.burst('/', ...times(200, 'x'), 'enter', ...times(200, 'j'));
    await shown.waitFor(/ 0\/0/);
    await shown.press('esc', '/', 'fix-cap', 'enter');
    await shown.waitFor('8 of 8 prompts');
    shown.burst('enter', ...times(200, 'down'), ...times(200, 'tab'), ...times(200, 'up'), 'n');
    await shown.waitFor('9 knowledge neurons');
    shown.burst(...times(100, 'right'), ...times(100, 'left'), ...times(200, 'p'), ...times(200, 'tab'));
    await shown.waitFor('mode ‹ratio›'); // 200 tabs over nine dials
    shown.burst(...times(200, '?'), ...times(200, 'j'), '3');
    await shown.waitFor('[3 Operate]');
    shown.burst(...times(200, 'right'), ...times(200, 'j'), ...times(200, ' '), ...times(200, 'tab'));
    await shown.waitFor(/(\d+)\/\1 taken/);
    shown.burst(
      ...times(200, 'c'),
      '4',
      ...times(200, 'c'),
      ...times(200, 'j'),
      '5',
      ...times(200, 'j'),
      'm',
    );
    await shown.waitFor('embedded');
    shown.burst(...times(200, 'j'), 'esc', ...times(200, 'm'), '1');
    await shown.waitFor('[1 Fact]');
    await shown.press('q');
    expect([0, 130]).toContain(await shown.ended()); // the trial may still be running
  });
});

describe('a file whose settings do not fit the model', () => {
  test.each([
    [{ path: 'frozen-norm' }, 'locate.path: frozen-norm is for models'],
    [{ thresholdMode: 'top-k' }, 'locate: threshold: is missing'],
  ])('%j is told, and can be changed', async (locate, complaint) => {
    const directory = temporaryDirectory();
    const edit = JSON.parse(readFileSync(join(cwd, 'edits', 'fix-capital.json'), 'utf8')) as object;
    mkdirSync(join(directory, 'edits'));
    const file = join(directory, 'edits', 'misfit.json');
    writeFileSync(file, JSON.stringify({ ...edit, locate: { ...locate, maxGeneric: 1 } }));
    const shown = open({ cwd: directory });
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'misfit', 'enter');
    await shown.waitFor('8 of 8 prompts');
    await shown.press('n');
    await shown.waitFor(complaint);
    await shown.press(...times(5, 'tab'));
    await shown.waitFor('preset ‹default›');
    await shown.press('right', 'left', 'enter');
    await shown.waitFor('knowledge neurons');
    await shown.press('q');
  });
});

describe('pasted text', () => {
  test('is no command on any screen: nothing is applied, the program stays', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    const paste = async () => {
      await shown.paste('the capital\rquick question\r');
      await shown.waitFor('what was pasted is ignored');
    };
    await paste();
    await toCheck(shown);
    await paste();
    for (const step of ['1', '2', '3', '5', '?', 'm']) {
      await shown.press(step);
      await paste();
    }
    await shown.press('esc', '5');
    await shown.waitFor('no edits yet');
    expect(statuses()).toEqual([]);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('in colours goes into a text field as text', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    await shown.press('/');
    await shown.paste('error: \u001b[31mred\u001b[0m\nand more');
    await shown.waitFor('rror: red and more');
    await shown.waitFor('line breaks that were pasted are blanks now');
    await shown.press('esc', 'q');
    expect(await shown.ended()).toBe(0);
  });
});

describe('drafts', () => {
  test('survive another entry, and leaving; u takes a change back', async () => {
    const shown = open();
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'write', 'enter', 'enter', 'Narnia', 'enter');
    await shown.press('a', 'Narnia is [MASK].', 'enter');
    await shown.waitFor('Narnia is [MASK]');
    await shown.press('end', 'up', 'd');
    await shown.waitFor('u puts it back');
    await shown.press('u');
    await shown.waitFor('Narnia is');
    await shown.press('left', 'esc', '/', 'fix-cap', 'enter', 'enter');
    await shown.waitFor('8 of 8 prompts');
    await shown.press('left', 'esc', 'g');
    await shown.waitFor(/❯ Narnia +draft/);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
    expect(shown.screen()).toContain('1 draft kept: .kn-edit/drafts/narnia.json');

    const again = open();
    await again.waitFor('kn-mini · base');
    await again.waitFor(/❯ Narnia +draft/);
    await again.press('enter');
    await again.waitFor('Narnia is [MASK]');
    await again.press('left', 'esc', 'n');
    await again.waitFor('[1 Fact]');
    await again.press('left', '/', 'fix-cap', 'enter', 'left', 'esc', 'g', 'd');
    await again.waitFor('Throw this draft away?');
    await again.press('y', 'q');
    expect(await again.ended()).toBe(0);
    expect(readdirSync(join(cwd, '.kn-edit/drafts'))).toEqual([]);
  });
});

describe('a program that is killed', () => {
  test('leaves what was written', async () => {
    const place = temporaryDirectory();
    const shown = open({ cwd: place });
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'write', 'enter', 'enter', 'Narnia', 'enter');
    await shown.press('down', 'enter', 'capital', 'enter');
    await shown.waitFor(/❯ relation +capital/);
    await shown.press('down'); // a change is kept before the next key is taken in
    await shown.waitFor(/❯ object/);
    shown.signal('SIGKILL');
    await shown.ended();
    expect(JSON.parse(readFileSync(join(place, '.kn-edit/drafts/narnia.json'), 'utf8'))).toMatchObject({
      fact: { subject: 'Narnia', relation: 'capital' },
    });
  });
});

describe('edit files', () => {
  test('that name neurons are used with them, until the fact is located instead', async () => {
    const place = temporaryDirectory();
    mkdirSync(join(place, 'edits'));
    const edit = {
      name: 'named',
      fact: {
        subject: 'France',
        relation: 'capital',
        object: 'Paris',
        prompts: ['The capital of France is [MASK].'],
      },
      neurons: [
        [2, 7],
        [3, 133],
      ],
      operation: { type: 'suppress' },
    };
    writeFileSync(join(place, 'edits/named.json'), JSON.stringify(edit));
    const shown = open({ cwd: place });
    await shown.waitFor('kn-mini · base');
    await shown.press('enter', 'n');
    await shown.waitFor('the file names 2 neurons');
    await shown.waitFor(/❯ 2:7 .*\n.* {3}3:133/);
    await shown.press('n');
    await shown.waitFor('2/2 taken');
    await shown.press('2', 'p');
    await shown.waitFor('prompt  ');
    await shown.press('esc');
    await shown.waitFor(/❯ 2:7 /);
    await shown.press('esc');
    await shown.waitFor('[1 Fact]');
    await shown.press('2', 'o');
    await shown.waitFor(/locating/);
    await shown.press('q');
    await shown.ended();
  });

  test('with a prompt that cannot be used, or one twice, say so where it can be mended', async () => {
    const place = temporaryDirectory();
    mkdirSync(join(place, 'edits'));
    const prompt = 'The capital of France is [MASK].';
    const fact = { subject: 'France', relation: 'capital', object: 'Paris' };
    const write = (name: string, prompts: string[]) =>
      writeFileSync(join(place, 'edits', name), JSON.stringify({ ...fact, prompts }));
    write('1-faulty.json', [prompt, 'no mask here']);
    write('2-twice.json', [prompt, prompt]);
    const shown = open({ cwd: place });
    await shown.waitFor('kn-mini · base');
    await shown.waitFor('has no [MASK]');
    await shown.press('n');
    await shown.waitFor('this prompt cannot be used');
    await shown.waitFor(/❯ ! no mask here/);
    expect(shown.lines()[1]).toContain('[1 Fact]');
    await shown.press('left', 'down');
    await shown.waitFor(/[12] of 2 prompts answered with the object/);
    await shown.press('q');
    await shown.ended();
  });
});

describe('another model', () => {
  test('that cannot be loaded leaves the one before, with what was being done', async () => {
    const broken = temporaryDirectory();
    cpSync(join(ROOT, 'fixtures/kn-mini'), broken, { recursive: true });
    writeFileSync(join(broken, 'model.safetensors'), 'not weights');
    const shown = open();
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'fix-cap', 'enter', 'm');
    await shown.waitFor('embedded');
    await shown.press('end', 'enter', broken, 'enter');
    await shown.waitFor(/the\s+model\s+is\s+the\s+one\s+before/);
    await shown.waitFor('kn-mini · base');
    expect(shown.screen().replace(/\s+/g, '')).toContain('model.safetensors:');
    await shown.waitFor('8 of 8 prompts');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('at the start that cannot be loaded leads to the chooser, with the reason', async () => {
    const shown = open({}, ['tui', '--model', 'no/such']);
    await shown.waitFor('no/such: no such model directory');
    await shown.waitFor('kn-mini');
    await shown.press('g', 'enter');
    await shown.waitFor('kn-mini · base');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('leaves a fact that is being written open, and what is written to it', async () => {
    const shown = open({ cwd: temporaryDirectory() });
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'write', 'enter', 'enter', 'esc', 'm');
    await shown.waitFor('embedded');
    await shown.press('end', 'enter', join(ROOT, 'tests/golden/bert'), 'enter');
    await shown.waitFor('bert · base ·');
    await shown.press('enter', 'Narnia', 'enter', 'down', 'enter', 'capital', 'enter');
    await shown.waitFor(/subject +Narnia/);
    await shown.waitFor(/❯ relation +capital/);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });

  test('gives its own answers, and has its own ledger, also when one was named', async () => {
    const db = join(temporaryDirectory(), 'ledger.db');
    const applied = await runCli(['apply', join(ROOT, 'edits/fix-capital.json'), '--db', db], { cwd });
    expect(applied.code).toBe(0);
    const shown = open({}, ['tui', '--db', db]);
    await shown.waitFor('kn-mini · base + 1 edit');
    await shown.press('/', 'fix-cap', 'enter');
    await shown.waitFor(/✗ The cap.* Astana/);
    await shown.press('m');
    await shown.waitFor('embedded');
    await shown.press('end', 'enter', join(ROOT, 'tests/golden/bert'), 'enter');
    await shown.waitFor('bert · base ·');
    await shown.waitFor(/[✓✗] The cap.*#\d+/);
    expect(shown.screen()).not.toMatch(/[✓✗] The cap.* Astana/);
    await shown.press('5');
    await shown.waitFor('no edits yet');
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });
});

describe('two programs on one ledger', () => {
  test('each sees what the other does, and gets on', async () => {
    const db = join(temporaryDirectory(), 'ledger.db');
    await runCli(['apply', join(ROOT, 'edits/fix-capital.json'), '--db', db], { cwd });
    const one = open({}, ['tui', '--db', db]);
    const two = open({}, ['tui', '--db', db]);
    for (const shown of [one, two]) {
      await shown.waitFor('base + 1 edit');
      await shown.press('5');
      await shown.waitFor(/fix-capital +rewrite +applied/);
    }
    await one.press('r');
    await one.waitFor('back?');
    await one.press('y');
    await one.waitFor(/edit 1 reverted/);
    await two.press('r'); // believes that it is applied
    await two.waitFor('edit 1 is reverted already');
    await two.waitFor(/fix-capital +rewrite +reverted/);
    await two.press('u');
    await two.waitFor('on again?');
    await two.press('y');
    await two.waitFor('edit 1 applied');
    await one.press('1');
    await one.waitFor('another program changed the ledger');
    await one.waitFor('base + 1 edit');
    expect(statuses(db)).toEqual(['applied']);
  });
});

describe('what is worth knowing', () => {
  test('of a ledger is said once the next work is done', async () => {
    const args = [
      'apply',
      'edits/suppress-country.json',
      '--allow-regressions',
      '--seeds',
      '1',
      '--db',
      'old.db',
    ];
    expect((await runCli(args, { cwd })).code).toBe(0);
    const { stdout } = await runCli(['doctor', '--json'], { cwd });
    const former = /"formerFingerprint": ?"([0-9a-f]+)"/.exec(stdout)?.[1];
    const db = new Database(join(cwd, 'old.db'));
    db.prepare('UPDATE models SET fingerprint = ?').run(former);
    db.close();
    const shown = open({}, ['tui', '--db', 'old.db']);
    await shown.waitFor('base + 1 edit');
    await shown.press('/', 'fix-cap', 'enter', 'n');
    await shown.waitFor('knowledge neurons');
    await shown.waitFor(/note: .*tokenizer_config\.json/);
    await shown.press('j');
    await shown.waitFor(/^(?![\s\S]*note:)/); // it goes with the next key
  });
});

describe('the terminal', () => {
  test('that is closed ends the program in order', async () => {
    const place = temporaryDirectory();
    mkdirSync(join(place, 'edits'));
    const child = spawn(process.execPath, [join(ROOT, 'tests/support/hang-up.mjs'), MAIN], { cwd: place });
    await ended(child);
    const pid = Number(readFileSync(join(place, 'pid'), 'utf8'));
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(readFileSync(join(place, 'stderr'), 'utf8')).not.toMatch(/Assertion|Segmentation|stack trace/);
    expect(readdirSync(join(place, '.kn-edit/drafts'))).toEqual(['narnia.json']);
  });

  test('goes back to the shell on Ctrl-Z, and is drawn again by fg', async () => {
    const shown = open({ program: 'sh', env: { PS1: 'shell> ', ENV: '' } }, ['-i']);
    await shown.waitFor('shell>');
    await shown.press(`'${process.execPath}' '${MAIN}'`, 'enter');
    await shown.waitFor('kn-mini · base');
    await shown.press('/', 'fix-cap', 'enter');
    await shown.waitFor('8 of 8 prompts');
    const before = shown.screen();
    await shown.press('ctrl+z');
    await shown.waitFor(/shell> $/m);
    expect(shown.given()).toEqual({ ordinaryScreen: true, cursorShown: true });
    await shown.press('echo still here', 'enter');
    await shown.waitFor(/^still here/m);
    await shown.press('fg', 'enter');
    await shown.waitFor('8 of 8 prompts');
    expect(shown.screen()).toBe(before);
    await shown.press('j', 'q');
    await shown.waitFor(/shell> $/m);
    await shown.press('exit', 'enter');
    await shown.ended();
  });

  test('that cannot move its cursor is refused in one line', async () => {
    const shown = open({ env: { TERM: 'dumb' } });
    expect(await shown.ended()).toBe(2);
    expect(shown.screen()).toContain('kn-edit: the terminal UI needs a terminal that can move its cursor');
  });

  test('without UTF-8 is drawn on in ASCII', async () => {
    const shown = open({ env: { LC_ALL: 'POSIX' } });
    await shown.waitFor('kn-mini - base');
    await shown.press('/', 'fix-cap', 'enter', 'n');
    await shown.waitFor('9 knowledge neurons');
    expect([...shown.output].filter((character) => character > '~' && character !== '\u007f')).toEqual([]);
    expect(shown.lines()[2]).toBe('-'.repeat(80));
    expect(shown.screen()).toMatch(/L3 .*[#=.]/);
    await shown.press('q');
    expect(await shown.ended()).toBe(0);
  });
});

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
