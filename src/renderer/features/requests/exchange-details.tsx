import { Check, Terminal } from 'lucide-react'
import { useState } from 'react'
import type { ExchangeEntry, Status } from '../../../shared/contract.js'
import { httpsPortOf } from '../../../shared/https-port.js'
import type { ExchangeDetail } from '../../../shared/window-schemas.js'
import { DetailsPane } from '../../components/details-pane.js'
import { Skeleton } from '../../components/states.js'
import { Tabs } from '../../components/tabs.js'
import { copyText } from '../../copy-text.js'
import { useExchanges } from '../../stores/exchanges.js'
import { useStatus } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { asCurl } from './as-curl.js'
import { ExchangeOverview } from './exchange-overview.js'
import { HeaderList } from './header-list.js'
import { useExchangeDetail } from './use-exchange-detail.js'

const text = strings.exchange
const TABS = ['overview', 'request', 'response'] as const
const TAB_NAMES = { overview: text.overview, request: text.requestTab, response: text.responseTab }

/** One exchange in full: timing, both header sets, backend and attempts, TLS; and as a curl command. */
export function ExchangeDetails({ entry }: { entry: ExchangeEntry }) {
  const select = useExchanges((state) => state.select)
  const status = useStatus().data
  const { detail, fault } = useExchangeDetail(entry.id)
  const [tab, setTab] = useState<(typeof TABS)[number]>('overview')
  const title = text.title(entry.method, entry.path)
  return (
    <DetailsPane
      title={title}
      label={title}
      onClose={() => select(null)}
      tabs={<Tabs tabs={TABS} names={TAB_NAMES} selected={tab} onSelect={setTab} />}
    >
      {tab === 'overview' && (
        <>
          <div className="tools">
            <CurlButton command={curlOf(entry, detail ?? null, status)} />
          </div>
          <ExchangeOverview entry={entry} detail={detail ?? null} status={status} />
        </>
      )}
      {tab !== 'overview' && detail === undefined && fault === null && <Skeleton />}
      {fault !== null && <p className="bad">{fault.message}</p>}
      {detail === null && <p className="soft">{text.notKept}</p>}
      {tab === 'request' && detail && <Fields headers={detail.requestHeaders} trailers={detail.requestTrailers} />}
      {tab === 'response' && detail && <Fields headers={detail.responseHeaders} trailers={detail.responseTrailers} />}
    </DetailsPane>
  )
}

/** What stood before a body, and what came behind it. */
function Fields({ headers, trailers }: { headers: FieldPairs | null; trailers: FieldPairs }) {
  return (
    <>
      <HeaderList headers={headers} />
      {trailers.length > 0 && (
        <section aria-label={text.trailers}>
          <h3>{text.trailers}</h3>
          <HeaderList headers={trailers} />
        </section>
      )}
    </>
  )
}

function CurlButton({ command }: { command: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <button
      type="button"
      className="button small"
      title={command}
      onClick={() => void copyText(command).then(() => setCopied(true))}
    >
      {copied ? <Check className="icon good" /> : <Terminal className="icon" />}
      {copied ? strings.actions.copied : strings.actions.copyAsCurl}
    </button>
  )
}

function curlOf(entry: ExchangeEntry, detail: ExchangeDetail | null, status: Status | null): string {
  return asCurl({
    method: entry.method,
    url: addressOf(entry, status),
    headers: detail?.requestHeaders ?? [],
    caFile: status?.caFile ?? null,
  })
}

/** The address that the client asked for. */
export function addressOf(entry: ExchangeEntry, status: Status | null): string {
  const port = httpsPortOf(status?.listeners ?? []) ?? 443
  return `https://${entry.host}${port === 443 ? '' : `:${port}`}${entry.path}`
}

type FieldPairs = ExchangeDetail['requestHeaders']
