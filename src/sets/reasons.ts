// Why something was not used, and how often that was so.

/** How often something was the reason. */
export interface ReasonCount {
  reason: string;
  count: number;
}

/** Reasons that are counted as they come. */
export class Reasons {
  private readonly counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + count);
  }

  /** The commonest first, those of one count in the order in which they came. */
  list(): ReasonCount[] {
    return [...this.counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
  }
}

/** Counts reasons that are there already. */
export function countReasons(all: Iterable<string>): ReasonCount[] {
  const reasons = new Reasons();
  for (const reason of all) reasons.add(reason);
  return reasons.list();
}
