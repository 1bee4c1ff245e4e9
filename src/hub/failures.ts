// What a request that failed means: whether another try may help, and how long to wait before it.
import { NetworkError } from '../errors.js';

/** What a failed request comes down to: the cause of its causes. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/** A failure that may be gone at another try. */
export class TransientError extends NetworkError {}

/** A server answers that it cannot serve now. */
export class BusyError extends TransientError {
  constructor(
    message: string,
    /** How long it asks to be left alone, if it says. */
    readonly waitMs: number | undefined,
  ) {
    super(message);
  }
}

/** How long a server that asks for it (`Retry-After`) is waited for, at most. */
const MAX_WAIT_MS = 60_000;

const WORDS: Record<number, string> = { 429: ' (too many requests)', 503: ' (not available)' };

/** The error for a status that says nothing about the model. */
export function statusError(who: string, status: number, headers: Pick<Headers, 'get'>): NetworkError {
  const says = `${who} answers with status ${status}${WORDS[status] ?? ''}`;
  const waitMs = retryAfter(headers.get('retry-after'));
  if (waitMs !== undefined && waitMs > MAX_WAIT_MS) {
    return new NetworkError(
      `${says}, and asks to wait ${Math.ceil(waitMs / 60_000)} minutes; try again then`,
    );
  }
  const passes = status >= 500 || status === 429 || status === 408;
  return passes
    ? new BusyError(`${says}; try again later`, waitMs)
    : new NetworkError(`${says}; check HF_ENDPOINT`);
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date; undefined where it says nothing. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
