import type { BackendStatus } from '../../../shared/window-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { CutMiddle } from '../../components/cut-middle.js'
import { Mark } from '../../components/mark.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { formatCount, formatExact, formatMs, formatRelative } from '../../format.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { HEALTHS } from '../apps/app-rows.js'
import { BackendHealth, BreakerState } from './backend-state.js'
import { DrainButton } from './drain-button.js'

const titles = strings.backends.columns

/** What the list of backends shows of each. */
export const BACKEND_COLUMNS: readonly Column<BackendStatus>[] = [
  {
    key: 'url',
    title: titles.url,
    width: '20%',
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
    cell: (backend) => <BackendHealth backend={backend} />,
  },
  {
    key: 'breaker',
    title: titles.breaker,
    width: '142px',
    value: ({ breaker }) => BREAKERS.indexOf(breaker),
    cell: (backend) => <BreakerState backend={backend} />,
  },
  {
    key: 'app',
    title: titles.app,
    width: '10%',
    value: ({ app }) => app,
    cell: ({ app }) => <AppLink name={app} />,
  },
  {
    key: 'route',
    title: titles.route,
    width: '8%',
    value: ({ route }) => route,
    cell: ({ route }) => <code>{route}</code>,
  },
  {
    key: 'check',
    title: titles.check,
    width: '124px',
    wideOnly: true,
    value: ({ check }) => check?.result ?? null,
    cell: ({ check }) =>
      check === null ? (
        <span className="faint">{strings.backends.noCheck}</span>
      ) : (
        <span title={strings.backends.checked(check.result, formatExact(check.at))}>
          <Mark shape={check.ok ? 'disc' : 'triangle'} tone={check.ok ? 'good' : 'bad'}>
            {check.result}
          </Mark>
          <div className="soft reason">
            {strings.backends.took(formatMs(check.ms), formatRelative(check.at, Date.now()))}
          </div>
        </span>
      ),
  },
  {
    key: 'inFlight',
    title: titles.inFlight,
    width: '76px',
    number: true,
    wideOnly: true,
    value: ({ inFlight }) => inFlight,
    cell: ({ inFlight }) => formatCount(inFlight),
  },
  {
    key: 'weight',
    title: titles.weight,
    width: '70px',
    number: true,
    wideOnly: true,
    value: ({ weight }) => weight,
    cell: ({ weight }) => <span className="soft">{weight}</span>,
  },
  {
    key: 'drain',
    title: titles.drain,
    width: '94px',
    value: ({ draining }) => (draining ? 0 : 1),
    cell: (backend) => <DrainButton backend={backend} />,
  },
]

/** From what keeps requests away to what does not. */
const BREAKERS = ['open', 'half-open', 'closed']

export function backendKey({ app, route, url }: BackendStatus): string {
  return `${app} ${route} ${url}`
}

/** What the filter of the backends looks through. */
export function backendText({ app, route, url, health, reason, breaker, draining }: BackendStatus): string {
  const words = [strings.health[health], strings.backends.breaker[breaker], draining ? strings.backends.draining : '']
  return [app, route, url, ...words, reason ?? ''].join(' ')
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
