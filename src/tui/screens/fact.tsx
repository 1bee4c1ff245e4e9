// Step 1: choose a fact, or write one, and see at once what the model answers to each of its prompts.
import { useMemo, useState } from 'react';
import { errorData } from '../../errors.js';
import type { EditFile, Fact } from '../../index.js';
import { fitTo } from '../../report/table.js';
import { targetText } from '../../report/words.js';
import { editFiles } from '../../spec/edit-files.js';
import { type Draft, draftsOf } from '../bench.js';
import { List } from '../components/list.js';
import { Divider, Pane } from '../components/pane.js';
import { Question } from '../components/question.js';
import { Text } from '../components/text.js';
import { TextField } from '../components/text-field.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { dropDraft } from '../drafts.js';
import { useKeys } from '../hooks/keyboard.js';
import { type Asked, useAnswers } from '../hooks/use-answers.js';
import { useCursor } from '../hooks/use-cursor.js';
import { Box } from '../ink.js';
import { FactView, FIELDS, rowsOf } from './fact-view.js';
import { type Entry, entriesOf, openEntry, openFile } from './sources.js';

type Typing = 'search' | 'path' | { row: number } | undefined;

export function FactScreen({ width, height, active }: ScreenProps) {
  const { bench, change, session, model, edits, tell, work } = useDesk();
  const [focus, setFocus] = useState<'entries' | 'fact'>('entries');
  const [typing, setTyping] = useState<Typing>();
  const [search, setSearch] = useState('');
  const [relation, setRelation] = useState<string>();
  const [dropping, setDropping] = useState<Draft>();

  const files = useMemo(editFiles, []);
  const facts = model && session ? session.facts : NO_FACTS;
  const drafts = useMemo(() => draftsOf(bench), [bench]);
  const entries = useMemo(
    () => entriesOf(drafts, files, facts, relation, search),
    [drafts, files, facts, relation, search],
  );
  const listening = active && typing === undefined && !dropping;
  const [at, setAt] = useCursor(entries.length, height - 2, listening && focus === 'entries');
  const entry = entries[at];
  const opened = useMemo(() => (session && entry ? openEntry(session, entry) : undefined), [session, entry]);

  const previewed = opened && 'edit' in opened ? opened.edit : undefined;
  const edit = focus === 'fact' ? bench.edit : previewed;
  const rows = rowsOf(edit?.fact);
  const [row, setRow] = useCursor(rows.length, 5, listening && focus === 'fact');
  const state = edits.flatMap(({ id, status }) => (status === 'applied' ? [id] : [])).join();
  const answers = useAnswers(
    model && session,
    active ? edit?.fact : undefined,
    `${model?.fingerprint} ${state}`,
  );

  const take = (chosen: EditFile, draft?: Draft) => {
    change({ type: 'open', edit: chosen, draft });
    setFocus('fact');
    setRow(0);
  };
  const enter = (chosen: Entry | undefined) => {
    if (!session) tell('a moment: still loading');
    else if (chosen?.kind === 'path') setTyping('path');
    else if (chosen?.kind === 'relation') {
      setRelation(chosen.relation);
      setSearch('');
      setAt(0);
    } else if (opened && 'problem' in opened) tell(opened.problem, 'bad');
    else if (previewed && previewed === bench.edit) setFocus('fact');
    else if (previewed) take(previewed, chosen?.kind === 'draft' ? chosen.draft : undefined);
  };
  const openPath = (path: string) => {
    setTyping(undefined);
    if (!session) return;
    const found = openFile(session, path.trim());
    if ('edit' in found) take(found.edit);
    else if ('problem' in found) tell(found.problem, 'bad');
  };
  const setFact = (fact: Fact) => {
    change({ type: 'fact', fact });
    if (!drafts.some(({ edit }) => edit === bench.edit) && relation === undefined) setAt(0); // its entry, from now on
  };
  const submitRow = (index: number, text: string) => {
    setTyping(undefined);
    if (bench.edit) setFact(withRow(bench.edit.fact, index, text));
  };
  const locate = () => {
    if (focus === 'entries') enter(entry);
    const fact = focus === 'fact' ? bench.edit?.fact : previewed?.fact;
    if (!fact || !session) return;
    const faulty = fact.prompts.findIndex((prompt) => isUnusable(answers.get(prompt)));
    if (faulty >= 0) {
      setRow(FIELDS.length + faulty);
      tell('this prompt cannot be used; change it (enter) or remove it (d)', 'bad');
      return;
    }
    try {
      session.checkFact(fact);
      change({ type: 'go', step: 'locate' });
    } catch (error) {
      tell(errorData(error).message, 'bad');
    }
  };
  const remove = () => {
    const prompt = row - FIELDS.length;
    if (focus === 'entries' && entry?.kind === 'draft') {
      const { draft } = entry;
      setDropping(draft);
    } else if (focus === 'fact' && bench.edit && prompt >= 0 && prompt < bench.edit.fact.prompts.length) {
      setFact({ ...bench.edit.fact, prompts: bench.edit.fact.prompts.filter((_, i) => i !== prompt) });
      tell('removed; u puts it back');
    }
  };
  const undo = () => {
    if (focus !== 'fact') return;
    if (bench.past.length === 0) tell('there is nothing to take back');
    else change({ type: 'undo' });
  };

  useKeys(
    'fact',
    {
      pane: () => {
        if (focus === 'fact') setFocus('entries');
        else if (bench.edit) setFocus('fact');
        else enter(entry);
      },
      open: (key) => {
        if (focus === 'entries') enter(entry);
        else if (key === 'enter') setTyping({ row });
      },
      leave: () => {
        if (focus === 'fact') setFocus('entries');
        else closeRelation();
      },
      filter: () => {
        setFocus('entries');
        setTyping('search');
      },
      add: () => focus === 'fact' && setTyping({ row: rows.length - 1 }),
      remove,
      undo,
      next: locate,
    },
    listening,
  );
  const back = () => (focus === 'fact' ? setFocus('entries') : closeRelation());
  useKeys('everywhere', { back }, listening && !work);
  function closeRelation() {
    setRelation(undefined);
    setSearch('');
    setAt(0);
  }

  if (!active) return null;
  const left = Math.min(48, Math.max(28, Math.floor(width * 0.3)));
  const right = width - left - 3;
  return (
    <Box>
      <Pane
        title={relation ?? 'facts and edits'}
        note={`${entries.length === 0 ? 0 : at + 1}/${entries.length}`}
        active={focus === 'entries'}
        width={left}
      >
        <List
          rows={entries.map(({ label, note }) => entryLine(label, note, left - 2))}
          cursor={at}
          active={focus === 'entries'}
          width={left}
          height={height - 2 - (dropping ? QUESTION_HEIGHT : 0)}
        />
        {dropping ? (
          <Question
            lines={[fitTo('Throw this draft away?', left)]}
            width={left}
            onAnswer={(yes) => {
              setDropping(undefined);
              if (!yes) return;
              dropDraft(dropping);
              change({ type: 'drop', draft: dropping });
            }}
          />
        ) : null}
        {typing === 'search' ? (
          <TextField
            label="search"
            value={search}
            width={left}
            onChange={(text) => {
              setSearch(text);
              setAt(0);
            }}
            onSubmit={() => setTyping(undefined)}
            onCancel={() => {
              setSearch('');
              setTyping(undefined);
            }}
          />
        ) : (
          <SearchLine search={search} width={left} />
        )}
      </Pane>
      <Divider height={height} />
      <Box flexDirection="column" width={right} height={height}>
        <FactView
          opened={focus === 'fact' && bench.edit ? { edit: bench.edit } : opened}
          answers={answers}
          row={focus === 'fact' ? row : undefined}
          width={right}
          height={typing !== undefined && typing !== 'search' ? height - 1 : height}
        />
        {typing === 'path' ? (
          <TextField label="path" width={right} onSubmit={openPath} onCancel={() => setTyping(undefined)} />
        ) : null}
        {typeof typing === 'object' ? (
          <TextField
            label={FIELDS[typing.row] ?? 'prompt'}
            value={bench.edit ? textOf(bench.edit.fact, typing.row) : ''}
            width={right}
            takesLines={typing.row >= FIELDS.length}
            onSubmit={(text) => submitRow(typing.row, text)}
            onCancel={() => setTyping(undefined)}
          />
        ) : null}
      </Box>
    </Box>
  );
}

const NO_FACTS: readonly never[] = [];
/** Lines of the question: a rule, what is asked, and the answers. */
const QUESTION_HEIGHT = 3;

function isUnusable(asked: Asked | undefined): boolean {
  return asked !== undefined && 'problem' in asked;
}

function entryLine(label: string, note: string, width: number): string {
  const room = Math.min(note.length, Math.floor(width / 2));
  return note === ''
    ? fitTo(label, width)
    : `${fitTo(label, width - room - 1)} ${fitTo(note, room, 'right')}`;
}

function SearchLine({ search, width }: { search: string; width: number }) {
  const { style } = useDesk();
  return <Text wrap="truncate">{search === '' ? ' ' : style.dim(fitTo(`/ ${search}`, width))}</Text>;
}

/** What a line of the fact says, as it is typed. */
function textOf(fact: Fact, row: number): string {
  const field = FIELDS[row];
  if (field === 'object') return typeof fact.object === 'string' ? fact.object : targetText(fact.object);
  return field ? fact[field] : (fact.prompts[row - FIELDS.length] ?? '');
}

/** The fact with another text in one line. Several prompts come when several lines were pasted; none when it is empty. */
function withRow(fact: Fact, row: number, text: string): Fact {
  const field = FIELDS[row];
  if (field === 'subject') {
    const prompts = fact.prompts.map((prompt) => prompt.replaceAll('[X]', () => text.trim() || '[X]'));
    return { ...fact, subject: text.trim(), prompts };
  }
  if (field) return { ...fact, [field]: text.trim() };
  const typed = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const at = row - FIELDS.length;
  return { ...fact, prompts: [...fact.prompts.slice(0, at), ...typed, ...fact.prompts.slice(at + 1)] };
}
