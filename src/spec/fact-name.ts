// What an edit is called that was begun from a fact alone.

/** "Kazakhstan capital" */
export function factName({ subject, relation }: { subject: string; relation: string }): string {
  return [subject, relation].filter(Boolean).join(' ') || 'new fact';
}
