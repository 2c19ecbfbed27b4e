import type { ShareStats } from '../../../shared/share-schemas.js'
import { formatBytes, formatCount, formatMs } from '../../format.js'
import { strings } from '../../strings.js'

const text = strings.share.figures

/** What has passed through a share so far. @param hasLatency whether there is a relay to be far from */
export function ShareFigures({ stats, hasLatency }: { stats: ShareStats; hasLatency: boolean }) {
  const { open, total, requests, bytesIn, bytesOut, latencyMs } = stats
  const figures: [name: string, figure: string][] = [
    [text.visitors, text.visitorsOf(formatCount(open), formatCount(total))],
    [text.requests, formatCount(requests)],
    [text.in, formatBytes(bytesIn)],
    [text.out, formatBytes(bytesOut)],
  ]
  if (hasLatency) figures.push([text.latency, latencyMs === null ? text.unknown : formatMs(latencyMs)])
  return (
    <dl className="share-figures">
      {figures.map(([name, figure]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  )
}
