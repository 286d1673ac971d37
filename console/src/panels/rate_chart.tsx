import {useEffect, useRef} from 'react';
import UPlot from 'uplot';
import type {Rates} from '../store';

const kHeight = 58;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function data(rates: Rates): UPlot.AlignedData {
  return [rates.seconds, rates.orders, rates.executions];
}

/** Orders and executions by second, of the last two minutes. */
export function RateChart({rates}: {rates: Rates}) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);

  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const axis = {stroke: () => colour('--muted'), grid: {stroke: () => colour('--line'), width: 1}, ticks: {show: false}, font: '10px system-ui'};
    const plot = new UPlot(
      {
        width: element.clientWidth,
        height: kHeight,
        legend: {show: false},
        cursor: {show: false},
        padding: [9, 4, 0, 0],
        scales: {x: {time: true}, y: {range: (_, __, max) => [0, Math.max(5, max)]}},
        axes: [
          {...axis, size: 16, gap: 2, space: 90},
          {...axis, size: 34, gap: 4, space: 22},
        ],
        series: [
          {},
          {label: 'orders', stroke: () => colour('--accent'), width: 1.25, points: {show: false}},
          {label: 'executions', stroke: () => colour('--good'), width: 1.25, points: {show: false}},
        ],
      },
      data(rates),
      element,
    );
    chart.current = plot;
    const watcher = new ResizeObserver(() => plot.setSize({width: element.clientWidth, height: kHeight}));
    watcher.observe(element);
    const themes = new MutationObserver(() => plot.redraw());
    themes.observe(document.documentElement, {attributeFilter: ['data-theme']});
    return () => {
      watcher.disconnect();
      themes.disconnect();
      plot.destroy();
      chart.current = null;
    };
    // The chart is made once; new data goes in below.
  }, []);

  useEffect(() => chart.current?.setData(data(rates)), [rates]);

  const last = rates.seconds.length - 1;
  return (
    <figure className="rates">
      <figcaption>
        <span className="orders">
          <b>{rates.orders[last]}</b> orders/s
        </span>
        <span className="executions">
          <b>{rates.executions[last]}</b> executions/s
        </span>
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  );
}
