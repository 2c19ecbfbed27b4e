import type { BackendStatus } from '../../../shared/window-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { CutMiddle } from '../../components/cut-middle.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { formatExact, formatRelative } from '../../format.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { HealthMark } from '../apps/app-health.js'
import { HEALTHS } from '../apps/app-rows.js'
import { shortReason } from './backend-reason.js'

const titles = strings.backends.columns

/** What the list of backends shows of each. */
export const BACKEND_COLUMNS: readonly Column<BackendStatus>[] = [
  {
    key: 'url',
    title: titles.url,
    width: '24%',
    fixed: true,
    value: ({ url }) => url,
    cell: ({ url }) => (
      <span className="url">
        <code>
          <CutMiddle text={url} tail={6} />
        </code>
        <CopyButton text={url} what={url} />
      </span>
    ),
  },
  {
    key: 'health',
    title: titles.health,
    value: ({ health }) => HEALTHS.indexOf(health),
    cell: ({ app, health, reason }) => (
      <>
        <HealthMark health={health} />
        {reason !== null && (
          <div className="soft reason" title={reason}>
            {shortReason(app, reason)}
          </div>
        )}
      </>
    ),
  },
  {
    key: 'app',
    title: titles.app,
    width: '13%',
    value: ({ app }) => app,
    cell: ({ app }) => <AppLink name={app} />,
  },
  {
    key: 'route',
    title: titles.route,
    width: '9%',
    value: ({ route }) => route,
    cell: ({ route }) => <code>{route}</code>,
  },
  {
    key: 'since',
    title: titles.since,
    width: '104px',
    value: ({ since }) => since,
    cell: ({ since }) =>
      since !== null && (
        <span className="soft" title={formatExact(since)}>
          {formatRelative(since, Date.now())}
        </span>
      ),
  },
  {
    key: 'weight',
    title: titles.weight,
    width: '80px',
    number: true,
    wideOnly: true,
    value: ({ weight }) => weight,
    cell: ({ weight }) => <span className="soft">{weight}</span>,
  },
]

export function backendKey({ app, route, url }: BackendStatus): string {
  return `${app} ${route} ${url}`
}

/** What the filter of the backends looks through. */
export function backendText({ app, route, url, health, reason }: BackendStatus): string {
  return `${app} ${route} ${url} ${strings.health[health]} ${reason ?? ''}`
}

/** Leads to the app that a backend is of. */
function AppLink({ name }: { name: string }) {
  const { go, selectApp } = useUi()
  return (
    <button
      type="button"
      className="row-button"
      onClick={() => {
        selectApp(name)
        go('apps')
      }}
    >
      {name}
    </button>
  )
}
