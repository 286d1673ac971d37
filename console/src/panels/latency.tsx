import {duration, words} from '../format';
import type {Latency} from '../latency';
import {kLatencySeconds} from '../store';

/** How long the stages of a message take, beside each other: where the time goes. */
export function LatencyStrip({latencies}: {latencies: Latency[]}) {
  return (
    <section className="latency" aria-label="Latency">
      <h2>
        Latency, last {kLatencySeconds} s <small>p50 / p99</small>
      </h2>
      <dl>
        {latencies.map((each) => (
          <div key={each.stage} title={`${each.count} messages`}>
            <dt>{words(each.stage)}</dt>
            <dd>{each.count === 0 ? '–' : `${duration(each.p50)} / ${duration(each.p99)}`}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
