// Time and processor time, shared out among the facts that they went into.

/** Seconds, of a clock and of the processors. */
export interface Spent {
  seconds: number;
  cpuSeconds: number;
}

/**
 * Shares out what passes, so that the sum over all facts is what all of them took together. Counts every thread of this
 * process; of engines that compute in processes of their own, not those.
 */
export class Meter {
  private clock = performance.now();
  private cpu = process.cpuUsage();
  /** What is at work beside each other. */
  private readonly atWork = new Set<Spent>();

  /** What was spent since the last lap. @param count of facts that share it */
  lap(count = 1): Spent {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.cpu);
    const spent = { seconds: (now - this.clock) / 1000 / count, cpuSeconds: (user + system) / 1e6 / count };
    this.clock = now;
    this.cpu = process.cpuUsage();
    return spent;
  }

  /** From now on a fact shares what is spent with those that are at work. @returns its share, which grows until `end` */
  begin(): Spent {
    this.share();
    const own = { seconds: 0, cpuSeconds: 0 };
    this.atWork.add(own);
    return own;
  }

  end(own: Spent): void {
    this.share();
    this.atWork.delete(own);
  }

  private share(): void {
    const { seconds, cpuSeconds } = this.lap(Math.max(this.atWork.size, 1));
    for (const one of this.atWork) {
      one.seconds += seconds;
      one.cpuSeconds += cpuSeconds;
    }
  }
}
