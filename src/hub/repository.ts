// Names of models on the Hugging Face hub: `google-bert/bert-base-cased`, at times with `@revision`; and of GGUF files in a
// repository: `organisation/name/FILE.gguf`, which are models each.
import { InputError } from '../errors.js';

/** A model repository, at one of its revisions; or one GGUF file of it. */
export interface Repository {
  /** `organisation/name`, or `name` alone for the oldest models. */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
  /** The GGUF file that is meant; without one, the repository is a model itself. */
  file?: string | undefined;
}

export const DEFAULT_REVISION = 'main';
export const COMMIT = /^[0-9a-f]{40}$/;

/** The hub's own rules: words of letters, digits, `_`, `-` and `.`, with neither `--` nor `..` in them. */
const ID = /^(?:\w(?:[\w.-]{0,94}\w)?\/)?\w(?:[\w.-]{0,94}\w)?$/;
const REVISION = /^\w[\w.-]*(?:\/\w[\w.-]*)*$/;

/** The GGUF file behind the name of a repository with an organisation. */
const GGUF = /^(?<repository>[^/]+\/.+)\/(?<file>\w[\w.+-]*\.gguf)$/i;

/** The repository that a name means; undefined for what cannot be one (a path with dots, an absolute path). */
export function parseRepository(name: string): Repository | undefined {
  const { repository, file } = GGUF.exec(name)?.groups ?? {};
  const found = repositoryOf(repository ?? name);
  return found && file !== undefined ? { ...found, file } : found;
}

function repositoryOf(name: string): Repository | undefined {
  const [id = '', revision = DEFAULT_REVISION, ...rest] = name.split('@');
  const sound = ID.test(id) && REVISION.test(revision) && !/--|\.\./.test(id) && !revision.includes('..');
  return sound && rest.length === 0 ? { id, revision } : undefined;
}

/** The name of a repository, as it is given to `--model`. */
export function repositoryName({ id, revision, file }: Repository): string {
  const name = revision === DEFAULT_REVISION ? id : `${id}@${revision}`;
  return file === undefined ? name : `${name}/${file}`;
}

/** @throws InputError when the name cannot be a repository's */
export function requireRepository(name: string): Repository {
  const repository = parseRepository(name);
  if (repository) return repository;
  throw new InputError(
    `${name}: is not the name of a model; write organisation/name, or organisation/name@revision, ` +
      'for a GGUF file with /FILE.gguf behind it',
  );
}
