// Score maps and neurons as files for notebooks: .npy as NumPy defines it, and CSV.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFact } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { npy } from '../../src/report/npy.js';
import { expectFailure, runCli } from '../support/cli.js';
import { FACT, PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Reads a file after the format's own description. */
function readNpy(bytes: Buffer): { shape: number[]; data: number[] } {
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0093NUMPY\u0001\u0000');
  const start = 10 + bytes.readUInt16LE(8);
  expect(start % 64).toBe(0);
  const head = bytes.subarray(10, start).toString('latin1');
  const [, shape = ''] =
    /^\{'descr': '<f4', 'fortran_order': False, 'shape': \((.*?),?\), \} *\n$/.exec(head) ?? [];
  const count = (bytes.length - start) / 4;
  return {
    shape: shape.split(', ').map(Number),
    data: Array.from({ length: count }, (_, i) => bytes.readFloatLE(start + 4 * i)),
  };
}

const attribute = ['attribute', '--base', '--prompt', PROMPT, '--target', 'Almaty'];

describe('an array', () => {
  it('of any number of dimensions is written as it is', () => {
    expect(readNpy(npy(Float32Array.of(1.5, -2), [2]))).toEqual({ shape: [2], data: [1.5, -2] });
    const data = Float32Array.from({ length: 24 }, (_, i) => i / 8);
    expect(readNpy(npy(data, [2, 3, 4]))).toEqual({ shape: [2, 3, 4], data: [...data] });
  });

  const numpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
  it.skipIf(!numpy)('is read by NumPy (numpy is here)', async () => {
    const path = writeInput(temporaryDirectory(), 'a.npy', npy(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]));
    const code = 'import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.shape, a[1, 2])';
    const { stdout, stderr } = spawnSync('python3', ['-c', code, path], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['float32 (2, 3) 6.0\n', '']);
  });
});

describe('attribute --out', () => {
  it('writes the scores of the document', async () => {
    const cwd = temporaryDirectory();
    const { stdout } = await runCli([...attribute, '--out', 'map.npy', '--json'], { cwd });
    const { scores }: { scores: number[][] } = JSON.parse(stdout);
    const array = readNpy(readFileSync(join(cwd, 'map.npy')));
    expect(array).toEqual({ shape: [4, 512], data: scores.flat() });
    expect((await runCli([...attribute, '--out', 'map.csv'], { cwd })).stdout).toContain('4 x 512 scores');
    const [head, ...rows] = readFileSync(join(cwd, 'map.csv'), 'utf8').trimEnd().split('\n');
    expect(head).toBe('layer,neuron,score');
    expect(rows).toEqual(scores.flatMap((row, l) => row.map((score, i) => `${l},${i},${score}`)));
  });

  it('refuses what it cannot write before anything is computed', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'there.npy', 'precious');
    expectFailure(await runCli([...attribute, '--out', 'map.txt'], { cwd }), 2, [
      '--out: must end in .npy or .csv',
    ]);
    expectFailure(await runCli([...attribute, '--out', 'there.npy'], { cwd }), 2, [
      'there.npy',
      'exists already',
    ]);
  });
});

describe('locate --out', () => {
  it('writes the maps of all prompts, the neurons, and a fact that locate takes', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'fact.json', { ...FACT, prompts: [...FACT.prompts, PROMPT] }); // one of them twice
    const run = await runCli(['locate', 'fact.json', '--max-generic', '1', '--out', 'found', '--json'], {
      cwd,
    });
    const { neurons }: { neurons: { layer: number; neuron: number; share: number; meanScore: number }[] } =
      JSON.parse(run.stdout);
    const { shape, data } = readNpy(readFileSync(join(cwd, 'found', 'maps.npy')));
    expect(shape).toEqual([3, 4, 512]);
    const map = JSON.parse((await runCli([...attribute, '--json'], { cwd })).stdout);
    const own: number[] = map.scores.flat();
    const furthest = Math.max(...own.map((score, i) => Math.abs(score - (data[i] ?? 0))));
    expect(furthest).toBeLessThan(1e-5); // batches of other sizes
    expect(
      readFileSync(join(cwd, 'found', 'neurons.csv'), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toEqual([
      'layer,neuron,share,mean score',
      ...neurons.map(({ layer, neuron, share, meanScore }) => [layer, neuron, share, meanScore].join()),
    ]);
    expect(readFact(join(cwd, 'found', 'fact.json')).fact).toEqual(FACT);
    const again = await runCli(['locate', 'fact.json', '--out', 'found'], { cwd });
    expectFailure(again, 2, ['found: cannot be written: it exists already']);
  });
});
