// Searching lists by words.

/** Whether every word that is searched for stands in a text, in whatever case. */
export function matches(text: string, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text.toLowerCase().includes(word));
}
