// SPDX-License-Identifier: Apache-2.0
// Clouds of points and their fronts, to hover, filter and click.
'use strict';
(() => {
  const lw = lanewise;
  const { el } = lw;
  // Beyond so many points a drawing has one shape per colour instead of one per point: thousands of elements make a browser slow.
  const kElements = 3000;

  // What no other row beats in both: along x, by `better` of two values.
  lw.frontOf = (rows, x, y, moreX, moreY) => {
    const sorted = d3.sort(
      rows,
      (row) => (moreX ? -x(row) : x(row)),
      (row) => (moreY ? -y(row) : y(row)),
    );
    const front = [];
    let best = null;
    for (const row of sorted) {
      if (best != null && !(moreY ? y(row) > best : y(row) < best)) continue;
      best = y(row);
      front.push(row);
    }
    return front;
  };

  // Points as a mark of Plot's: circles, or one path per colour where they are many.
  const dots = (rows, x, y, color, big, hollow) => (index, scales, values, dimensions, context) => {
    const group = lw.svg('g', { class: 'dots', 'data-marks': rows.length });
    const place = (row) => [scales.x(x(row)), scales.y(y(row))];
    if (rows.length <= kElements) {
      for (const row of rows) {
        const [cx, cy] = place(row);
        const ring = hollow(row);
        group.append(
          lw.svg('circle', {
            cx: cx.toFixed(2),
            cy: cy.toFixed(2),
            r: big(row) ? 5.5 : 3.4,
            fill: ring ? 'var(--ground)' : color(row),
            stroke: ring ? color(row) : 'var(--ground)',
            'stroke-width': ring ? 2 : 0.8,
            'fill-opacity': big(row) || ring ? 1 : 0.75,
          }),
        );
      }
    } else {
      for (const [fill, some] of d3.group(
        d3.sort(rows, (row) => (big(row) ? 1 : 0)),
        (row) => color(row),
      )) {
        for (const [r, kind] of [
          [1.8, some.filter((row) => !big(row))],
          [4.5, some.filter(big)],
        ]) {
          if (kind.length === 0) continue;
          const path = kind
            .map((row) => {
              const [cx, cy] = place(row);
              return `M${(cx - r).toFixed(1)},${cy.toFixed(1)}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
            })
            .join('');
          group.append(lw.svg('path', { d: path, fill, 'fill-opacity': r > 2 ? 1 : 0.6, stroke: r > 2 ? 'var(--ground)' : null }));
        }
      }
    }
    return group;
  };

  // `metrics`: names that the axes choose from; `value(row, name)`; `x`, `y`: those at first. `groups`: [{name, title, of(row)}] that colour the
  // points and are switched off one by one. `front(row)`: whether the answer itself marks it; `hollow(row)`. `lines`, `columns`, `pick` as of
  // lw.figure. `marks({x, y})`: further marks of Plot's, below the points. `limits`: [{metric, bound, text}], drawn where an axis has the metric.
  // `counts(row)`: whether it may be on the dotted front; `apart(row)`: rows of different values have fronts of their own. `filters`: [{title, of(row)}]: a choice of one value each. `changed(rows)`: told what is shown.
  lw.front = ({
    title,
    note,
    rows,
    metrics,
    value,
    x,
    y,
    groups,
    front = () => false,
    hollow = () => false,
    lines,
    columns,
    pick,
    marks = () => [],
    limits = [],
    counts = () => true,
    apart = () => '',
    filters = [],
    changed = () => {},
    frontName = 'marked as Pareto-optimal by the answer',
    colors = null,
  }) => {
    const state = { x, y, group: groups[0], log: false, only: false, off: new Set(), chosen: new Map(), colors: new Map() };
    const legendPlace = el('div');
    const visible = () =>
      rows.filter(
        (row) =>
          !state.off.has(state.group.of(row)) &&
          (!state.only || front(row)) &&
          filters.every((filter) => !state.chosen.get(filter) || filter.of(row) === state.chosen.get(filter)) &&
          Number.isFinite(value(row, state.x)) &&
          Number.isFinite(value(row, state.y)),
      );
    const color = (row) => state.colors.get(state.group.of(row)) ?? 'var(--r-other)';
    const update = () => {
      figure.draw();
      count.textContent = `${lw.fixed(visible().length)} of ${lw.fixed(rows.length)} shown`;
      changed(visible());
    };
    const regroup = () => {
      const names = d3
        .sort(new Set(rows.map(state.group.of)), (name) => name)
        .sort((a, b) => String(a).localeCompare(String(b), 'en', { numeric: true }));
      state.off = new Set();
      state.colors = new Map(
        names.map((name, index) => [
          name,
          colors?.(name) ??
            (names.length > 10 && state.group.number
              ? `color-mix(in oklab, var(--c0), var(--c1) ${Math.round((100 * index) / (names.length - 1))}%)`
              : lw.color(index)),
        ]),
      );
      legendPlace.replaceChildren(
        names.length > 24
          ? el('p', { class: 'muted' }, `${names.length} values of ${state.group.title}, coloured in order`)
          : lw.legend(
              names.map((name) => ({ name, text: String(name), color: state.colors.get(name) })),
              { toggles: state.off, changed: update, label: `${state.group.title}: what is shown` },
            ),
      );
    };
    const count = el('span', { class: 'muted count' });
    const flag = (text, key) => {
      const button = el(
        'button',
        {
          type: 'button',
          'aria-pressed': 'false',
          onclick: () => {
            state[key] = !state[key];
            button.setAttribute('aria-pressed', String(state[key]));
            update();
          },
        },
        text,
      );
      return button;
    };
    const options = metrics.map((name) => [name, lw.titled(name)]);
    const controls = [
      lw.select('Horizontal', options, x, (name) => {
        state.x = name;
        update();
      }),
      lw.select('Vertical', options, y, (name) => {
        state.y = name;
        update();
      }),
      groups.length > 1
        ? lw.select(
            'Colour',
            groups.map((group, index) => [index, group.title]),
            0,
            (index) => {
              state.group = groups[index];
              regroup();
              update();
            },
          )
        : null,
      ...filters.map((filter) =>
        lw.select(filter.title, [['', 'all'], ...[...new Set(rows.map(filter.of))].map((name) => [name, name])], '', (name) => {
          state.chosen.set(filter, name);
          update();
        }),
      ),
      flag('Logarithmic', 'log'),
      rows.some(front) ? flag('Only the front', 'only') : null,
      count,
    ];
    const figure = lw.figure({
      title,
      note,
      lines,
      pick,
      columns,
      rows: visible,
      controls,
      legend: legendPlace,
      draw(width) {
        const shown = visible();
        const of = { x: (row) => value(row, state.x), y: (row) => value(row, state.y) };
        const axis = (name, axisName) => ({
          label: lw.titled(name),
          labelAnchor: 'center',
          grid: true,
          nice: true,
          type: state.log ? 'log' : 'linear',
          tickFormat: state.log ? lw.number : name.includes('bytes') || ['macs', 'parameters', 'latency_cycles'].includes(name) ? '~s' : undefined,
          domain: domain(shown, of[axisName], state.log),
          ticks: axisName === 'x' && width < 520 ? 4 : 6,
        });
        const fronts = [...d3.group(shown.filter(counts), apart).values()]
          .map((some) => lw.frontOf(some, of.x, of.y, lw.quantity(state.x).more, lw.quantity(state.y).more))
          .filter((line) => line.length > 1);
        const drawn = limits.flatMap(({ metric, bound, text }) =>
          metric === state.x
            ? [
                Plot.ruleX([bound], { stroke: 'var(--bad)', strokeDasharray: '5,4' }),
                Plot.text([text], { x: bound, frameAnchor: 'top', dx: 5, textAnchor: 'start', fill: 'var(--bad)' }),
              ]
            : metric === state.y
              ? [
                  Plot.ruleY([bound], { stroke: 'var(--bad)', strokeDasharray: '5,4' }),
                  Plot.text([text], { y: bound, frameAnchor: 'right', dy: -8, textAnchor: 'end', fill: 'var(--bad)' }),
                ]
              : [],
        );
        const svg = lw.plot(width, {
          height: Math.round(Math.min(480, Math.max(300, width * 0.52))),
          marginLeft: 74,
          x: axis(state.x, 'x'),
          y: axis(state.y, 'y'),
          marks: [
            ...drawn,
            ...marks({ x: state.x, y: state.y, shown, of }),
            ...fronts.map((line) =>
              Plot.line(line, {
                x: of.x,
                y: of.y,
                curve: lw.quantity(state.x).more === lw.quantity(state.y).more ? 'step-after' : 'step-before',
                stroke: 'var(--muted)',
                strokeDasharray: '2,3',
              }),
            ),
            dots(shown, of.x, of.y, color, front, hollow),
          ],
        });
        const sx = svg.scaleOf('x'),
          sy = svg.scaleOf('y');
        return { svg, points: shown.map((row) => ({ x: sx.apply(of.x(row)), y: sy.apply(of.y(row)), row })) };
      },
    });
    regroup();
    count.textContent = `${lw.fixed(visible().length)} of ${lw.fixed(rows.length)} shown`;
    if (rows.some(front))
      figure.querySelector('.note')?.append(` Large points: ${frontName}. Dotted: what nothing shown beats in both, limits kept.`);
    return figure;
  };

  // Room around the values; a logarithm wants them positive.
  const domain = (rows, of, log) => {
    const values = rows.map(of).filter((v) => Number.isFinite(v) && (!log || v > 0));
    if (values.length === 0) return [1, 10];
    const [low, high] = d3.extent(values);
    if (log) return [low / 1.15, high * 1.15];
    const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
    return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
  };
  lw.domain = domain;

  // Predicted against what was found to be so, on the diagonal where they agree. `truth`, `guess`: values of a row.
  lw.agreement = ({ title, note, rows, truth, guess, truthTitle, guessTitle, unit, group, low, high, lines, columns, pick = null }) => {
    const names = [...new Set(rows.map(group))];
    const colors = new Map(names.map((name, index) => [name, lw.color(index)]));
    const off = new Set();
    const shown = () => rows.filter((row) => !off.has(group(row)) && truth(row) > 0 && guess(row) > 0);
    const figure = lw.figure({
      title,
      note,
      lines,
      columns,
      rows: shown,
      pick,
      legend:
        names.length > 1 || names[0]
          ? lw.legend(
              names.map((name) => ({ name, text: String(name), color: colors.get(name) })),
              { toggles: off, changed: () => figure.draw() },
            )
          : null,
      draw(width) {
        const all = shown();
        const [least, most] = d3.extent([...all.map(truth), ...all.map(guess)]);
        // One decade or less is drawn evenly.
        const log = most / least > 20;
        const range =
          all.length === 0
            ? [1, 10]
            : log
              ? [least / 1.2, most * 1.2]
              : [Math.max(0, least - (most - least || most) * 0.06), most + (most - least || most) * 0.06];
        const axis = (label) => ({
          type: log ? 'log' : 'linear',
          domain: range,
          label,
          labelAnchor: 'center',
          grid: true,
          tickFormat: (v) => (log && !/^1/.test(String(v)) ? '' : d3.format('~s')(v)),
          ticks: 6,
        });
        const svg = lw.plot(width, {
          height: Math.round(Math.min(460, width)),
          marginLeft: 72,
          x: axis(`${truthTitle}, ${unit}`),
          y: axis(`${guessTitle}, ${unit}`),
          marks: [
            Plot.line(
              [
                [range[0], range[0]],
                [range[1], range[1]],
              ],
              { stroke: 'var(--muted)' },
            ),
            ...(low
              ? [
                  Plot.ruleX(
                    all.filter((row) => low(row) != null),
                    { x: truth, y1: low, y2: high, stroke: (row) => colors.get(group(row)), strokeOpacity: 0.6, strokeWidth: 1.5 },
                  ),
                ]
              : []),
            dots(
              all,
              truth,
              guess,
              (row) => colors.get(group(row)),
              () => false,
              () => false,
            ),
          ],
          color: { type: 'identity' },
        });
        const sx = svg.scaleOf('x'),
          sy = svg.scaleOf('y');
        return { svg, points: all.map((row) => ({ x: sx.apply(truth(row)), y: sy.apply(guess(row)), row })) };
      },
    });
    return figure;
  };
})();
