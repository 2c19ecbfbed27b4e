import { copyText } from '../../copy-text.js'
import { formatClock, formatExact } from '../../format.js'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { type Span, spansOf } from './ansi.js'
import type { OutputRow } from './output-buffer.js'
import { markSpans } from './output-search.js'

const text = strings.output

/** One line: what stream it came on, its text in its colours, and its time, which copies it, under the pointer. */
export function OutputLineRow({ row, query, inOrder }: { row: OutputRow; query: string; inOrder: boolean }) {
  const { stream, time } = row.line
  const clock = formatClock(time)
  return (
    <td className={`output-line ${stream}`}>
      <span className="output-stream" aria-hidden="true">
        {stream === 'stderr' && text.stderrShort}
        {stream === 'portico' && text.noteShort}
      </span>
      <span className="output-text">
        {stream === 'stderr' && <span className="hidden-text">{text.stderr}</span>}
        {stream === 'portico' && <span className="hidden-text">{text.note}</span>}
        <Text row={row} query={query} />
      </span>
      <button
        type="button"
        className="output-time"
        tabIndex={inOrder ? 0 : -1}
        aria-label={text.copyLine(clock)}
        title={formatExact(time)}
        onClick={() => void copyText(row.plain)}
      >
        {clock}
      </button>
    </td>
  )
}

function Text({ row, query }: { row: OutputRow; query: string }) {
  const spans = drawn(row)
  if (query === '' && spans.length === 1 && spans[0]?.className === '') return spans[0].text
  return numbered(markSpans(spans, query)).map(({ item, number }) => {
    const look = { className: item.className, style: styleOf(item) }
    return item.hit ? (
      <mark key={number} {...look}>
        {item.text}
      </mark>
    ) : (
      <span key={number} {...look}>
        {item.text}
      </span>
    )
  })
}

const known = new WeakMap<OutputRow, Span[]>()

function drawn(row: OutputRow): Span[] {
  const before = known.get(row)
  if (before !== undefined) return before
  const spans = spansOf(row.open, row.line.text)
  known.set(row, spans)
  return spans
}

/** Set by script on the element, which the content security policy allows. */
function styleOf({ color, ground }: Span): React.CSSProperties | undefined {
  if (color === null && ground === null) return undefined
  return { ['--ansi' as string]: color ?? undefined, ['--ansi-ground' as string]: ground ?? undefined }
}
