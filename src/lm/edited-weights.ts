// The weights of a checkpoint with some value vectors changed, as they are stored then. Every other byte stays.
import { open } from 'node:fs/promises';
import { InterruptedError } from '../errors.js';
import { type EditedTensor, portable } from './edited-tensor.js';
import type { GgufFile } from './gguf/file.js';
import { copyWith } from './gguf/write.js';
import { SafetensorsFile } from './safetensors.js';
import type { Storage } from './storage.js';
import type { PortableTensor, TensorEntry, WeightFile } from './weight-file.js';
import { headOf } from './write.js';

/**
 * Writes a safetensors file: a copy of one of the files, with what the storage changes in it.
 * @throws InterruptedError when the signal fires; an unfinished file is left then, as on any other failure
 */
export async function writeEdited(
  source: WeightFile,
  path: string,
  { tensors }: Storage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const edited = new Map(tensors.filter(({ file }) => file === source).map((one) => [one.entry, one]));
  const all = [...source.tensors.values()].flatMap((entry) => {
    const tensor = edited.get(entry);
    const out = tensor ? portable(tensor) : source.portable(entry);
    return out ? [{ name: entry.name, shape: entry.shape, ...out }] : [];
  });
  await writePieces(path, pieces(headFor(source, edited, all), all), signal);
}

function* pieces(head: Uint8Array, tensors: readonly PortableTensor[]): Generator<Uint8Array> {
  yield head;
  for (const tensor of tensors) yield* tensor.pieces();
}

/**
 * Writes a GGUF file: a copy of the base's with what the storage changes in it.
 * @throws InterruptedError when the signal fires; an unfinished file is left then
 */
export async function writeEditedGguf(
  source: GgufFile,
  path: string,
  { tensors }: Storage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const replacements = new Map(tensors.map((tensor) => [tensor.entry.start, portable(tensor)]));
  await writePieces(path, copyWith(source, replacements), signal);
}

/** Writes a new file piece by piece. @throws InterruptedError when the signal fires */
async function writePieces(
  path: string,
  all: Iterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const out = await open(path, 'wx');
  try {
    for (const piece of all) {
      if (signal?.aborted) throw new InterruptedError();
      await out.writeFile(piece); // goes on where the last one ended
    }
    await out.sync();
  } finally {
    await out.close();
  }
}

/** The head as it stands in the file, where nothing in it changes. */
function headFor(
  source: WeightFile,
  edited: ReadonlyMap<TensorEntry, EditedTensor>,
  all: Parameters<typeof headOf>[0],
): Buffer {
  if (!(source instanceof SafetensorsFile)) return headOf(all, { format: 'pt' });
  const widened = [...edited.values()].some(({ dtype, entry }) => dtype !== entry.dtype);
  return widened ? headOf(all, source.metadata) : source.head;
}
