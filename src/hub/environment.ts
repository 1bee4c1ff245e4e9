// What the environment says of the hub, read as Python's huggingface_hub reads it. Secrets are named, never quoted.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unescape as decode } from 'node:querystring';
import { InputError } from '../errors.js';
import { isPresent, readRegular } from '../files.js';

type Environment = NodeJS.ProcessEnv;

const DEFAULT_ENDPOINT = 'https://huggingface.co';
/** Tokens have a few dozen characters. */
const MAX_TOKEN_BYTES = 10_000;

/** Whether a variable says yes. */
function says(value: string | undefined): boolean {
  return /^(1|true|yes|on)$/i.test(value ?? '');
}

/** Whether no request may be made (`HF_HUB_OFFLINE`). */
export function isOffline(env: Environment = process.env): boolean {
  return says(env.HF_HUB_OFFLINE || env.TRANSFORMERS_OFFLINE);
}

/** Whether files are to be in the cache without links (`HF_HUB_DISABLE_SYMLINKS`). */
export function avoidsLinks(env: Environment = process.env): boolean {
  return says(env.HF_HUB_DISABLE_SYMLINKS);
}

/**
 * Where the cache is: `HF_HUB_CACHE`, or `hub` in `HF_HOME` (by default `~/.cache/huggingface`).
 * @throws InputError when that depends on the home directory, and there is none
 */
export function cacheDirectory(env: Environment = process.env): string {
  const path = atHome(env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(hubHome(env), 'hub'));
  if (path !== undefined) return path;
  throw new InputError('HOME is not set, so there is no place for models; set HF_HOME to a directory');
}

function hubHome(env: Environment): string {
  return env.HF_HOME || join(env.XDG_CACHE_HOME || join('~', '.cache'), 'huggingface');
}

/** A path with its `~` filled in; undefined where there is no home, as for a user whom the system does not know. */
function atHome(path: string): string | undefined {
  if (!/^~(?=$|[\\/])/.test(path)) return path;
  try {
    return join(homedir(), path.slice(1));
  } catch {
    return undefined;
  }
}

/** A token, and where it stands. */
export interface Token {
  value: string;
  source: string;
}

/**
 * The token: `HF_TOKEN`, else the file that `hf auth login` writes (`HF_TOKEN_PATH`, or `token` in `HF_HOME`).
 * @throws InputError when it cannot be one
 */
export function readToken(env: Environment = process.env): Token | undefined {
  const given = env.HF_TOKEN?.trim() || env.HUGGING_FACE_HUB_TOKEN?.trim();
  if (given) return sound({ value: given, source: 'HF_TOKEN' });
  const path = atHome(env.HF_TOKEN_PATH || join(hubHome(env), 'token'));
  if (path === undefined || !isPresent(path)) return undefined;
  const value = readRegular(path, MAX_TOKEN_BYTES).toString('utf8').trim();
  return value ? sound({ value, source: path }) : undefined;
}

function sound(token: Token): Token {
  if (/^[\x21-\x7e]+$/.test(token.value)) return token;
  throw new InputError(`${token.source}: holds blanks or characters that no token has; copy the token again`);
}

/** A hub's address, and the password that it asks for, if any, as an `authorization`. */
export interface Endpoint {
  /** Without a slash at its end. */
  address: string;
  authorization: string | undefined;
}

/** `HF_ENDPOINT`, with a name and a password taken out of it. @throws InputError when it is no address of a web server */
export function readEndpoint(env: Environment = process.env): Endpoint {
  const given = env.HF_ENDPOINT || DEFAULT_ENDPOINT;
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) {
    const quoted = given.includes('@') ? '' : `"${given}" `; // else it may hold a password
    throw new InputError(`HF_ENDPOINT: ${quoted}is not the address of a hub; unset it, or write https://…`);
  }
  const { origin, pathname, username, password } = new URL(given);
  const secret = [username, password].map(decode).join(':');
  return {
    address: (origin + pathname).replace(/\/+$/, ''),
    authorization: secret === ':' ? undefined : `Basic ${Buffer.from(secret).toString('base64')}`,
  };
}

/** The proxies for http and https, where the environment names some. */
export interface Proxies {
  httpProxy: string | undefined;
  httpsProxy: string | undefined;
}

/** `HTTP_PROXY` and `HTTPS_PROXY`, in either case. @throws InputError when one is not the address of a proxy */
export function readProxies(env: Environment = process.env): Proxies {
  return { httpProxy: proxy('http_proxy', env), httpsProxy: proxy('https_proxy', env) };
}

function proxy(name: string, env: Environment): string | undefined {
  const given = env[name] ?? env[name.toUpperCase()];
  if (!given) return undefined;
  const address = given.includes('://') ? given : `http://${given}`; // as curl takes it
  if (/^https?:\/\//i.test(address) && URL.canParse(address)) return address;
  throw new InputError(`${name.toUpperCase()}: is not the address of a proxy; write http://host:port`);
}
