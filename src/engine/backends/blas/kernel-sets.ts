// OpenBLAS's kernel sets, and which of them a processor could run: a build that does not know the processor takes one that
// every processor can run, which is several times slower.
import { readFileSync } from 'node:fs';

interface KernelClass {
  /** What its kernels take of the processor, as people call it. */
  instructions: string;
  /** The same in the words of /proc/cpuinfo. */
  flags: readonly string[];
  /** The sets, by the names that OpenBLAS has for them. The first is in every build that has any of them. */
  sets: readonly string[];
}

/** Best first. A set that is in none takes no more than every processor of its architecture has. */
const CLASSES: readonly KernelClass[] = [
  {
    instructions: 'AVX-512',
    flags: ['avx512f', 'avx512cd', 'avx512bw', 'avx512dq', 'avx512vl'],
    sets: ['SkylakeX', 'Cooperlake', 'SapphireRapids'],
  },
  { instructions: 'AVX2', flags: ['avx2', 'fma'], sets: ['Haswell', 'Zen'] },
  {
    instructions: 'AVX',
    flags: ['avx'],
    sets: ['Sandybridge', 'Bulldozer', 'Piledriver', 'Steamroller', 'Excavator'],
  },
  { instructions: 'SVE', flags: ['sve'], sets: ['NEOVERSEV1', 'NEOVERSEN2', 'ARMV8SVE', 'A64FX'] },
];

/** Whoever has these can do without a class below. */
const USUAL = 'AVX2';

/** The flags of this machine's processor; none where the system does not tell. */
export function processorFlags(): ReadonlySet<string> {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'));
    return new Set((line?.[1] ?? '').split(' '));
  } catch {
    return new Set();
  }
}

/**
 * Classes that a processor could run, and that are better than a kernel set.
 * @param kernels the set's name
 */
export function betterThan(kernels: string, processor = processorFlags()): KernelClass[] {
  const same = (name: string) => name.toLowerCase() === kernels.toLowerCase();
  const own = CLASSES.findIndex(({ sets }) => sets.some(same));
  return CLASSES.slice(0, own < 0 ? undefined : own).filter(({ flags }) =>
    flags.every((flag) => processor.has(flag)),
  );
}

/** The name by which OpenBLAS is asked for kernels of a class. */
export function coreTypeOf({ sets }: KernelClass): string {
  return sets[0] ?? '';
}

/** Whether a kernel set leaves most of the processor unused: it does without AVX2, and the processor has it. */
export function isSlow(kernels: string, processor = processorFlags()): boolean {
  return betterThan(kernels, processor).some(({ instructions }) => instructions === USUAL);
}
