// What is wrong with a value, in words: every fault of it, each with its field.
import { z } from 'zod';
import { didYouMean } from './closest.js';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

/** Faults that are listed; a file with more is another kind of file. */
const LISTED = 10;
/** Longer names are cut where they are quoted. */
const LONGEST_NAME = 60;

/** What zod says in its own way, as this program says it. */
export function inWords(issue: Issue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      if (input === undefined) return 'is missing';
      if (Number.isNaN(input)) return 'must be a number';
      return `must be ${KINDS[issue.expected] ?? issue.expected}, not ${issue.expected === 'int' ? input : kindOf(input)}`;
    case 'invalid_value': {
      const words = issue.values.map(String);
      const list = words.length === 1 ? `must be ${words[0]}` : `must be one of ${words.join(', ')}`;
      if (input === undefined) return `is missing; ${list}`;
      return list + (typeof input === 'string' ? didYouMean(input, words) : '');
    }
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(key, issue.inst)).join('; ');
    case 'too_big':
      return bound(issue.origin, issue.inclusive ? 'at most' : 'below', issue.maximum);
    case 'too_small':
      return bound(issue.origin, issue.inclusive ? 'at least' : 'above', issue.minimum);
    default:
      return input === undefined ? 'is missing' : undefined;
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'string') return `must have ${relation} ${limit} characters`;
  if (origin === 'array') return `must hold ${relation} ${limit}`;
  return `must be ${relation} ${limit}`;
}

/** What a schema says of a value that is of none of its kinds. */
export function must(text: string): { error: (issue: Issue) => string } {
  return { error: ({ input }) => (input === undefined ? 'is missing' : text) };
}

function unknownField(key: string, schema: unknown): string {
  const fields = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const meant = didYouMean(key, fields);
  return `unknown field "${cut(key)}"${meant || `; the fields here are ${fields.join(', ')}`}`;
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  boolean: 'true or false',
  function: 'a function',
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return KINDS[typeof value] ?? typeof value;
}

/** Fields as messages speak of them: `num_attention_heads`. */
const FIELD = /\b[a-z]+(?:_[a-z]+)+\b/g;

/**
 * All faults in one line: alone as it is, several of them numbered.
 * @param named what the user's file calls a field
 */
export function faultLine({ issues }: z.ZodError, named = (field: string) => field): string {
  const faults = issues.slice(0, LISTED).map(({ path, message }) => {
    const field = path.length > 0 ? `${named(path.map((part) => cut(String(part))).join('.'))}: ` : '';
    return field + message.charAt(0).toLowerCase() + message.slice(1).replace(FIELD, named);
  });
  if (faults.length === 1) return faults[0] ?? '';
  const more = issues.length > LISTED ? ` … and ${issues.length - LISTED} more` : '';
  return `${issues.length} faults: ${faults.map((fault, i) => `(${i + 1}) ${fault}`).join(' ')}${more}`;
}

function cut(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`;
}
