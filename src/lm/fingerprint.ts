// What a model is, whatever it is called: a SHA-256 over its files.
import { createHash } from 'node:crypto';

/** SHA-256 in hex. */
export interface Fingerprints {
  /** Over the former one and tokenizer_config.json, which has a say in what the tokens are. */
  fingerprint: string;
  /** Over config.json, tokenizer.json and the files that hold the weights: what older ledgers and patches know. */
  formerFingerprint: string;
}

/** @param tokenizerConfig bytes of tokenizer_config.json; a GGUF file, whose own SHA-256 is the former one, has none */
export function fingerprintsOf(
  formerFingerprint: string,
  tokenizerConfig: Uint8Array | undefined,
): Fingerprints {
  if (tokenizerConfig === undefined) return { fingerprint: formerFingerprint, formerFingerprint };
  const fingerprint = createHash('sha256').update(formerFingerprint).update(tokenizerConfig).digest('hex');
  return { fingerprint, formerFingerprint };
}

/** Whether a fingerprint, the present one or the former, is a model's. */
export function isModel(model: Fingerprints, fingerprint: string): boolean {
  return fingerprint === model.fingerprint || fingerprint === model.formerFingerprint;
}
