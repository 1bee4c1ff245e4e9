// A server on loopback that speaks the hub's API: revisions, tree listings in pages, and files, the large ones by a
// redirect to a second server, as the hub does with its storage. It can be told to misbehave.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const COMMIT = 'a'.repeat(39);

export interface HubModel {
  files: Record<string, Buffer | string>;
  /** The hub's guess at what the model is for. */
  task?: string;
  /** Only this token may read it. */
  token?: string;
  gated?: boolean;
  /** Goes into the commit's hash, so that there can be several. */
  version?: number;
  /** Sends these in place of the files' own bytes. */
  corrupt?: Record<string, Buffer>;
  /** Entries that the listing has on top, whatever they say. */
  listing?: unknown[];
  /** Answers all questions about the model with this. */
  nonsense?: string;
  /** The listing goes on for ever. */
  endless?: boolean;
}

/** One request that arrived. */
export interface Seen {
  path: string;
  range: string | undefined;
  authorization: string | undefined;
  /** At the hub itself, or at the storage that it redirects to. */
  at: 'hub' | 'storage';
}

/** Files of more bytes than this are stored apart, as on the hub. */
const LARGE = 10_000;
const PAGE = 3;

export class HubServer {
  readonly seen: Seen[] = [];
  /** By id. */
  readonly models = new Map<string, HubModel>();
  /** Breaks the connection once after so many bytes of a file, in the order of the list. */
  readonly drops: { path: string; after: number }[] = [];
  /** Falls silent after so many bytes of a file. */
  stall: { path: string; after: number } | undefined;
  /** What it answers to the next requests whose path holds a text, in the order of the list. */
  readonly refusals: { path: string; status: number; headers?: Record<string, string> }[] = [];
  /** How it sends the next copies of a file, in the order of the list; `part` is what was asked for. */
  readonly scripts: { path: string; send: (response: ServerResponse, part: Buffer) => unknown }[] = [];
  /** What it makes of ranges: it may send whole files all the same, or other bytes than it was asked for. */
  ranges: 'honoured' | 'ignored' | 'shifted' = 'honoured';
  private constructor(
    private readonly hub: Server,
    private readonly storage: Server,
  ) {}

  static async start(): Promise<HubServer> {
    const [hub, storage] = await Promise.all([listening(), listening()]);
    const server = new HubServer(hub, storage);
    hub.on('request', (request, response) => server.answer(request, response));
    storage.on('request', (request, response) => server.sendLarge(request, response));
    onTestFinished(() => {
      for (const one of [hub, storage]) {
        one.closeAllConnections();
        one.close();
      }
    });
    return server;
  }

  get url(): string {
    return addressOf(this.hub);
  }

  /** Requests for files, by name, that moved bytes. */
  get fetched(): string[] {
    return this.seen
      .filter(({ at, path }) => at === 'storage' || path.includes('/resolve/'))
      .map(({ path }) => path.split('/').at(-1) ?? '');
  }

  commitOf(id: string): string {
    return COMMIT + (this.models.get(id)?.version ?? 0).toString(16);
  }

  private answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    this.note(request, pathname, 'hub');
    const [refusal] = this.refusals;
    if (refusal && pathname.includes(refusal.path)) {
      this.refusals.shift();
      return response.writeHead(refusal.status, refusal.headers).end();
    }
    const found =
      /^\/(?<api>api\/models\/)?(?<id>[^/]+\/[^/]+)\/(?<what>revision|tree|resolve)\/(?<revision>[^/]+)(\/(?<file>.+))?$/.exec(
        pathname,
      )?.groups ?? {};
    const { id = '', what, revision = '', file = '' } = found;
    const model = this.models.get(id);
    const token = request.headers.authorization?.replace('Bearer ', '');
    if (!model || (model.token && token !== model.token && !model.gated)) {
      // The hub does not tell strangers which private models there are.
      return refuse(response, token ? 404 : 401, 'RepoNotFound', 'Repository not found');
    }
    const commit = this.commitOf(id);
    if (!['main', commit].includes(decodeURIComponent(revision))) {
      return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    }
    if (model.gated && token !== model.token)
      return refuse(response, 403, 'GatedRepo', 'Access is restricted');
    if (model.nonsense !== undefined) return response.end(model.nonsense);
    if (what === 'revision') {
      return json(response, {
        _id: '0',
        id,
        sha: commit,
        pipeline_tag: model.task,
        lastModified: '2024-01-01',
      });
    }
    if (what === 'tree') {
      const entries = [...Object.entries(model.files).map(entryOf), ...(model.listing ?? [])];
      const from = Number(searchParams.get('cursor') ?? 0);
      if (from + PAGE < entries.length || model.endless) {
        response.setHeader('Link', `<${this.url}${pathname}?cursor=${from + PAGE}>; rel="next"`);
      }
      return json(response, entries.slice(from, from + PAGE));
    }
    const content = model.files[file];
    if (content === undefined) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    const bytes = Buffer.from(content);
    const { etag } = digest(bytes);
    response.setHeader('X-Repo-Commit', commit);
    if (bytes.length > LARGE) {
      response.setHeader('X-Linked-Etag', `"${etag}"`);
      response.setHeader('X-Linked-Size', String(bytes.length));
      const location = `${addressOf(this.storage)}/${id}/${file}`;
      return response.writeHead(302, { Location: location }).end();
    }
    response.setHeader('ETag', `"${etag}"`);
    return this.send(request, response, file, model.corrupt?.[file] ?? bytes);
  }

  private sendLarge(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? '', 'http://storage');
    this.note(request, pathname, 'storage');
    const [organisation, name, file = ''] = pathname.slice(1).split('/');
    const model = this.models.get(`${organisation}/${name}`);
    const content = model?.corrupt?.[file] ?? model?.files[file];
    if (content === undefined) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    return this.send(request, response, file, Buffer.from(content));
  }

  private send(request: IncomingMessage, response: ServerResponse, path: string, bytes: Buffer) {
    const asked = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const ranged = asked > 0 && this.ranges !== 'ignored';
    const start = asked + Number(this.ranges === 'shifted');
    const part = ranged ? bytes.subarray(start) : bytes;
    if (ranged) response.setHeader('Content-Range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
    response.setHeader('Content-Length', part.length);
    const status = ranged ? 206 : 200;
    response.writeHead(status);
    if (request.method === 'HEAD') return response.end();
    if (this.stall?.path === path) return response.write(part.subarray(0, this.stall.after));
    const script = this.scripts.findIndex((one) => one.path === path);
    if (script >= 0) return this.scripts.splice(script, 1)[0]?.send(response, part);
    const [drop] = this.drops;
    if (drop?.path !== path) return response.end(part);
    this.drops.shift();
    return response.write(part.subarray(0, drop.after), () => response.socket?.end()); // what was written arrives
  }

  private note({ headers }: IncomingMessage, path: string, at: Seen['at']): void {
    this.seen.push({ path, range: headers.range, authorization: headers.authorization, at });
  }
}

/** The environment that leads to a server and a cache of its own, and to nothing else that this machine may have set. */
export function hubEnvironment(server: HubServer, home: string): Record<string, string | undefined> {
  const others = [
    ...['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_TOKEN_PATH'],
    ...['HF_HUB_DISABLE_SYMLINKS', 'HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'],
    ...['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
  ];
  const unset = Object.fromEntries(others.map((name) => [name, undefined]));
  return { ...unset, HF_HOME: home, HF_ENDPOINT: server.url };
}

/** What the hub calls a file: its git hash, and for large ones the SHA-256 of their bytes. */
export function digest(bytes: Buffer): { oid: string; etag: string } {
  const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { oid, etag: bytes.length > LARGE ? sha256 : oid };
}

function entryOf([path, content]: [string, Buffer | string]): unknown {
  const bytes = Buffer.from(content);
  const { oid, etag } = digest(bytes);
  const lfs = bytes.length > LARGE ? { oid: etag, size: bytes.length, pointerSize: 130 } : undefined;
  return { type: 'file', path, size: bytes.length, oid, lfs };
}

function json(response: ServerResponse, value: unknown): ServerResponse {
  response.setHeader('Content-Type', 'application/json');
  return response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string, error: string): ServerResponse {
  response.setHeader('X-Error-Code', code);
  response.statusCode = status;
  return json(response, { error });
}

function listening(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
