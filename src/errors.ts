// The errors that a user can meet, each with its exit code. Anything else that is thrown is a defect (exit 1).

/** Every anticipated failure: one line that names the file, the field and the fix. */
export class KnEditError extends Error {
  constructor(
    message: string,
    /** Stable word for scripts (`{error:{code,message}}`). */
    readonly code: string,
    readonly exitCode: number,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** Bad usage or bad input: a file, a field or an option is wrong. Exit 2. */
export class InputError extends KnEditError {
  /** @param field the field of the user's file, or the option, that is wrong */
  constructor(
    message: string,
    readonly field?: string,
  ) {
    super(field ? `${field}: ${message}` : message, 'bad-input', 2);
  }
}

/**
 * Runs work on what a file says; a complaint about one of its fields then names the file too.
 * @param root start of the field names that the file itself does not have ("fact." for a file that is the fact)
 */
export async function inFile<T>(path: string, work: () => Promise<T>, root = ''): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError && error.field)) throw error;
    const { message } = error;
    throw new InputError(`${path}: ${message.startsWith(root) ? message.slice(root.length) : message}`);
  }
}

/** The same for work that is about one file of several: whatever the complaint, it names the file. */
export async function about<T>(source: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${source}: ${error.message}`);
    throw error;
  }
}

/** What the model computes in some state is no number any more. Exit 2. */
export class NotFiniteError extends KnEditError {
  constructor(message: string) {
    super(message, 'not-finite', 2);
  }
}

/** The ledger is not in a state for this: another model's, locked, newer, already reverted. Exit 4. */
export class ConflictError extends KnEditError {
  constructor(message: string) {
    super(message, 'conflict', 4);
  }
}

/** A server cannot be reached, or what it sends cannot be used. Exit 1. */
export class NetworkError extends KnEditError {
  constructor(message: string) {
    super(message, 'network', 1);
  }
}

/** The user, or an AbortSignal, stopped the work. Exit 130. */
export class InterruptedError extends KnEditError {
  constructor(message = 'interrupted; nothing was changed') {
    super(message, 'interrupted', 130);
  }
}

/** An error as plain data, for crossing a thread or a JSON document. */
export interface ErrorData {
  code: string;
  message: string;
  exitCode: number;
  field?: string | undefined;
  stack?: string | undefined;
}

/** How V8, WebAssembly, Emscripten and worker threads say it. */
const OUT_OF_MEMORY =
  /out of memory|memory limit|allocation failed|could not allocate|cannot enlarge memory|\bOOM\b/i;
const NO_MEMORY = 'there is not enough memory';

/** Any thrown value as plain data; unknown errors get the code `unexpected` and exit 1. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof KnEditError) {
    const { code, message, exitCode, stack } = error;
    return { code, message, exitCode, stack, field: error instanceof InputError ? error.field : undefined };
  }
  const text = error instanceof Error ? error.message : String(error);
  const short = OUT_OF_MEMORY.test(text) && !text.startsWith(NO_MEMORY); // it may have come from a worker
  const message = short ? `${NO_MEMORY} (${text}); try --workers 1` : text;
  return {
    code: 'unexpected',
    message,
    exitCode: 1,
    stack: error instanceof Error ? error.stack : undefined,
  };
}

/** The error that `data` describes, of the class that it had; a plain Error for the unexpected. */
export function errorFromData(data: ErrorData): Error {
  const error = rebuilt(data);
  if (data.stack) error.stack = data.stack;
  return error;
}

function rebuilt({ code, message, field }: ErrorData): Error {
  switch (code) {
    case 'bad-input':
      return field ? new InputError(message.slice(field.length + 2), field) : new InputError(message);
    case 'not-finite':
      return new NotFiniteError(message);
    case 'conflict':
      return new ConflictError(message);
    case 'network':
      return new NetworkError(message);
    case 'interrupted':
      return new InterruptedError(message);
    default:
      return new Error(message);
  }
}

/** The system's own word for a failed file operation (`ENOENT`, `EACCES`), or the message. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    ENOENT: 'no such file or directory',
    ENOTDIR: 'a part of the path is not a directory',
    EISDIR: 'it is a directory',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EEXIST: 'it exists already',
    ENOTEMPTY: 'it exists already',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left on the device',
  };
  return (code && words[code]) || error.message;
}
