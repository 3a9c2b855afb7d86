// SPDX-License-Identifier: Apache-2.0
// Tables: sorted by their headings, long ones in part until a person asks for all. Every drawing has one behind it.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  // Rows that a table shows unasked.
  const kShown = 60;

  // A column of a quantity: its value is row[name] or what `of` gives.
  lw.column = (name, of = (row) => row[name], title = null) => {
    const { title: usual, unit, write } = lw.quantity(name);
    return { title: title ?? usual, unit, value: of, text: (row) => write(of(row)), number: true };
  };
  lw.text = (title, value, text = value) => ({ title, value, text, number: false });
  lw.numbers = (title, unit, value, write = lw.number) => ({ title, unit, value, text: (row) => write(value(row)), number: true });

  const compare = (a, b) => {
    if (a == null || b == null) return (a == null) - (b == null);
    return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
  };

  // `columns`: {title, unit, value(row), text(row), number}. `pick(row)`: what a click on a row does. `shown`: rows at first. Gives the element;
  // `element.show(rows)` shows others, `element.mark(row)` marks one.
  lw.table = (columns, rows, { caption = '', pick = null, shown = kShown } = {}) => {
    let sorted = rows,
      order = null,
      descending = false,
      all = false,
      marked = null;
    const body = el('tbody'),
      more = el('p', { class: 'more' });
    const heads = columns.map((column, index) =>
      el(
        'th',
        { class: column.number ? 'n' : null, scope: 'col' },
        el(
          'button',
          {
            type: 'button',
            onclick: () => {
              descending = order === index ? !descending : false;
              order = index;
              sort();
              fill();
            },
          },
          column.title,
          column.unit ? el('span', { class: 'unit' }, column.unit) : null,
        ),
      ),
    );
    const sort = () => {
      sorted =
        order == null
          ? rows
          : rows.slice().sort((a, b) => {
              const first = columns[order].value(a),
                second = columns[order].value(b);
              // What is not known comes last, whichever way the others go.
              if (first == null || second == null) return compare(first, second);
              return descending ? compare(second, first) : compare(first, second);
            });
      heads.forEach((head, index) => {
        if (index === order) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
      });
    };
    const fill = () => {
      const visible = all ? sorted : sorted.slice(0, shown);
      body.replaceChildren(
        ...visible.map((row) => {
          const line = el(
            'tr',
            { class: row === marked ? 'on' : null, onclick: pick ? () => pick(row) : null, style: pick ? 'cursor: pointer' : null },
            columns.map((column, index) => {
              const text = column.text(row) ?? lw.dash;
              // The first cell's button is how those without a mouse pick a row.
              return el(
                'td',
                { class: column.number ? 'n' : 't' },
                pick && index === 0 ? el('button', { type: 'button', class: 'link' }, text) : text,
              );
            }),
          );
          line.row = row;
          return line;
        }),
      );
      more.replaceChildren(
        ...(sorted.length > shown
          ? [
              `${lw.fixed(visible.length)} of ${lw.fixed(sorted.length)} rows. `,
              el(
                'button',
                {
                  type: 'button',
                  onclick: () => {
                    all = !all;
                    fill();
                  },
                },
                all ? `Show ${shown}` : 'Show all',
              ),
            ]
          : []),
      );
    };
    fill();
    const element = el(
      'div',
      { class: 'table' },
      el(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption || 'Table' },
        el('table', null, caption ? el('caption', null, caption) : null, el('thead', null, el('tr', null, heads)), body),
      ),
      more,
    );
    element.show = (others) => {
      rows = others;
      sort();
      fill();
    };
    element.mark = (row) => {
      marked = row;
      for (const line of body.children) line.classList.toggle('on', line.row === row);
    };
    return element;
  };

  // The table behind a drawing, made when it is first opened.
  lw.behind = (columns, rows, caption) => {
    const details = el(
      'details',
      {
        class: 'behind',
        ontoggle: () => {
          if (details.open && details.children.length === 1) details.append(lw.table(columns, rows(), { caption }));
        },
      },
      el('summary', null, 'Table of this drawing'),
    );
    return details;
  };

  // Names with their values.
  lw.list = (rows, caption = '') =>
    lw.table(
      [lw.text('Name', (row) => row[0]), { title: 'Value', value: (row) => row[1], text: (row) => row[1], number: false }],
      rows.filter((row) => row && row[1] != null && row[1] !== ''),
      { caption, shown: 200 },
    );

  // Rows of CSV as objects. The reader of the library that makes objects by itself makes them by a program it writes, which the page's policy refuses.
  lw.csv = (text) => {
    const [head, ...rows] = d3.csvParseRows(text);
    return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index]])));
  };

  // Any JSON value: an object as names and values, a list of objects as a table.
  lw.tree = (value, title = 'Answer') => {
    if (Array.isArray(value) && value.length > 0 && value.every((row) => row && typeof row === 'object' && !Array.isArray(row))) {
      const keys = [...new Set(value.flatMap((row) => Object.keys(row)))].filter((key) => value.some((row) => typeof row[key] !== 'object'));
      return lw.table(
        keys.map((key) => ({
          title: lw.words(key),
          value: (row) => row[key],
          number: value.some((row) => typeof row[key] === 'number'),
          text: (row) => (typeof row[key] === 'number' ? lw.number(row[key]) : row[key] == null ? lw.dash : String(row[key])),
        })),
        value,
        { caption: title },
      );
    }
    if (!value || typeof value !== 'object') return el('p', null, String(value));
    const plain = Object.entries(value).filter(([, inner]) => inner === null || typeof inner !== 'object');
    const deep = Object.entries(value).filter(([, inner]) => inner !== null && typeof inner === 'object');
    return el(
      'div',
      null,
      plain.length
        ? lw.list(
            plain.map(([key, inner]) => [lw.words(key), typeof inner === 'number' ? lw.number(inner) : String(inner)]),
            title,
          )
        : null,
      deep.map(([key, inner]) => el('details', null, el('summary', null, lw.words(key)), lw.tree(inner, lw.words(key)))),
    );
  };
})();
