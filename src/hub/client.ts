// Talking to the hub: one place for its address, the token, proxies, the size of answers, and what its refusals mean.
import { setTimeout as sleep } from 'node:timers/promises';
import { listFiles, modelInfo } from '@huggingface/hub';
// Node's own fetch knows no proxies before version 24; this is the package that it is made of.
import { type Response as Answer, EnvHttpProxyAgent, fetch as fetchThrough } from 'undici';
import { z } from 'zod';
import { InputError, InterruptedError, KnEditError, NetworkError } from '../errors.js';
import { validate } from '../spec/json.js';
import { readEndpoint, readProxies, readToken, type Token } from './environment.js';
import { BusyError, reasonOf, statusError, TransientError } from './failures.js';
import type { HubFile, ModelListing } from './files.js';
import { COMMIT, type Repository, repositoryName } from './repository.js';

/** Answers that are not files are read whole, but no further, no more of them, and no longer than this. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 10_000;
const MAX_ANSWERS = 100;
const ANSWER_MS = 30_000;
/** Redirects that are followed. */
const MAX_HOPS = 10;
/** How often a hub is waited for that is busy. */
const MAX_WAITS = 3;

const described = z.object({ sha: z.string().regex(COMMIT), task: z.string().optional().catch(undefined) });
const entry = z.object({
  type: z.string(),
  path: z.string().max(1000),
  size: z.number().int().nonnegative(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/) }).optional(),
});

/** What is asked beside the address. */
interface Sent {
  headers?: Record<string, string>;
  signal: AbortSignal;
}

export class HubClient {
  private answers = 0;
  /** Address of the hub, without a password that `HF_ENDPOINT` may hold. */
  private readonly endpoint: string;
  private readonly token: Token | undefined;
  private readonly authorization: string | undefined;
  private readonly proxies: EnvHttpProxyAgent;

  /** @throws InputError when the environment does not make sense (see `environment.ts`) */
  constructor(
    private readonly repository: Repository,
    private readonly signal?: AbortSignal | undefined,
  ) {
    const { address, authorization } = readEndpoint();
    this.endpoint = address;
    this.token = readToken();
    this.authorization = this.token ? `Bearer ${this.token.value}` : authorization;
    this.proxies = new EnvHttpProxyAgent(readProxies());
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.proxies.destroy();
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
  async open(commit: string, path: string, offset: number, signal: AbortSignal): Promise<Answer> {
    // Compressed on the way, a file could not be resumed.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (offset > 0) headers.range = `bytes=${offset}-`;
    const place = `${this.endpoint}/${this.repository.id}/resolve/${commit}/${encodeURIComponent(path)}`;
    return this.request(place, { headers, signal });
  }

  /** `fetch` for the package's functions, whose questions are all simple: bounded, patient, and with refusals in words. */
  private readonly small: typeof fetch = async (input) => {
    if (++this.answers > MAX_ANSWERS)
      throw new NetworkError(`${this.endpoint}: its lists do not end; is it a hub?`);
    const place = input instanceof Request ? input.url : input;
    for (let waits = 0; ; waits++) {
      try {
        const patience = AbortSignal.timeout(ANSWER_MS);
        const signal = this.signal ? AbortSignal.any([this.signal, patience]) : patience;
        const response = await this.request(place, { signal });
        const { status, statusText } = response;
        return new Response(await this.readBounded(response), {
          status,
          statusText,
          headers: [...response.headers],
        });
      } catch (error) {
        if (!(error instanceof BusyError && error.waitMs !== undefined) || waits === MAX_WAITS) throw error;
        await sleep(error.waitMs, undefined, { signal: this.signal }).catch(() => {
          throw new InterruptedError();
        });
      }
    }
  };

  /** Follows redirects, to web servers alone. */
  private async request(place: string | URL, init: Sent): Promise<Answer> {
    let url = this.webAddress(place, this.endpoint);
    for (let hops = 0; hops <= MAX_HOPS; hops++) {
      const response = await this.send(url, init);
      if (response.ok) return response;
      await response.body?.cancel().catch(() => undefined); // it may have broken off; nobody reads it
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        throw this.refusal(response, url);
      }
      url = this.webAddress(location, url);
    }
    throw new NetworkError(`${this.endpoint}: redirects without end; is it a hub?`);
  }

  /** The token goes to the hub alone: not to the servers that it redirects to, nor to those that it names. */
  private async send(url: URL, { headers, signal }: Sent): Promise<Answer> {
    const { authorization, proxies: dispatcher } = this;
    const known = authorization !== undefined && url.origin === new URL(this.endpoint).origin;
    const sent = known ? { ...headers, authorization } : { ...headers };
    try {
      return await fetchThrough(url, { headers: sent, signal, redirect: 'manual', dispatcher });
    } catch (error) {
      throw this.broken(error);
    }
  }

  /** Where a redirect or a link leads. @throws NetworkError when that is no web server */
  private webAddress(place: string | URL, from: string | URL): URL {
    const url = URL.canParse(`${place}`, `${from}`) ? new URL(place, from) : undefined;
    if (url && /^https?:$/.test(url.protocol)) {
      url.username = ''; // a password from a stranger is of no use, and could be printed
      url.password = '';
      return url;
    }
    const where = url ? `to a place of the kind "${url.protocol}"` : 'nowhere';
    throw new NetworkError(`${this.endpoint}: leads ${where}, which is no web server; refused`);
  }

  private async readBounded(response: Answer): Promise<Uint8Array> {
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
    const { httpProxy, httpsProxy } = readProxies();
    const proxies = httpProxy || httpsProxy ? ', the proxies (HTTP_PROXY, HTTPS_PROXY)' : '';
    return new TransientError(
      `${this.endpoint}: cannot be reached (${reasonOf(error)}); check the network${proxies}, or HF_ENDPOINT`,
    );
  }

  /** What an answer means that is no success. */
  private refusal({ status, headers }: Answer, url: URL): Error {
    const { id } = this.repository;
    const { token } = this;
    const page = `${this.endpoint}/${id}`;
    if (url.origin !== new URL(this.endpoint).origin) {
      return statusError(`${url.origin}, where the hub keeps files,`, status, headers);
    }
    const code = headers.get('x-error-code');
    if (code === 'GatedRepo' || status === 403) {
      return new InputError(
        `${id}: its owners decide who may read it; ask at ${page}, and set HF_TOKEN to a token of your account` +
          `${token ? ` (that of ${token.source} is not enough)` : ', or run: hf auth login'}`,
      );
    }
    if (code === 'RevisionNotFound') {
      return new InputError(
        `${repositoryName(this.repository)}: the model has no such revision; see ${page}`,
      );
    }
    if (status === 401 && token) {
      return new InputError(
        `${id}: the hub does not accept the token of ${token.source}, or has no such model; check both`,
      );
    }
    if (status === 401 || status === 404) {
      const secret = token ? '' : ', or set HF_TOKEN if it is private';
      return new InputError(`${id}: there is no such model at ${this.endpoint}; check the name${secret}`);
    }
    return statusError(`${page}: the hub`, status, headers);
  }
}

/** Validates what the hub says. @throws NetworkError when it is not what a hub says */
function usable<T extends z.ZodType>(source: string, value: unknown, schema: T): z.infer<T> {
  try {
    return validate(source, value, schema);
  } catch (error) {
    throw error instanceof InputError ? new NetworkError(`${error.message}; is it a hub?`) : error;
  }
}
