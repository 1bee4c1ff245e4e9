// Libraries greet and warn on the console as they like, with words of the files that they read. What is wrong is said
// by who asked them.

/** Takes the console's warnings from whatever runs in this thread. */
export function silenceLibraries(): void {
  for (const name of ['warn', 'error', 'info', 'debug', 'trace'] as const) console[name] = () => undefined;
}
