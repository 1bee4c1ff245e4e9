// @ts-check
// Builds the tables of a page from the data beside them: each can be sorted by a column, and filtered by words. Text is
// only ever set as text.

(() => {
  /** Rows that are shown at first, and with every "more". */
  const STEP = 20;
  /** Rows from which a table can be filtered. */
  const MANY = 8;

  /** @typedef {string | [number | null, string]} Cell */
  /** @typedef {{ columns: { title: string, about?: string, number: boolean }[], rows: Cell[][] }} Data */

  /**
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} name
   * @param {Partial<HTMLElementTagNameMap[K]>} [properties]
   * @param {(Node | string)[]} [children]
   */
  const element = (name, properties = {}, children = []) => {
    const made = document.createElement(name);
    Object.assign(made, properties);
    made.append(...children);
    return made;
  };
  /** @param {Cell | undefined} cell */
  const textOf = (cell) => (typeof cell === 'string' ? cell : (cell?.[1] ?? ''));

  /** @param {Cell[]} a @param {Cell[]} b @param {number} column @param {number} direction */
  const compare = (a, b, column, direction) => {
    const [one, other] = [a[column], b[column]];
    if (typeof one !== 'object' || typeof other !== 'object') {
      return direction * textOf(one).localeCompare(textOf(other), 'en', { numeric: true });
    }
    // What has no value comes last either way.
    if (one[0] === null || other[0] === null) return Number(one[0] === null) - Number(other[0] === null);
    return direction * (one[0] - other[0]);
  };

  /** @param {HTMLElement} place */
  const build = (place) => {
    const source = place.querySelector('script');
    /** @type {Data} */
    const { columns, rows } = JSON.parse(source?.textContent ?? '{"columns":[],"rows":[]}');
    const title = place.dataset.title ?? '';
    const texts = rows.map((row) => row.map(textOf).join('\n').toLowerCase());
    let shown = STEP;
    let sorted = -1;
    let direction = 1;

    const filter = element('input', {
      type: 'search',
      placeholder: 'Filter: words, all of which must occur',
    });
    filter.setAttribute('aria-label', `Filter ${title}`);
    const count = element('span', { className: 'count' });
    count.setAttribute('role', 'status');
    const body = element('tbody');
    const more = element('button', { type: 'button', className: 'more' });

    const heads = columns.map(({ title: name, about, number }, i) => {
      const button = element('button', { type: 'button', textContent: name, title: about ?? '' });
      button.addEventListener('click', () => {
        // Numbers are first sorted from the largest.
        direction = sorted === i ? -direction : number ? -1 : 1;
        sorted = i;
        draw();
      });
      const head = element('th', { scope: 'col', className: number ? 'number' : '' }, [button]);
      head.setAttribute('aria-sort', 'none');
      return head;
    });

    const draw = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const order = rows.map((_, i) => i).filter((i) => words.every((word) => texts[i]?.includes(word)));
      if (sorted >= 0) {
        order.sort((a, b) => compare(rows[a] ?? [], rows[b] ?? [], sorted, direction) || a - b);
      }
      heads.forEach((head, i) => {
        head.setAttribute('aria-sort', i !== sorted ? 'none' : direction > 0 ? 'ascending' : 'descending');
      });
      body.replaceChildren(
        ...order.slice(0, shown).map((i) => {
          const cells = columns.map(({ number }, k) => {
            return element('td', { className: number ? 'number' : '', textContent: textOf(rows[i]?.[k]) });
          });
          return element('tr', {}, cells);
        }),
      );
      const left = order.length - shown;
      more.hidden = left <= 0;
      more.textContent = `Show ${Math.min(left, 10 * STEP)} more`;
      const all = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
      count.textContent = words.length > 0 ? `${order.length} of ${all}` : all;
    };

    filter.addEventListener('input', () => {
      shown = STEP;
      draw();
    });
    more.addEventListener('click', () => {
      shown += 10 * STEP;
      draw();
    });
    const caption = element('caption', { textContent: title });
    const table = element('table', {}, [caption, element('thead', {}, [element('tr', {}, heads)]), body]);
    const tools = element('div', { className: 'tools' }, rows.length > MANY ? [filter, count] : []);
    const scroll = element('div', { className: 'scroll', tabIndex: 0 }, [table]);
    scroll.setAttribute('role', 'region');
    scroll.setAttribute('aria-label', title);
    place.replaceChildren(tools, scroll, more);
    draw();
  };

  for (const place of document.querySelectorAll('.table')) {
    if (place instanceof HTMLElement) build(place);
  }
})();
