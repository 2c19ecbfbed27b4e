import type { ExchangeEntry, Status } from '../../../shared/contract.js'
import type { ExchangeDetail } from '../../../shared/window-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { formatBytes, formatExact } from '../../format.js'
import { strings } from '../../strings.js'
import { ExchangeAttempts } from './exchange-attempts.js'
import { addressOf } from './exchange-details.js'
import { ExchangeNotes } from './exchange-notes.js'
import { wasReset } from './note-words.js'
import { StatusCode } from './status-code.js'
import { TimingBar } from './timing-bar.js'

const text = strings.exchange

/** The first tab: what was asked, where the time went, who answered, and how it was encrypted. */
export function ExchangeOverview({ entry, detail, status }: ExchangeOverviewProps) {
  const address = addressOf(entry, status)
  return (
    <>
      {entry.error !== null && (
        <div className="note bad">
          <strong>{text.error}</strong>
          <span>{entry.error}</span>
        </div>
      )}
      <ExchangeNotes notes={entry.notes ?? []} headers={detail?.responseHeaders ?? null} />
      <section>
        <h3>{text.timing}</h3>
        <TimingBar entry={entry} />
      </section>
      <section>
        <h3>{text.requestTab}</h3>
        <dl className="facts">
          <dt>{text.url}</dt>
          <dd>
            <span>{address}</span>
            <CopyButton text={address} what={address} />
          </dd>
          <dt>{text.status}</dt>
          <dd>
            <StatusCode entry={entry} />
            {entry.status === 0 && !wasReset(entry.notes) && <span className="soft">{text.clientGone}</span>}
          </dd>
          <Fact name={text.started} value={formatExact(entry.time)} />
          <Fact name={text.client} value={`${entry.client} (${entry.protocol})`} />
          <Fact name={text.sizes} value={`${formatBytes(entry.bytesOut)} / ${formatBytes(entry.bytesIn)}`} />
          <CopiedFact name={text.requestId} value={detail?.requestId ?? entry.id} />
          {detail !== null && detail.requestId !== entry.id && <CopiedFact name={text.id} value={entry.id} />}
          {detail !== null && detail.traceId !== null && <CopiedFact name={text.traceId} value={detail.traceId} />}
        </dl>
      </section>
      <section>
        <h3>{text.backend}</h3>
        <dl className="facts">
          <Fact name={text.app} value={entry.app ?? strings.requests.noApp} />
          {detail?.route && <Fact name={text.route} value={detail.route} mono />}
          {entry.backend !== null && <Fact name={text.backend} value={entry.backend} mono />}
        </dl>
        {detail !== null && detail.attempts.length > 0 && <ExchangeAttempts attempts={detail.attempts} />}
      </section>
      {detail !== null && <Tls tls={detail.tls} />}
    </>
  )
}

function Tls({ tls }: Pick<ExchangeDetail, 'tls'>) {
  return (
    <section>
      <h3>{text.tls}</h3>
      {tls === null ? (
        <p className="soft">{text.noTls}</p>
      ) : (
        <dl className="facts">
          <Fact name={text.protocol} value={tls.protocol} />
          <Fact name={text.cipher} value={tls.cipher} mono />
          {tls.alpn !== null && <Fact name={text.alpn} value={tls.alpn} mono />}
          {tls.serverName !== null && <Fact name={text.serverName} value={tls.serverName} mono />}
        </dl>
      )}
    </section>
  )
}

function CopiedFact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="mono">
        <span>{value}</span>
        <CopyButton text={value} what={name} />
      </dd>
    </>
  )
}

function Fact({ name, value, mono = false }: { name: string; value: string; mono?: boolean }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? 'mono' : undefined}>{value}</dd>
    </>
  )
}

interface ExchangeOverviewProps {
  entry: ExchangeEntry
  detail: ExchangeDetail | null
  status: Status | null
}
