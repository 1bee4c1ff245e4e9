// What a measuring process knows of itself: the time that work takes, and the memory that it took at its peak.
import { readFileSync } from 'node:fs';

export interface Times {
  seconds: number;
  /** Of all cores together. */
  cpuSeconds: number;
}

/** Starts now. @returns how to stop it */
export function stopwatch(): () => Times {
  const start = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

/** The fastest run: the others tell of what else the machine was doing. */
export function fastest<T extends { seconds: number }>(runs: readonly T[]): T {
  return runs.reduce((best, run) => (run.seconds < best.seconds ? run : best));
}

/** Peak resident size of this process, in bytes. */
export function peakBytes(): number {
  try {
    // On Linux `maxRSS` starts with the size of the process that started this one.
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
