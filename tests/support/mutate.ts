// Mutations of files, as fast-check arbitraries: random damage to bytes, and to the structure of JSON.
import fc from 'fast-check';

/** Changes the bytes of a file; the input is left as it is. */
export type ByteMutation = (bytes: Buffer) => Buffer;
/** Changes a JSON value in place, or replaces it. */
export type JsonMutation = (value: unknown) => unknown;

const fraction = fc.noBias(fc.nat(2 ** 30 - 1)).map((n) => n / 2 ** 30);
const length = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 4096 }));
const noise = fc.uint8Array({ minLength: 1, maxLength: 64 });

/** An index into `bytes`; at times only into their head, where the structure is. */
const place = (head: number) =>
  fc.tuple(fraction, fc.boolean()).map(([at, early]) => (bytes: Buffer) => {
    return Math.floor(at * (early ? Math.min(head, bytes.length) : bytes.length));
  });

function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) change(copy);
  return copy;
}

const described = <T>(description: string, mutation: T): T =>
  Object.assign(mutation as object, { [fc.toStringMethod]: () => description }) as T;

/** One random damage. @param head how many bytes at the start are hit more often than the others */
function byteMutation(head: number): fc.Arbitrary<ByteMutation> {
  const at = place(head);
  return fc.oneof(
    fc.tuple(at, fc.nat(7)).map(([index, bit]): ByteMutation => {
      return (bytes) =>
        changed(bytes, (copy) => {
          const i = index(copy);
          copy[i] = (copy[i] ?? 0) ^ (1 << bit);
        });
    }),
    fc.tuple(at, fc.nat(255)).map(([index, byte]): ByteMutation => {
      return (bytes) =>
        changed(bytes, (copy) => {
          copy[index(copy)] = byte;
        });
    }),
    at.map(
      (index): ByteMutation =>
        (bytes) =>
          Buffer.from(bytes.subarray(0, index(bytes))),
    ),
    fc.tuple(at, length, at).map(([from, count, to]): ByteMutation => {
      return (bytes) => {
        const slice = bytes.subarray(from(bytes), from(bytes) + count);
        return Buffer.concat([bytes.subarray(0, to(bytes)), slice, bytes.subarray(to(bytes))]);
      };
    }),
    fc.tuple(at, noise).map(([index, extra]): ByteMutation => {
      return (bytes) => Buffer.concat([bytes.subarray(0, index(bytes)), extra, bytes.subarray(index(bytes))]);
    }),
    fc.tuple(at, length).map(([index, count]): ByteMutation => {
      return (bytes) =>
        changed(bytes, (copy) =>
          copy.subarray(index(copy)).fill(0, 0, Math.min(count, copy.length - index(copy))),
        );
    }),
  );
}

/** One to four random damages, one after the other. */
export function byteMutations(head: number): fc.Arbitrary<ByteMutation> {
  return fc
    .array(byteMutation(head), { minLength: 1, maxLength: 4 })
    .map((all) =>
      described(`${all.length} byte mutations`, (bytes: Buffer) => all.reduce((b, f) => f(b), bytes)),
    );
}

/** An array in an array, `depth` deep. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

/** Values that belong nowhere, each as JSON so that every use has its own copy. */
export const HOSTILE: readonly string[] = [
  'null',
  '-1',
  '0',
  '1e308',
  '1.5',
  'true',
  '""',
  JSON.stringify('x'.repeat(100_000)),
  '[]',
  '{}',
  '[null]',
  JSON.stringify(nested(1000)),
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  JSON.stringify('\u001b[31mred'),
  JSON.stringify('two\nlines\r\u2028three'),
  '"\\ud800"',
  '"../../etc/passwd"',
];

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '0',
  '\u001b[31mred',
  'two\nlines',
  'type',
  'unknown',
];

type Container = Record<string, unknown>;
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function define(target: Container, key: string, value: unknown): void {
  const name = Array.isArray(target) ? String(target.length) : key; // __proto__ too becomes a key of its own
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Walks down by `steps` and hands the container and key at its end to `act`. */
function atRandom(
  root: unknown,
  steps: readonly number[],
  act: (container: Container, key: string) => void,
): unknown {
  const holder: Container = { root };
  let container = holder;
  let key = 'root';
  for (const step of steps) {
    const inner = container[key];
    if (!isContainer(inner)) break;
    const keys = Object.keys(inner);
    const next = keys[Math.floor(step * keys.length)];
    if (next === undefined) break;
    container = inner;
    key = next;
  }
  act(container, key);
  return holder.root;
}

const path = fc.array(fraction, { minLength: 0, maxLength: 7 });

const jsonMutation: fc.Arbitrary<JsonMutation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(path, fc.noBias(fc.constantFrom(...HOSTILE)))
      .map(([steps, hostile]): JsonMutation => {
        return (root) =>
          atRandom(root, steps, (container, key) => {
            Object.defineProperty(container, key, {
              value: JSON.parse(hostile),
              enumerable: true,
              configurable: true,
              writable: true,
            });
          });
      }),
  },
  {
    weight: 2,
    arbitrary: path.map((steps): JsonMutation => {
      return (root) =>
        atRandom(root, steps, (container, key) => {
          if (Array.isArray(container)) container.splice(Number(key), 1);
          else delete container[key];
        });
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(path, fc.constantFrom(...KEYS), fc.constantFrom(...HOSTILE))
      .map(([steps, name, hostile]): JsonMutation => {
        return (root) =>
          atRandom(root, steps, (container, key) => {
            const inner = container[key];
            define(isContainer(inner) ? inner : container, name, JSON.parse(hostile));
          });
      }),
  },
);

/** One to three structural changes of a JSON text, or else of its bytes. */
export const jsonMutations: fc.Arbitrary<(text: string) => Buffer> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(jsonMutation, { minLength: 1, maxLength: 3 }).map((all) => {
      return described(`${all.length} JSON mutations`, (text: string) => {
        const value = all.reduce<unknown>((result, mutate) => mutate(result), JSON.parse(text));
        return Buffer.from(JSON.stringify(value) ?? '');
      });
    }),
  },
  {
    weight: 1,
    arbitrary: byteMutations(2048).map((mutate) => {
      return described('byte mutations of JSON', (text: string) => mutate(Buffer.from(text)));
    }),
  },
);
