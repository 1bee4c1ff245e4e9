// Talking to the hub: one place for its address, the token, the size of answers, and what its refusals mean.
import { listFiles, modelInfo } from '@huggingface/hub';
import { z } from 'zod';
import { InputError, InterruptedError, KnEditError, NetworkError } from '../errors.js';
import { validate } from '../spec/json.js';
import type { HubFile, ModelListing } from './files.js';
import { COMMIT, type Repository, repositoryName } from './repository.js';

const DEFAULT_ENDPOINT = 'https://huggingface.co';
/** Answers that are not files are read whole, but no further, no more of them, and no longer than this. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 10_000;
const MAX_ANSWERS = 100;
const ANSWER_MS = 30_000;

const described = z.object({ sha: z.string().regex(COMMIT), task: z.string().optional().catch(undefined) });
const entry = z.object({
  type: z.string(),
  path: z.string().max(1000),
  size: z.number().int().nonnegative(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
});

export class HubClient {
  private answers = 0;
  private readonly endpoint: string;
  private readonly token: string | undefined;

  /**
   * `HF_ENDPOINT` and `HF_TOKEN` are honoured.
   * @throws InputError when HF_ENDPOINT is not the address of a web server
   */
  constructor(
    private readonly repository: Repository,
    private readonly signal?: AbortSignal | undefined,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.endpoint = (env.HF_ENDPOINT || DEFAULT_ENDPOINT).replace(/\/+$/, '');
    this.token = env.HF_TOKEN?.trim() || undefined;
    if (!/^https?:\/\//.test(this.endpoint) || !URL.canParse(this.endpoint)) {
      throw new InputError(
        `HF_ENDPOINT: "${this.endpoint}" is not the address of a hub; unset it, or write https://…`,
      );
    }
  }

  /**
   * The commit that the revision means now, and the files of its top directory.
   * @throws InputError when there is no such model, or it may not be read
   * @throws NetworkError when the hub cannot be reached or answers nonsense
   */
  async describe(): Promise<ModelListing> {
    try {
      return await this.ask();
    } catch (error) {
      if (error instanceof KnEditError) throw error;
      // The package takes answers as they come: what is no JSON, or of another shape, fails somewhere in it.
      throw new NetworkError(
        `${this.endpoint}: does not answer as a hub does; check HF_ENDPOINT and the network`,
      );
    }
  }

  private async ask(): Promise<ModelListing> {
    const { id, revision } = this.repository;
    const common = { hubUrl: this.endpoint, fetch: this.small };
    const source = `${this.endpoint} on ${id}`;
    const found = await modelInfo({ ...common, name: id, revision, additionalFields: ['sha'] });
    const { sha: commit, task } = usable(source, found, described);
    const files: HubFile[] = [];
    for await (const one of listFiles({ ...common, repo: { type: 'model', name: id }, revision: commit })) {
      const { type, path, size, oid, lfs } = usable(source, one, entry);
      if (type === 'file') files.push({ path, size, etag: lfs?.oid ?? oid });
      if (files.length > MAX_FILES) throw new NetworkError(`${source}: lists more than ${MAX_FILES} files`);
    }
    return { id, commit, task, files };
  }

  /** The bytes of a file from an offset on (206), or from its start where the server will not (200). */
  async open(commit: string, path: string, offset: number, signal: AbortSignal): Promise<Response> {
    // Compressed on the way, a file could not be resumed.
    const headers = new Headers({ 'accept-encoding': 'identity' });
    if (offset > 0) headers.set('range', `bytes=${offset}-`);
    const place = `${this.endpoint}/${this.repository.id}/resolve/${commit}/${encodeURIComponent(path)}`;
    return this.request(place, { headers, signal });
  }

  /** `fetch` for the package's functions: with the token, bounded, and with refusals in words. */
  private readonly small: typeof fetch = async (input, init) => {
    if (++this.answers > MAX_ANSWERS)
      throw new NetworkError(`${this.endpoint}: its lists do not end; is it a hub?`);
    const patience = AbortSignal.timeout(ANSWER_MS);
    const signal = this.signal ? AbortSignal.any([this.signal, patience]) : patience;
    const response = await this.request(input instanceof Request ? input.url : input, { ...init, signal });
    return new Response(await this.readBounded(response), response);
  };

  /** The token goes to the hub alone: not to the servers that it redirects to, nor to those that it names. */
  private async request(place: string | URL, init: RequestInit): Promise<Response> {
    const url = new URL(place);
    const headers = new Headers(init.headers);
    headers.delete('authorization');
    if (this.token && url.origin === new URL(this.endpoint).origin) {
      headers.set('authorization', `Bearer ${this.token}`);
    }
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers });
    } catch (error) {
      throw this.broken(error);
    }
    if (response.ok) return response;
    await response.body?.cancel();
    throw this.refusal(response);
  }

  private async readBounded(response: Response): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) break;
        chunks.push(chunk);
      }
    } catch (error) {
      throw this.broken(error);
    }
    if (size <= MAX_ANSWER_BYTES) return Buffer.concat(chunks);
    throw new NetworkError(
      `${this.endpoint}: answers with more than ${MAX_ANSWER_BYTES} bytes; is it a hub?`,
    );
  }

  private broken(error: unknown): Error {
    if (this.signal?.aborted) return new InterruptedError();
    const { cause } = error instanceof Error ? error : { cause: undefined };
    const reason = cause instanceof Error ? cause.message || cause.name : String(error);
    return new TransientError(
      `${this.endpoint}: cannot be reached (${reason}); check the network, or HF_ENDPOINT`,
    );
  }

  private refusal({ status, headers }: Response): Error {
    const { id } = this.repository;
    const code = headers.get('x-error-code');
    const page = `${this.endpoint}/${id}`;
    if (code === 'GatedRepo' || status === 403) {
      return new InputError(
        `${id}: its owners decide who may read it; ask at ${page}, ` +
          `and set HF_TOKEN to a token of your account${this.token ? ' (the present one is not enough)' : ''}`,
      );
    }
    if (code === 'RevisionNotFound') {
      return new InputError(
        `${repositoryName(this.repository)}: the model has no such revision; see ${page}`,
      );
    }
    if (status === 401 && this.token) {
      return new InputError(`${id}: the hub does not accept HF_TOKEN, or has no such model; check both`);
    }
    if (status === 401 || status === 404) {
      const secret = this.token ? '' : ', or set HF_TOKEN if it is private';
      return new InputError(`${id}: there is no such model at ${this.endpoint}; check the name${secret}`);
    }
    const passes = status >= 500 || status === 429 || status === 408;
    const Kind = passes ? TransientError : NetworkError;
    return new Kind(`${page}: the hub answers with status ${status}; try again later`);
  }
}

/** A failure that may be gone at another try. */
export class TransientError extends NetworkError {}

/** Validates what the hub says. @throws NetworkError when it is not what a hub says */
function usable<T extends z.ZodType>(source: string, value: unknown, schema: T): z.infer<T> {
  try {
    return validate(source, value, schema);
  } catch (error) {
    throw error instanceof InputError ? new NetworkError(`${error.message}; is it a hub?`) : error;
  }
}
